#include "spec/validate.h"

#include "spec/groups.h"
#include "spec/start_way.h"

namespace raykeep::spec {
namespace {

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

void validate_group(const Cursor& group, bool head) {
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
