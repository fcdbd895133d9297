// Leadership by a coordination.k8s.io Lease, by the rules of client-go (tools/leaderelection), so
// that kubectl and people read it as they know it. Clocks of different machines are never compared:
// whether another's Lease has run out is counted from when *we* last saw it change, and our own
// hold ends well before the others' patience does.
#pragma once

#include <string>

#include "kube/client.h"

namespace raykeep::kube {

struct LeaseOptions {
  std::string ns;
  std::string name;
  std::string identity;                          // unique among the candidates: the pod's name
  Duration duration = std::chrono::seconds(15);  // others take over after that long without renewal
  Duration hold = std::chrono::seconds(10);      // we stop that long after our last renewal
};

class Lease {
 public:
  /// `client` and `clock` must outlive it.
  Lease(Client& client, const Clock& clock, LeaseOptions options);

  /// Takes the Lease if it is free or has run out, renews it if it is ours. Throws Failure when the
  /// server cannot be asked; then is_ours() stays true until the hold ends. Cheap for those who
  /// wait: one GET.
  awaitable<void> attempt(Deadline until);

  /// May we act as the leader now?
  bool is_ours() const { return clock_.now() < ours_until_; }
  Instant ours_until() const { return ours_until_; }

  /// Who has it, as last seen; may be empty.
  const std::string& holder() const { return holder_; }

  /// Gives it back, so that nobody has to wait for it to run out. Call it when the work has
  /// stopped.
  awaitable<void> release(Deadline until);

 private:
  awaitable<void> create(Deadline until);
  awaitable<void> take(doc::Value lease, bool renewal, Deadline until);
  void won(Instant asked) { ours_until_ = asked + options_.hold; }
  void lost() { ours_until_ = Instant::min(); }
  doc::Object spec(std::int64_t transitions) const;

  Client& client_;
  const Clock& clock_;
  LeaseOptions options_;
  Ref ref_;
  std::string holder_;
  std::string seen_;  // the Lease's version when it last changed
  Instant seen_at_ = Instant::min();
  Instant ours_until_ = Instant::min();
};

}  // namespace raykeep::kube
