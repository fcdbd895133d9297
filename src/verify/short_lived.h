// Pods that are there for a minute to try something, and gone when we are: each guest is a Job
// whose deadline ends its pods and whose time to live removes it, so that Kubernetes tidies up even
// after kill -9. Its NetworkPolicies are owned by the Job and go with it. What can be removed by us
// is removed by us, also after an interruption.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/access.h"
#include "control/diagnose.h"
#include "doc/json.h"
#include "spec/site.h"

namespace raykeep::verify {

using boost::asio::awaitable;

/// On every object of a run; the value names the run.
inline constexpr std::string_view short_lived_label = "raykeep.io/short-lived";

struct Guest {
  std::string name;         // "stranger": a part of its objects' names
  doc::Object labels = {};  // of its pods, beside ours
  doc::Object annotations = {};
  int pods = 1;
  /// A ReplicaSet that the first guest's Job owns, instead of a Job: for pods that a
  /// PodDisruptionBudget selects, whose controller cannot count a Job's.
  bool replicated = false;
  doc::Object pod_spec = {};               // complete but for restartPolicy: see probing_pod_spec()
  std::vector<doc::Object> policies = {};  // specs of NetworkPolicies, their podSelector among them
};

/// A guest's pod as it was last seen.
struct GuestPod {
  std::string guest;
  std::string name = {};
  std::string ip = {};  // empty until it has one
  std::string node = {};
  std::string container = {};                      // the first
  bool running = false;                            // its first container runs: exec is possible
  std::optional<control::Diagnosis> trouble = {};  // why it does not, as far as that is known
  doc::Value object = nullptr;                     // as the API server has it: what was injected
};

/// A pod that waits to be asked (`raykeep probe --wait`), satisfies the "restricted" standard and
/// is never ready, so that no Service sends anybody there. 50m CPU, at most 250m; 32Mi.
doc::Object probing_pod_spec(const spec::Site& site);

/// A NetworkPolicy's spec that lets pods with this run's label and of this guest talk to everybody,
/// or be talked to by everybody, or both.
doc::Object open_policy(const std::string& run, const std::string& guest, bool ingress,
                        bool egress);

class ShortLived {
 public:
  /// `access` must outlive it. Runs have names of their own, so that several may be under way.
  ShortLived(const control::Access& access, std::string ns);

  const std::string& run() const { return run_; }

  /// Makes the Job (or ReplicaSet) and then its policies. The first guest has a Job. Throws Failure
  /// when the server refuses (control/refusal.h explains its words).
  awaitable<void> add(Guest guest);

  /// All pods that are to be, as they are now; those that do not exist yet have no name.
  awaitable<std::vector<GuestPod>> look();

  /// look() until all run, or one has a trouble that waiting does not heal, or the deadline.
  awaitable<std::vector<GuestPod>> wait(Deadline until);

  /// Removes everything and waits until it is gone or thirty seconds are over. The names of what is
  /// still there. A caller that may have been cancelled must first
  /// `co_await boost::asio::this_coro::throw_if_cancelled(false)`, or Asio does not even begin.
  awaitable<std::vector<std::string>> remove();

 private:
  struct Made {
    std::string guest;
    int pods;
    kube::Ref object;
    std::string uid;
    std::vector<std::string> policies;
  };
  const control::Access& access_;
  std::string ns_;
  std::string run_;
  std::vector<Made> made_;
};

}  // namespace raykeep::verify
