// What the controller will run. Who may edit a ConfigMap may not thereby create pods of any kind:
// the controller's rights are lent only to documents that this policy allows. It comes with the
// controller's installation (its command line), never from the ConfigMap that it judges.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace raykeep::control {

struct Policy {
  /// Of image names as they stand in the pods: "registry.bank.example/ray/". Empty: any image.
  std::vector<std::string> image_prefixes;
  /// Service accounts that pods may run as, beside the namespace's default.
  std::vector<std::string> service_accounts;
  /// Kinds of volumes. These are what "restricted" allows.
  std::vector<std::string> volume_kinds = {"configMap", "csi",       "downwardAPI",
                                           "emptyDir",  "ephemeral", "persistentVolumeClaim",
                                           "projected", "secret"};
  bool operator==(const Policy&) const = default;
};

/// Why the plan's pods are not allowed, in one sentence that names the object and the field; empty:
/// they are. Host namespaces, hostPath and privileged containers never are, whatever the policy.
std::string refusal_by(const Policy& policy, const plan::Plan& plan);

}  // namespace raykeep::control
