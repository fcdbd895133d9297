// What a plan takes of a namespace's quota, by the names that a ResourceQuota has for it. The API
// server reports one shortage at a time, of one pod at a time; this adds up the whole cluster.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "doc/json.h"
#include "plan/plan.h"
#include "spec/quantity.h"

namespace raykeep::preflight {

/// By canonical name: "pods", "requests.cpu", "limits.memory", "services",
/// "count/statefulsets.apps", "fast.storageclass.storage.k8s.io/requests.storage".
using Amounts = std::map<std::string, spec::Quantity, std::less<>>;

/// One pod, or several alike.
struct PodUse {
  Amounts amounts;
  std::string priority_class;
  bool best_effort = false;  // no container asks for processors or memory
  bool terminating = false;  // has an activeDeadlineSeconds
};

struct Usage {
  std::vector<PodUse> pods;
  Amounts objects;
};

/// What a pod counts for: containers together, or the largest init container where that is more;
/// sidecars (init containers that stay) with both. Source: Kubernetes 1.34,
/// pkg/quota/v1/evaluator/core/pods.go and k8s.io/component-helpers/resource.
PodUse use_of_pod(const doc::Value& pod_spec);

/// The plan's pods at all replicas, and those of its objects which `live` (in the plan's order)
/// says are not there yet; with the Secrets that `up` makes besides, if `secrets_to_make`.
Usage use_of_plan(const plan::Plan& plan, const std::vector<bool>& live, int secrets_to_make);

/// The other names of what a quota counts: "cpu" is "requests.cpu", "count/services" is "services".
std::string canonical_resource(std::string_view name);

/// "6Gi", "1500m": as a person would write that amount of that resource.
std::string amount_text(std::string_view resource, const spec::Quantity& amount);

/// The quantity in a field that is text or a number; zero where it is none.
spec::Quantity quantity_in(const doc::Value& value);

}  // namespace raykeep::preflight
