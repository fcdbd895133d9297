// Which of Ray's processes are there, followed from moment to moment, with everything that is
// needed to start one of them again.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "node/observed.h"
#include "node/process.h"

namespace raykeep::node {

class Census {
 public:
  /// Looks at every process that descends from us. Needed while things come and go.
  void scan(Instant now);

  /// Looks at the known daemons only: a few reads of /proc.
  void glance(Instant now);

  /// Puts what was seen into `seen`: daemons, processes, others, storage.
  void tell(Observed& seen) const;

  /// As it was when it was last there. Requires: Observed::of(daemon).kept.
  const Kept& kept(Daemon daemon) const { return *at(daemon).kept; }

  /// We started this process as that daemon.
  void started(Daemon daemon, pid_t pid, Instant now);

  /// When the process that is now that daemon was first seen; nothing when there is none.
  std::optional<Instant> first_seen(Daemon daemon) const;
  std::optional<pid_t> pid(Daemon daemon) const;

  /// The raylet's node id; empty when unknown.
  const std::string& node_id() const { return node_id_; }

  /// As of the latest scan. Zombies are left out.
  const std::vector<Process>& ours() const { return ours_; }

  /// Whom SIGTERM is for when all is to end: everything but the GCS, which is last, and what the
  /// raylet takes with it.
  std::vector<pid_t> to_terminate() const;

  /// Forgets what belonged to an earlier life of Ray.
  void forget();

 private:
  struct Entry {
    std::optional<Process> process = {};
    std::optional<Instant> first_seen = {};
    std::optional<Instant> stopped_since = {};
    std::optional<Kept> kept = {};
  };
  Entry& at(Daemon daemon) { return entries_[static_cast<std::size_t>(daemon)]; }
  const Entry& at(Daemon daemon) const { return entries_[static_cast<std::size_t>(daemon)]; }
  void look(Entry& entry, const std::optional<Process>& now_seen, Instant now);
  void adopt(Daemon daemon, const Process& process, Instant now);

  std::array<Entry, daemon_count> entries_;
  std::vector<Process> ours_;
  Storage storage_ = Storage::unknown;
  std::string node_id_;
};

}  // namespace raykeep::node
