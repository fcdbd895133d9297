// KubeRay's rules for what Raykeep does not act on yet. A document must not pass here and be
// refused by KubeRay later.
#include <fmt/format.h>

#include "base/text.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

constexpr RayVersion kFirstPriority{2, 56, 0};
constexpr char kChoice[] = "RAY_enable_autoscaler_v2";

bool says_yes(const Cursor& variable) {
  std::string value = variable["value"].text();
  return value == "1" || value == "true";
}

void check_autoscaler_choice(const Cursor& spec) {
  Cursor options = spec["autoscalerOptions"], version = options["version"];
  Cursor variable = ray_variable(spec["headGroupSpec"], kChoice);
  if (says_yes(variable) && !spec["enableInTreeAutoscaling"].boolean()) {
    variable.report("RK2320",
                    "RAY_enable_autoscaler_v2 is set while enableInTreeAutoscaling is off",
                    "remove it");
  }
  if (version && variable) {
    variable.report("RK2320", "autoscalerOptions.version and RAY_enable_autoscaler_v2 are both set",
                    "keep autoscalerOptions.version");
  }
  for (const Cursor& entry : options["env"].items()) {
    if (entry["name"].text() == "KUBERAY_GEN_AUTOSCALER_START_CMD") {
      entry["name"].report("RK2320", "KUBERAY_GEN_AUTOSCALER_START_CMD is KubeRay's own",
                           "remove it");
    }
  }
}

void check_group_autoscaling(const Cursor& spec, const Cursor& group) {
  bool v2 = spec.at({"autoscalerOptions", "version"}).text() == "v2" ||
            says_yes(ray_variable(spec["headGroupSpec"], kChoice));
  bool on = spec["enableInTreeAutoscaling"].boolean();
  if (group["suspend"].boolean() && on) {
    group["suspend"].report("RK2320", "a group cannot be suspended while autoscaling is on",
                            "turn enableInTreeAutoscaling off");
  }
  if (group["idleTimeoutSeconds"] && !v2) {
    group["idleTimeoutSeconds"].report("RK2320", "idleTimeoutSeconds is read by autoscaler v2 only",
                                       "write autoscalerOptions.version: v2, or remove it");
  }
  if (group["priority"].integer().value_or(0) == 0) return;
  std::optional<RayVersion> version = parse_ray_version(spec["rayVersion"].text());
  if (!version || *version < kFirstPriority || !v2) {
    group["priority"].report("RK2320", "priority needs Ray 2.56.0 or newer and autoscaler v2",
                             "remove it");
  }
}

void check_network_policy(const Cursor& policy, const std::vector<Cursor>& groups) {
  std::string mode = policy["mode"].text("DenyAll");
  std::vector<Cursor> rules{policy["head"], policy["worker"]};
  for (const Cursor& entry : policy["workerGroups"].items()) {
    rules.push_back(entry);
    std::string name = entry["groupName"].text();
    bool known = false;
    for (const Cursor& group : groups) known |= group["groupName"].text() == name;
    if (!known && !name.empty()) {
      entry["groupName"].report("RK2321", fmt::format("there is no worker group {}", quoted(name)));
    }
  }
  for (const Cursor& entry : rules) {
    for (const auto& [denied, key] :
         {std::pair{"DenyAllEgress", "ingressRules"}, {"DenyAllIngress", "egressRules"}}) {
      if (mode == denied && entry[key] && !entry[key].items().empty()) {
        entry[key].report_key("RK2321", fmt::format("{} have no meaning with mode {}", key, mode),
                              "remove them");
      }
    }
  }
}

void check_history_server(const Cursor& history) {
  Cursor collector = history["collectorOptions"];
  if (!history) return;
  if (!collector) {
    history.report("RK2322", "collectorOptions is missing", "write collectorOptions.image");
  } else if (collector.value().is_object() && collector["image"].text().empty()) {
    collector.report("RK2322", "the collector has no image", "write image");
  }
}

}  // namespace

void validate_features(const Cursor& root) {
  Cursor spec = root["spec"];
  std::vector<Cursor> groups = spec["workerGroupSpecs"].items();
  check_autoscaler_choice(spec);
  for (const Cursor& group : groups) check_group_autoscaling(spec, group);
  check_network_policy(spec["networkPolicy"], groups);
  check_history_server(spec["historyServerOptions"]);
  std::string origin = root.at({"metadata", "labels", "ray.io/originated-from-crd"}).text();
  if (spec["upgradeStrategy"] && (origin == "RayJob" || origin == "RayService")) {
    spec["upgradeStrategy"].report_key(
        "RK2323", fmt::format("the cluster was made by a {}", origin), "remove it");
  }
}

}  // namespace raykeep::spec
