#include "node/port_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/error.h"
#include "node/daemon.h"

namespace raykeep::node {
namespace {

/// The digits behind " name=" in a command that is one text; empty when there are none.
std::string number_in(std::string_view command, std::string_view name) {
  const std::string before = fmt::format(" {}=", name);
  const auto at = command.find(before);
  if (at == command.npos) return "";
  command.remove_prefix(at + before.size());
  const std::string_view word = command.substr(0, command.find(' '));
  const bool digits = word.size() <= 5 && word.find_first_not_of("0123456789") == word.npos;
  return digits ? std::string(word) : "";
}

}  // namespace

std::optional<PortFile> awaited_port_file(const std::vector<std::string>& raylet_argv) {
  const auto told = option(raylet_argv, "--dashboard_agent_listen_port");
  if (!told.empty() && told != "0") return {};
  const std::string port =
      number_in(option(raylet_argv, "--dashboard_agent_command"), "--listen-port");
  const std::string node = node_id_of(raylet_argv);
  const auto folder = option(raylet_argv, "--session_dir");
  if (port.empty() || port == "0" || node.empty() || !folder.starts_with('/')) return {};
  return PortFile{.path = fmt::format("{}/dashboard_agent_listen_port_{}", folder, node),
                  .text = port};
}

void write(const PortFile& file) {
  const auto fail = [&](int error) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("write {}: {}", file.path, std::strerror(error)));
  };
  // Ray reads it as soon as it is there, so it is there with all of its text.
  const std::string part = file.path + ".part";
  const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) fail(errno);
  const ssize_t written = ::write(fd, file.text.data(), file.text.size());
  const int problem = written < 0 ? errno : ENOSPC;
  close(fd);
  if (written != static_cast<ssize_t>(file.text.size())) {
    unlink(part.c_str());
    fail(problem);
  }
  // What the agent wrote itself is true, also where it could not listen and wrote -1.
  if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.path.c_str(), RENAME_NOREPLACE) == 0) return;
  const int error = errno;
  unlink(part.c_str());
  if (error != EEXIST) fail(error);
}

}  // namespace raykeep::node
