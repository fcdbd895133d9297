// What this module's tables stand on: a plan of two groups on a Site with callers of every kind.
#pragma once

#include <string_view>

#include "plan/plan.h"
#include "spec/site.h"

namespace raykeep::verify::testing {

struct Planned {
  spec::RayCluster cluster;
  spec::Site site;
  plan::Plan plan;
};

/// Cluster "demo" in namespace "ray": groups "cpu" and "gpu", with a managed Redis. `more` are
/// further lines of the Site's spec. Aborts the test program when it cannot be planned.
Planned planned(std::string_view more = "");

/// The plan's NetworkPolicies as they would stand in the namespace.
std::vector<doc::Value> policies_of(const plan::Plan& plan);

/// A running pod of a role: "head", "worker", "redis", or of nobody ("").
doc::Value pod(std::string_view name, std::string_view role, std::string_view group,
               std::string_view ip, std::string_view node = "n1");

}  // namespace raykeep::verify::testing
