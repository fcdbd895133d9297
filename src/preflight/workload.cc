#include "preflight/workload.h"

#include "control/fields.h"
#include "control/inventory.h"

namespace raykeep::preflight {

const doc::Value& Workload::spec() const {
  static const doc::Value none = doc::Object();
  const doc::Value* spec = doc::find(*pod_template, {"spec"});
  return spec == nullptr ? none : *spec;
}

std::vector<Workload> workloads_of(const plan::Plan& plan) {
  std::vector<Workload> out;
  for (const doc::Value& object : plan.objects) {
    if (!control::is_workload(object)) continue;
    const doc::Value* pod_template = doc::find(object, {"spec", "template"});
    if (pod_template == nullptr) continue;
    out.push_back({control::label_for_people(object),
                   control::integer_at(object, {"spec", "replicas"}, 1), pod_template});
  }
  return out;
}

std::vector<const doc::Value*> containers_of(const doc::Value& pod_spec) {
  std::vector<const doc::Value*> out;
  for (std::string_view list : {"initContainers", "containers"}) {
    for (const doc::Value& each : control::list_at(pod_spec, {list})) out.push_back(&each);
  }
  return out;
}

doc::Value pod_of(const Workload& workload, const std::string& ns) {
  doc::Object metadata;
  if (const doc::Object* given = doc::find_object(*workload.pod_template, {"metadata"}))
    metadata = *given;
  metadata["generateName"] = "preflight-";
  metadata["namespace"] = ns;
  return doc::Object{{"apiVersion", "v1"},
                     {"kind", "Pod"},
                     {"metadata", std::move(metadata)},
                     {"spec", workload.spec()}};
}

}  // namespace raykeep::preflight
