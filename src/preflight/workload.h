// The parts of a plan that have pods, and their containers, as several judges read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doc/json.h"
#include "plan/plan.h"

namespace raykeep::preflight {

struct Workload {
  std::string label;  // "StatefulSet demo-head"
  std::int64_t replicas = 1;
  const doc::Value* pod_template;  // lives as long as the plan

  const doc::Value& spec() const;
};

std::vector<Workload> workloads_of(const plan::Plan& plan);

/// Init containers first, as they run.
std::vector<const doc::Value*> containers_of(const doc::Value& pod_spec);

/// A pod as a controller would make it from the template: the name is the API server's to give.
doc::Value pod_of(const Workload& workload, const std::string& ns);

}  // namespace raykeep::preflight
