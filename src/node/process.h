// What /proc tells of processes, and starting one again as it was. Only processes that descend from
// us are ours: the program is their subreaper, so orphans come to us instead of leaving the tree.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raykeep::node {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = 0;           // R, S, D, T, Z, ... as in proc(5)
  std::uint64_t start = 0;  // clock ticks since boot: with the pid, who it is
  std::string name = {};    // at most 15 characters
  int threads = 1;          // of a zombie: those that have not ended yet, and it

  /// A process whose first thread has ended is a zombie while its other threads still end, and may
  /// still write.
  bool is_alive() const { return state != 'X' && (state != 'Z' || threads > 1); }
  bool is_stopped() const { return state == 'T'; }
  bool same_as(const Process& other) const { return pid == other.pid && start == other.start; }
};

/// Parses /proc/PID/stat, whose second field may hold anything, parentheses and spaces included.
std::optional<Process> parse_stat(std::string_view text);

/// Nothing when there is no such process.
std::optional<Process> read_process(pid_t pid);

std::vector<Process> all_processes();

/// Those below `root`, parents before children. Zombies are included.
std::vector<Process> descendants(const std::vector<Process>& all, pid_t root);

/// Everything needed to start a process again as it was. May hold secrets (Ray puts them into
/// arguments and environments): never printed, never logged.
struct Kept {
  std::vector<std::string> argv = {};
  std::vector<std::string> environment = {};
  std::string directory = {};
  std::string output = {}, errors = {};  // files it appends to; empty: what we have ourselves
  std::optional<rlimit> files = {};      // RLIMIT_NOFILE: `ulimit -n` in the user's command
};

/// The command line, at most 4 MiB; empty for a process that is gone or a kernel's.
std::vector<std::string> read_argv(pid_t pid);

/// Nothing when the process is gone or may not be read.
std::optional<Kept> keep(pid_t pid);

/// Starts a program in a session of its own, with default signals and no file but 0, 1 and 2.
/// argv[0] is looked up in PATH unless it holds a slash. Throws Failure::invalid.
pid_t spawn(const Kept& program);

/// Our own environment and directory, for spawn().
Kept program_like_us(std::vector<std::string> argv);

struct Exit {
  pid_t pid = 0;
  int code = 0;  // 128 + n for signal n, as shells count
};

/// Every child that has ended. Never waits.
std::vector<Exit> reap();

/// Makes orphans of our children our own children (PR_SET_CHILD_SUBREAPER).
void become_subreaper();

}  // namespace raykeep::node
