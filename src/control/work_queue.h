// Which cluster is looked at next. Keys, never events: however much happened to a cluster, it is in
// the queue once, and is looked at as it is when its turn comes. One that failed waits longer each
// time; others do not wait for it. Pure: time is an argument.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"

namespace raykeep::control {

class WorkQueue {
 public:
  struct Options {
    Duration settle = std::chrono::milliseconds(50);  // a burst of changes makes one look
    Duration first_backoff = std::chrono::milliseconds(250);
    Duration longest_backoff = std::chrono::seconds(30);
  };

  explicit WorkQueue(Options options) : options_(options) {}
  WorkQueue() : WorkQueue(Options{}) {}

  /// Something changed. One that failed is not looked at sooner than its backoff allows.
  void add(const std::string& key, Instant now);

  /// Look at it now, whatever failed: a head that does not answer cannot wait for an object that is
  /// refused.
  void urge(const std::string& key, Instant now);

  /// Look at it then, if nothing calls for it sooner.
  void add_after(const std::string& key, Instant now, Duration delay);

  /// The key that has been due for longest, if one is. It is not given out again before done().
  std::optional<std::string> take(Instant now);

  /// The look ended. What was added meanwhile becomes due.
  void done(const std::string& key, Instant now, bool good);

  /// When take() may give something; nothing while all keys are being worked on, or none is there.
  std::optional<Instant> next() const;

  int failures(const std::string& key) const;

  /// Forgets all keys but those being worked on: leadership is lost.
  void clear();

 private:
  void schedule(const std::string& key, Instant at);

  Options options_;
  std::map<std::string, Instant> due_;
  std::set<std::string> working_;
  struct Trouble {
    int failures;
    Instant not_before;
  };
  std::map<std::string, Trouble> troubles_;
};

}  // namespace raykeep::control
