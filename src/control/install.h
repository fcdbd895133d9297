// The controller as Kubernetes objects: what `raykeep controller install` prints or applies. Pure:
// the same input gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "control/policy.h"
#include "doc/json.h"
#include "spec/site.h"

namespace raykeep::control {

struct InstallOptions {
  std::string ns;
  std::string image;  // Raykeep's own, before the Site's registry
  int replicas = 2;
  Policy policy = {};
  /// Where the API server is, as "10.0.0.1/32" or "10.0.0.1/32:6443"; empty: any address on 443 and
  /// 6443, because an API server cannot be selected like a pod, and not all enforcers agree which
  /// address it has.
  std::vector<std::string> api_server = {};
  std::vector<std::string> redis =
      {};  // outside the namespace, the same notation; default port 6379
};

/// ServiceAccount, Role, RoleBinding, NetworkPolicy, PodDisruptionBudget, Deployment, in the order
/// to apply them.
std::vector<doc::Value> controller_objects(const InstallOptions& options, const spec::Site& site);

}  // namespace raykeep::control
