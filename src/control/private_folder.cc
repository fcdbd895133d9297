#include "control/private_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"

namespace raykeep::control {

PrivateFolder::PrivateFolder(const std::string& parent, std::string_view prefix,
                             std::string_view advice)
    : path_(fmt::format("{}/{}XXXXXX", parent, prefix)) {
  std::error_code problem;
  std::filesystem::create_directories(parent, problem);
  if (problem || mkdtemp(path_.data()) == nullptr) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{}: {}{}", parent,
                              problem ? problem.message() : std::strerror(errno), advice));
  }
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string PrivateFolder::write(std::string_view name, std::string_view content) const {
  const std::string path = fmt::format("{}/{}", path_, name);
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool good = file >= 0;
  while (good && !content.empty()) {
    ssize_t wrote = ::write(file, content.data(), content.size());
    good = wrote > 0 || (wrote < 0 && errno == EINTR);
    if (wrote > 0) content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  int problem = errno;
  if (file >= 0) ::close(file);
  if (!good)
    throw Failure(Failure::Kind::invalid, fmt::format("{}: {}", path, std::strerror(problem)));
  return path;
}

}  // namespace raykeep::control
