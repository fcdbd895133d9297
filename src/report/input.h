// What a report is made of. Everything that had to be asked for (what runs, when, rights of modules
// above this one) comes as plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "plan/plan.h"
#include "report/verified.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::report {

/// A right of the controller's Role.
struct Right {
  std::string group;  // "" is core
  std::string resource;
  std::vector<std::string> verbs;
  std::string only;  // the one name it is limited to; empty: any
  std::string why;
};

struct RunningPod {
  std::string name, stage, node, ip;
  bool ready = false;
  std::int64_t restarts = 0;
};

struct RunningGroup {
  std::string name;  // "head", or the worker group's
  std::int64_t desired = 0, ready = 0;
  std::vector<RunningPod> pods = {};
};

/// What was found in the namespace.
struct Running {
  std::string state;    // "ready", "troubled", ...
  bool keeper = false;  // does a controller keep this cluster?
  std::vector<RunningGroup> groups;
  std::vector<std::string> troubles, warnings;
  /// With the inventory labels, as the API server has them. The report tells of these, not of what
  /// was planned.
  std::vector<doc::Value> objects;
  std::vector<doc::Value> pods;            // likewise
  std::vector<doc::Value> other_policies;  // the namespace's NetworkPolicies that are not ours
};

/// A certificate that was looked at.
struct CertificateSeen {
  std::string secret, key;  // "demo-redis", "ca.crt"
  std::string subject, issuer, not_after;
  std::vector<std::string> names;
  std::int64_t days_left = 0;  // negative: it has expired
  std::string problem;         // why nothing is known; then the rest is empty
};

/// References outlive the call.
struct Input {
  const plan::Plan& plan;
  const spec::RayCluster& cluster;
  const spec::Site& site;
  std::vector<Right> controller_rights = {};
  std::optional<Running> running = {};  // absent: only files were read
  std::optional<Verified> verified = {};
  std::vector<CertificateSeen> certificates = {};
  std::string program = {};  // "0.1.0"
  std::string at = {};       // "2026-11-27T07:00:00Z"

  /// The objects that the report tells of.
  const std::vector<doc::Value>& objects() const {
    return running ? running->objects : plan.objects;
  }
};

}  // namespace raykeep::report
