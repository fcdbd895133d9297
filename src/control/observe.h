// What is in the namespace, as values. Everything that judges (status, diagnose, prune) is a pure
// function of this, so it is tested with tables, and a failed request ends in a Failure, never in
// an Observed that lacks something.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "control/access.h"
#include "control/timestamp.h"
#include "doc/json.h"

namespace raykeep::control {

struct Observed {
  std::string ns;
  std::string cluster;
  WallTime at{};  // this machine's clock, when it was looked
  std::vector<doc::Value>
      objects;  // with our inventory labels: the owner, policies, services, workloads, ...
  std::vector<doc::Value> pods;          // of this cluster
  std::vector<doc::Value> replica_sets;  // of this cluster's Deployments
  std::vector<doc::Value> events;        // about any of these, oldest first
  std::map<std::string, std::string>
      logs;                    // last lines of containers that end badly: "pod/container"
  doc::Value agent = nullptr;  // what the head's agent tells, if it was asked: agent_report.h

  /// The object of that kind and name among `objects`, or nullptr.
  const doc::Value* find(std::string_view kind, std::string_view name) const;
  /// The ConfigMap that stands for the cluster, or nullptr (static mode, or nothing there).
  const doc::Value* owner() const;
  bool empty() const { return objects.empty() && pods.empty(); }
};

/// How much is looked at.
struct ObserveOptions {
  bool events = true;      // one list of the namespace's events
  bool everything = true;  // false: workloads and pods only, which is what changes while one waits
};

/// All objects of a kind, with kind and apiVersion, which the API server leaves out of lists.
awaitable<std::vector<doc::Value>> list(const Access& access, kube::Kind kind, std::string ns,
                                        std::string labels = "");

/// Looks once. The token Secret is found by the name that the plan or the stored document gives,
/// see token.h.
awaitable<Observed> observe(const Access& access, std::string ns, std::string cluster,
                            ObserveOptions options);

/// The names of the clusters in a namespace, sorted: those of the owner ConfigMaps and of labelled
/// workloads.
awaitable<std::vector<std::string>> clusters_in(const Access& access, std::string ns);

/// Fetches the last lines of containers that ended badly into observed.logs: at most 12 containers,
/// 64 KiB each. What looks like a token or a password in them is masked (mask.h). A log that cannot
/// be had is left out.
awaitable<void> fetch_logs(const Access& access, Observed& observed);

}  // namespace raykeep::control
