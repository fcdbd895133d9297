#include "spec/validate.h"

#include <fmt/format.h>

#include "base/text.h"
#include "spec/groups.h"
#include "spec/start_way.h"

namespace raykeep::spec {
namespace {

constexpr std::ptrdiff_t most_groups = 200;

/// Says where the agent cannot stand in front of the user's own command.
void warn_of_command(const Cursor& group, bool overwrites) {
  Cursor container = ray_container(group);
  if (!container || start_way(container["command"].strings(), container["args"].strings(),
                              overwrites) != StartWay::unsupervised) {
    return;
  }
  if (container["command"].strings().empty()) {
    container.report("RK2225", "what starts Ray stands in the image, so the agent cannot run it",
                     "write the command");
  } else {
    container["command"].report_key(
        "RK2225", "the command has --block and does not end, so the agent does not run it",
        "take --block out of it");
  }
}

/// Ray started by the document's own command takes random ports for what it is not told, and the
/// policies open only those of the flow table.
void require_ports(const Cursor& group) {
  Cursor container = ray_container(group);
  if (!container) return;
  const std::string own = joined_words(container["command"].strings(), container["args"].strings());
  if (!own.contains("ray start") || own.contains("KUBERAY_GEN_RAY_START_CMD")) return;
  std::vector<std::string> missing;
  for (const char* option :
       {"node-manager-port", "object-manager-port", "min-worker-port", "max-worker-port"}) {
    if (!own.contains(option)) missing.push_back(fmt::format("--{}", option));
  }
  if (missing.empty()) return;
  const char* where = container["command"] ? "command" : "args";
  container[where].report_key(
      "RK2226",
      fmt::format("the command starts Ray without {}: it takes random ports, which no policy opens",
                  join(missing, ", ")),
      "start it with $KUBERAY_GEN_RAY_START_CMD, which has them all, and set the annotation "
      "ray.io/overwrite-container-cmd: \"true\"");
}

/// The agent drains the raylet at SIGTERM; the hook comes before and leaves nothing to drain.
void tell_of_hook(const Cursor& group) {
  Cursor hook = ray_container(group).at({"lifecycle", "preStop"});
  if (!hook || !stops_ray(hook.value())) return;
  hook.report_key("RK2228", "the hook with ray stop is left out: the agent drains and stops Ray");
}

void validate_group(const Cursor& group, bool head) {
  require_ports(group);
  tell_of_hook(group);
  if (Cursor deadline = group.at({"template", "spec", "activeDeadlineSeconds"})) {
    deadline.report_key("RK2227", "pods that are kept running cannot have activeDeadlineSeconds",
                        "remove it");
  }
  validate_start_params(group, head);
  validate_ports(group, head);
  Cursor pod = group["template"];
  validate_containers(pod);
  validate_volumes(pod);
  validate_restricted(pod);
}

}  // namespace

Cursor ray_container(const Cursor& group) {
  return group.at({"template", "spec", "containers"})[std::size_t{0}];
}

Cursor ray_variable(const Cursor& group, std::string_view name) {
  Cursor env = ray_container(group)["env"];
  std::vector<Cursor> entries = env.items();
  for (const Cursor& entry : entries) {
    if (entry["name"].text() == name) return entry;
  }
  return env[entries.size()];
}

void validate(const Cursor& root) {
  Cursor spec = root["spec"], head = spec["headGroupSpec"];
  std::vector<Cursor> groups = spec["workerGroupSpecs"].items();
  validate_metadata(root["metadata"]);
  validate_annotations(spec["headServiceAnnotations"], "RK2024");
  validate_version(spec);
  validate_group_names(groups);
  if (std::ssize(groups) > most_groups) {
    return spec["workerGroupSpecs"].report_key(
        "RK2047", fmt::format("{} worker groups are more than {}", groups.size(), most_groups),
        "make them several clusters");
  }
  if (head) {
    validate_group(head, true);
    validate_head_service(head);
  }
  for (const Cursor& group : groups) {
    if (group) validate_group(group, false);
  }
  validate_fault_tolerance(root);
  bool overwrites =
      root["metadata"]["annotations"]["ray.io/overwrite-container-cmd"].text() == "true";
  if (head) warn_of_command(head, overwrites);
  for (const Cursor& group : groups) warn_of_command(group, overwrites);
  validate_features(root);
  report_not_acted_on(root);
}

}  // namespace raykeep::spec
