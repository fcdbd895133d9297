// Calico's NetworkPolicy (projectcalico.org/v3), applied with calicoctl or where Calico's API
// server runs. A rule may name a Service; its endpoints and their ports are then meant, and stay
// right when they change.
#include <algorithm>

#include <fmt/format.h>

#include "flow/controller_flows.h"
#include "plan/dialect.h"

namespace raykeep::plan {
namespace {

/// Before Kubernetes' own NetworkPolicies, which have 1000, and before denials of an administrator
/// who leaves room.
constexpr int order = 500;

std::string selector_of(const spec::StringMap& labels) {
  std::string text;
  for (const auto& [key, value] : labels)
    text += fmt::format("{}{} == '{}'", text.empty() ? "" : " && ", key, value);
  return text;
}

}  // namespace

std::vector<DialectObject> calico_policies(const DialectInput& input) {
  if (std::ranges::none_of(input.controller, &flow::Flow::administrator)) return {};
  doc::Object service{{"name", "kubernetes"}, {"namespace", "default"}};
  doc::Object rule{{"action", "Allow"},
                   {"protocol", "TCP"},
                   {"destination", doc::Object{{"services", std::move(service)}}}};
  doc::Object spec;
  spec["order"] = order;
  spec["selector"] = selector_of(*flow::controller_peer().pod_labels);
  spec["types"] = doc::Array{"Egress"};
  spec["egress"] = doc::Array{std::move(rule)};
  doc::Object made;
  made["apiVersion"] = "projectcalico.org/v3";
  made["kind"] = "NetworkPolicy";
  made["metadata"] =
      doc::Object{{"name", "raykeep-controller-api-server"}, {"namespace", input.ns}};
  made["spec"] = std::move(spec);
  return {
      {{"Raykeep's controller: the way to the API server, by its Service, so that its addresses "
        "may change."},
       std::move(made)}};
}

}  // namespace raykeep::plan
