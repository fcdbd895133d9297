#include "kube/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/watchdog.h"

namespace raykeep::kube {
namespace {

namespace asio = boost::asio;

/// Ends the child with its owner, whatever happens in between.
class Reaper {
 public:
  explicit Reaper(pid_t pid) : pid_(pid) {}
  Reaper(const Reaper&) = delete;
  ~Reaper() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// True when it has ended; then status() is set.
  bool poll() {
    if (pid_ <= 0) return true;
    auto result = waitpid(pid_, &status_, WNOHANG);
    if (result == 0 || (result < 0 && errno == EINTR)) return false;
    pid_ = 0;
    return true;
  }
  int status() const { return status_; }

 private:
  pid_t pid_;
  int status_ = 0;
};

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text(*entry);
    auto equals = text.find('=');
    if (equals != text.npos) all[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : extra) all[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// A file in memory with that text, to be read from its beginning; -1 for none.
int file_of(const std::string& text) {
  if (text.empty()) return -1;
  const int file = memfd_create("input", MFD_CLOEXEC);
  const bool written = file >= 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       lseek(file, 0, SEEK_SET) == 0;
  if (!written && file >= 0) close(file);
  return written ? file : -1;
}

/// The child's pid, or a negative errno.
pid_t spawn(const ChildProcess& child, int input, int output) {
  std::vector<std::string> argv_text{child.command};
  argv_text.insert(argv_text.end(), child.args.begin(), child.args.end());
  auto environment_text = environment_with(child.extra_environment);
  auto argv = pointers(argv_text);
  auto environment = pointers(environment_text);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!child.pass_stdin && input >= 0)
    posix_spawn_file_actions_adddup2(&actions, input, 0);
  else if (!child.pass_stdin)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // Asio's sockets are not close-on-exec

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  pid_t pid = 0;
  int failed = posix_spawnp(&pid, child.command.c_str(), &actions, &attributes, argv.data(),
                            environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed ? -failed : pid;
}

std::string describe(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (WIFEXITED(status)) return fmt::format("it ended with exit code {}", WEXITSTATUS(status));
  return fmt::format("it was ended by signal {}", WTERMSIG(status));
}

}  // namespace

asio::awaitable<ChildOutcome> run_child(asio::any_io_executor executor, ChildProcess child,
                                        Deadline until, const Clock& clock) {
  constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    co_return ChildOutcome{"", fmt::format("no pipe: {}", std::strerror(errno))};
  asio::posix::stream_descriptor pipe(executor, ends[0]);
  const int input = file_of(child.input);
  auto pid = spawn(child, input, ends[1]);
  if (input >= 0) close(input);
  ::close(ends[1]);
  if (pid == -ENOENT) co_return ChildOutcome{"", "it is not installed, or not in PATH"};
  if (pid < 0)
    co_return ChildOutcome{"", fmt::format("it cannot be started: {}", std::strerror(-pid))};
  Reaper reaper(pid);

  ChildOutcome outcome;
  net::Watchdog watchdog(executor, clock, until, [&pipe] { pipe.close(); });
  std::string buffer(16 * 1024, '\0');
  for (;;) {
    auto [failed, count] = co_await pipe.async_read_some(asio::buffer(buffer), as_result);
    outcome.output.append(buffer, 0, count);
    if (watchdog.bit()) co_return ChildOutcome{"", "it did not finish in time"};
    if (outcome.output.size() > child.most_output)
      co_return ChildOutcome{"", "it prints without end"};
    if (failed) break;
  }
  // It closed its output and ends any moment. No SIGCHLD handler: those belong to main, and pidfd
  // needs Linux 5.3.
  asio::steady_timer soon(executor);
  while (!reaper.poll()) {
    if (until.passed(clock)) co_return ChildOutcome{"", "it did not finish in time"};
    soon.expires_after(std::chrono::milliseconds(2));
    co_await soon.async_wait(as_result);
  }
  outcome.problem = describe(reaper.status());
  co_return outcome;
}

bool stdin_is_terminal() { return isatty(STDIN_FILENO) == 1; }

}  // namespace raykeep::kube
