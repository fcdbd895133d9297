#include "node/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace raykeep::node {
namespace {

constexpr std::size_t most_bytes = 4u << 20;  // of a command line or an environment

/// A file of /proc, whole; empty when it cannot be read.
std::string read_whole(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::string out;
  char buffer[4096];
  for (;;) {
    auto count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || out.size() > most_bytes) break;
    out.append(buffer, static_cast<std::size_t>(count));
  }
  close(fd);
  return out;
}

std::string read_link(const std::string& path) {
  char target[4096];
  auto count = readlink(path.c_str(), target, sizeof target);
  return count > 0 ? std::string(target, static_cast<std::size_t>(count)) : "";
}

std::vector<std::string> strings_of(const std::string& bytes) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size();) {
    auto end = std::min(bytes.find('\0', at), bytes.size());
    out.push_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// The file behind a descriptor, if appending to it makes sense.
std::string log_file(pid_t pid, int fd) {
  auto target = read_link(fmt::format("/proc/{}/fd/{}", pid, fd));
  return target.starts_with('/') && !target.starts_with("/dev/") && !target.ends_with(" (deleted)")
             ? target
             : "";
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

/// Our own limit of open files, changed for a moment: posix_spawn has no means for the child's.
class FileLimit {
 public:
  explicit FileLimit(const std::optional<rlimit>& wanted) {
    if (!wanted || getrlimit(RLIMIT_NOFILE, &before_) != 0) return;
    rlimit changed{std::min(wanted->rlim_cur, before_.rlim_max), before_.rlim_max};
    changed_ = setrlimit(RLIMIT_NOFILE, &changed) == 0;
  }
  FileLimit(const FileLimit&) = delete;
  ~FileLimit() {
    if (changed_) setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  bool changed_ = false;
};

}  // namespace

std::optional<Process> parse_stat(std::string_view text) {
  auto open = text.find('('), close = text.rfind(") ");
  if (open == text.npos || close == text.npos || close < open) return std::nullopt;
  Process process;
  auto number = [](std::string_view word, auto& into) {
    return std::from_chars(word.data(), word.data() + word.size(), into).ec == std::errc();
  };
  process.name = std::string(text.substr(open + 1, close - open - 1));
  auto fields = split(text.substr(close + 2), ' ');  // the first is field 3 of proc(5)
  if (fields.size() < 20 || fields[0].size() != 1) return std::nullopt;
  process.state = fields[0][0];
  if (!number(text.substr(0, open), process.pid) || !number(fields[1], process.parent) ||
      !number(fields[17], process.threads) || !number(fields[19], process.start))
    return std::nullopt;
  return process;
}

std::optional<Process> read_process(pid_t pid) {
  return parse_stat(read_whole(fmt::format("/proc/{}/stat", pid)));
}

std::vector<Process> all_processes() {
  std::vector<Process> out;
  std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  while (proc) {
    const dirent* entry = readdir(proc.get());
    if (entry == nullptr) break;
    pid_t pid = 0;
    std::string_view name(entry->d_name);
    auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (failed != std::errc() || end != name.data() + name.size()) continue;
    if (auto process = read_process(pid)) out.push_back(std::move(*process));
  }
  return out;
}

std::vector<Process> descendants(const std::vector<Process>& all, pid_t root) {
  std::unordered_multimap<pid_t, const Process*> children;
  for (const auto& process : all) children.emplace(process.parent, &process);
  std::vector<Process> out;
  std::vector<pid_t> parents{root};
  for (std::size_t i = 0; i < parents.size() && parents.size() <= all.size() + 1; ++i) {
    auto [first, last] = children.equal_range(parents[i]);
    for (auto it = first; it != last; ++it) {
      if (it->second->pid == root) continue;
      out.push_back(*it->second);
      parents.push_back(it->second->pid);
    }
  }
  return out;
}

std::vector<std::string> read_argv(pid_t pid) {
  return strings_of(read_whole(fmt::format("/proc/{}/cmdline", pid)));
}

std::optional<Kept> keep(pid_t pid) {
  Kept kept;
  kept.argv = read_argv(pid);
  kept.environment = strings_of(read_whole(fmt::format("/proc/{}/environ", pid)));
  kept.directory = read_link(fmt::format("/proc/{}/cwd", pid));
  if (kept.argv.empty() || kept.environment.empty() || kept.directory.empty()) return std::nullopt;
  kept.output = log_file(pid, 1);
  kept.errors = log_file(pid, 2);
  rlimit files;
  if (prlimit(pid, RLIMIT_NOFILE, nullptr, &files) == 0) kept.files = files;
  return kept;
}

pid_t spawn(const Kept& program) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  constexpr int append = O_WRONLY | O_APPEND | O_CREAT;
  if (!program.output.empty())
    posix_spawn_file_actions_addopen(&actions, 1, program.output.c_str(), append, 0644);
  if (!program.errors.empty())
    posix_spawn_file_actions_addopen(&actions, 2, program.errors.c_str(), append, 0644);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // Asio's sockets are not close-on-exec
  if (!program.directory.empty())
    posix_spawn_file_actions_addchdir_np(&actions, program.directory.c_str());

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  auto argv = pointers(program.argv);
  auto environment = pointers(program.environment);
  pid_t pid = 0;
  int failed = 0;
  {
    FileLimit limit(program.files);
    failed = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environment.data());
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("start {}: {}", quoted(program.argv[0]), std::strerror(failed)));
  }
  return pid;
}

Kept program_like_us(std::vector<std::string> argv) {
  Kept program{.argv = std::move(argv)};
  for (char** entry = environ; *entry; ++entry) program.environment.emplace_back(*entry);
  return program;
}

std::vector<Exit> reap() {
  std::vector<Exit> out;
  for (;;) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return out;
    out.push_back({pid, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)});
  }
}

void become_subreaper() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

}  // namespace raykeep::node
