// What short-lived pods found out, and what that means. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/diagnose.h"
#include "doc/json.h"
#include "preflight/obstacle.h"
#include "verify/probe.h"

namespace raykeep::preflight {

/// One image on one node.
struct ImageTrial {
  std::string image;
  std::string users;         // "StatefulSet demo-head"
  bool pull_secret = false;  // is any named?
  bool there = false;
  std::optional<control::Diagnosis> trouble = {};
};

/// Did the container's image get there? Whether it can run is another matter.
bool has_image(const doc::Value& pod);

Obstacles judge_image(const ImageTrial& trial, const std::string& ns);

/// Pods of a workload at their real size.
struct SizeTrial {
  std::string workload;
  std::int64_t wanted = 0;
  int tried = 0;
  int placed = 0;
  bool beside_own = false;  // a copy of the cluster runs already and takes its place
  std::optional<control::Diagnosis> trouble = {};
};

Obstacles judge_size(const SizeTrial& trial);

/// Something that Ray's pods must reach.
struct Goal {
  verify::Target target;
  std::string what;    // "Redis redis.data.svc:6379", "egress models 10.1.2.3:443"
  std::string reason;  // of the flow
};

/// Pods with the cluster's own policies, and one with none that stands in the way, for comparison.
struct ReachTrial {
  std::string role;  // "head", "workers of group small"
  std::vector<Goal> goals;
  std::optional<verify::ProbeAnswer> guarded = {};
  std::optional<verify::ProbeAnswer> open = {};
  std::optional<control::Diagnosis> trouble = {};  // why there is no answer
};

Obstacles judge_reach(const ReachTrial& trial, const std::string& ns);

/// A claim that no volume can satisfy, made to hear what the cluster says of its class.
struct ClaimTrial {
  std::string claim;          // the plan's
  std::string storage_class;  // empty: the cluster's default
  std::string message = {};   // of its newest event; empty: none came
  std::string reason = {};
};

Obstacles judge_claim(const ClaimTrial& trial, const std::string& ns);

}  // namespace raykeep::preflight
