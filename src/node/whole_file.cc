#include "node/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/error.h"

namespace raykeep::node {
namespace {

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw Failure(Failure::Kind::invalid, fmt::format("write {}: {}", path, std::strerror(error)));
}

}  // namespace

void write_whole_file(const std::string& path, const std::string& text, mode_t mode,
                      Existing existing) {
  const std::string part = path + ".part";
  unlink(part.c_str());
  const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) cannot_write(part, errno);
  const ssize_t written = write(fd, text.data(), text.size());
  const int problem = written < 0 ? errno : ENOSPC;
  close(fd);
  if (written != static_cast<ssize_t>(text.size())) {
    unlink(part.c_str());
    cannot_write(part, problem);
  }
  const unsigned flags = existing == Existing::keep ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), flags) == 0) return;
  const int error = errno;
  unlink(part.c_str());
  if (error != EEXIST || existing == Existing::replace) cannot_write(path, error);
}

}  // namespace raykeep::node
