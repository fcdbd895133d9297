#include "node/census.h"

#include <unistd.h>

#include <algorithm>

namespace raykeep::node {

void Census::look(Entry& entry, const std::optional<Process>& now_seen, Instant now) {
  if (!entry.process) return;
  if (!now_seen || !now_seen->same_as(*entry.process) || !now_seen->is_alive()) {
    entry.process.reset();
    entry.first_seen.reset();
    entry.stopped_since.reset();
    return;
  }
  entry.process = now_seen;
  if (!now_seen->is_stopped())
    entry.stopped_since.reset();
  else if (!entry.stopped_since)
    entry.stopped_since = now;
}

void Census::glance(Instant now) {
  for (auto& entry : entries_) {
    if (entry.process) look(entry, read_process(entry.process->pid), now);
  }
}

void Census::scan(Instant now) {
  glance(now);
  auto all = descendants(all_processes(), getpid());
  std::erase_if(all, [](const Process& process) { return !process.is_alive(); });
  ours_ = std::move(all);
  for (const auto& process : ours_) {
    bool known = std::ranges::any_of(entries_, [&](const Entry& entry) {
      return entry.process && entry.process->same_as(process);
    });
    if (known) continue;
    auto daemon = daemon_of(read_argv(process.pid));
    // The first one counts: a child between fork and exec looks like its parent.
    if (daemon && !at(*daemon).process) adopt(*daemon, process, now);
  }
}

void Census::adopt(Daemon daemon, const Process& process, Instant now) {
  auto kept = keep(process.pid);
  // Between the two reads it may have become another program, or nothing.
  if (!kept || daemon_of(kept->argv) != daemon) return;
  auto& entry = at(daemon);
  entry.process = process;
  entry.first_seen = now;
  if (daemon == Daemon::gcs) storage_ = storage_of(kept->argv, kept->environment);
  if (daemon == Daemon::raylet) node_id_ = node_id_of(kept->argv);
  entry.kept = std::move(kept);
}

void Census::started(Daemon daemon, pid_t pid, Instant now) {
  auto& entry = at(daemon);
  entry.process = read_process(pid);
  entry.first_seen = now;
  entry.stopped_since.reset();
}

void Census::tell(Observed& seen) const {
  for (Daemon daemon : all_daemons) {
    const auto& entry = at(daemon);
    seen.of(daemon) = {.there = entry.process.has_value(),
                       .kept = entry.kept.has_value(),
                       .stopped_since = entry.stopped_since};
  }
  seen.storage = storage_;
  seen.processes = static_cast<int>(ours_.size());
  bool has_gcs = at(Daemon::gcs).process.has_value();
  seen.others = seen.processes - (has_gcs ? 1 : 0);
}

std::optional<Instant> Census::first_seen(Daemon daemon) const { return at(daemon).first_seen; }

std::optional<pid_t> Census::pid(Daemon daemon) const {
  const auto& process = at(daemon).process;
  return process ? std::optional(process->pid) : std::nullopt;
}

std::vector<pid_t> Census::to_terminate() const {
  std::vector<pid_t> out;
  auto raylet = pid(Daemon::raylet), gcs = pid(Daemon::gcs);
  auto with_raylet = raylet ? descendants(ours_, *raylet) : std::vector<Process>();
  for (const auto& process : ours_) {
    bool follows = std::ranges::any_of(
        with_raylet, [&](const Process& other) { return other.pid == process.pid; });
    if (!follows && process.pid != gcs) out.push_back(process.pid);
  }
  return out;
}

void Census::forget() {
  entries_ = {};
  ours_.clear();
  storage_ = Storage::unknown;
  node_id_.clear();
}

}  // namespace raykeep::node
