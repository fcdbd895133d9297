// The controller as Kubernetes objects: what `raykeep controller install` prints or applies. Pure:
// the same input gives the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "control/policy.h"
#include "doc/json.h"
#include "flow/controller_flows.h"
#include "spec/site.h"

namespace raykeep::control {

using flow::OutsideAddress;

/// "10.0.0.1/32" or "10.0.0.1/32:6443", "fd00::1/128".
Result<OutsideAddress> parse_outside_address(std::string_view text);

struct InstallOptions {
  std::string ns;
  std::string image;  // Raykeep's own, before the Site's registry
  int replicas = 2;
  Policy policy = {};
  /// A ServiceAccount that is there already, with the rights of controller_rights(): then neither
  /// one is made nor any right granted. Empty: raykeep-controller, with Role and RoleBinding.
  std::string service_account = {};
  /// Where the API server is, in place of the Site's apiServer. Neither: any address on 443 and
  /// 6443, because an API server cannot be selected like a pod.
  std::vector<OutsideAddress> api_server = {};
  std::vector<OutsideAddress> redis = {};  // beside the Site's own; 6379 where no port is named
};

/// ServiceAccount, Role, RoleBinding, NetworkPolicy, PodDisruptionBudget, Service where it signs,
/// Deployment, in the order to apply them.
std::vector<doc::Value> controller_objects(const InstallOptions& options, const spec::Site& site);

}  // namespace raykeep::control
