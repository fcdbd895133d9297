#include "spec/groups.h"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/names.h"
#include "spec/quantity.h"

namespace raykeep::spec {
namespace {

/// The pod template as it is used: without nulls, and with only those metadata that KubeRay's
/// schema keeps.
doc::Object pod_template(const Cursor& group) {
  doc::Object out = group["template"].object();
  doc::Value* metadata = out.if_contains("metadata");
  if (metadata && metadata->is_object()) {
    doc::Object kept;
    for (const auto& member : metadata->get_object()) {
      std::string_view key = member.key();
      if (key == "annotations" || key == "finalizers" || key == "labels" || key == "name" ||
          key == "namespace") {
        kept.emplace(key, member.value());
      }
    }
    *metadata = std::move(kept);
  }
  return out;
}

void parse_common(const Cursor& group, Group& out) {
  out.start_params = group["rayStartParams"].string_map();
  out.resources = group["resources"].string_map();
  out.labels = group["labels"].string_map();
  out.pod_template = pod_template(group);
  out.pointer = group.pointer();
  validate_labels(group["labels"], "RK2023");
}

std::int32_t int32_of(const Cursor& at, std::int32_t otherwise) {
  std::int64_t number = at.integer().value_or(otherwise);
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::int32_t>::max()));
}

void validate_group_name(const Cursor& name) {
  if (!name || !name.value().is_string()) return;
  std::string text = name.text();
  if (text == "headgroup") {
    return name.report("RK2028", "headgroup is the head's own group", "choose another name");
  }
  std::string wrong = wrong_with_dns_label(text);
  if (wrong.empty()) return;
  std::string better = as_dns_label(text);
  name.report("RK2025", fmt::format("{} {}, and objects are named after it", quoted(text), wrong),
              better.empty() ? "write a name such as \"workers\"" : "write " + quoted(better));
}

}  // namespace

HeadGroup parse_head_group(const Cursor& group) {
  HeadGroup head;
  head.name = "headgroup";
  parse_common(group, head);
  if (group["headService"]) head.head_service = group["headService"].object();
  head.service_type = group["serviceType"].text();
  head.enable_ingress = group["enableIngress"].boolean();
  if (head.service_type == "ExternalName") {
    group["serviceType"].report("RK2044", "an ExternalName Service selects no pods",
                                "write ClusterIP, NodePort or LoadBalancer");
  }
  return head;
}

WorkerGroup parse_worker_group(const Cursor& group) {
  WorkerGroup worker;
  worker.name = group["groupName"].text();
  parse_common(group, worker);
  worker.min_replicas = int32_of(group["minReplicas"], 0);
  worker.max_replicas = int32_of(group["maxReplicas"], worker.max_replicas);
  worker.num_of_hosts = int32_of(group["numOfHosts"], 1);
  worker.suspend = group["suspend"].boolean();
  validate_group_name(group["groupName"]);
  std::int32_t replicas = int32_of(group["replicas"], 0);
  if (worker.min_replicas > worker.max_replicas) {
    group["minReplicas"].report(
        "RK2040", fmt::format("minReplicas {} is greater than maxReplicas {}", worker.min_replicas,
                              worker.max_replicas));
    worker.replicas = replicas;
    return worker;
  }
  worker.replicas = std::clamp(replicas, worker.min_replicas, worker.max_replicas);
  // KubeRay clamps without a word; a document that says nothing of replicas means "the minimum".
  if (worker.replicas != replicas && group["replicas"].integer()) {
    group["replicas"].report(
        "RK2041", fmt::format("{} is outside minReplicas {} and maxReplicas {}; {} will run",
                              replicas, worker.min_replicas, worker.max_replicas, worker.replicas));
  }
  return worker;
}

void validate_group_names(const std::vector<Cursor>& groups) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Cursor name = groups[i]["groupName"];
    if (!name || !name.value().is_string()) continue;
    auto [first, is_new] = seen.emplace(name.text(), i);
    if (!is_new) {
      name.report("RK2026",
                  fmt::format("{} is already the name of workerGroupSpecs[{}]", quoted(name.text()),
                              first->second),
                  "choose another name");
    }
  }
}

void validate_labels(const Cursor& labels, const Code& code) {
  for (const auto& [key, value] : labels.members()) {
    if (std::string wrong = wrong_with_label_key(key); !wrong.empty()) {
      value.report_key(code, fmt::format("the label key {} {}", quoted(key), wrong));
    }
    if (!value.value().is_string()) continue;
    if (std::string wrong = wrong_with_label_value(value.text()); !wrong.empty()) {
      value.report(code, fmt::format("the label value {} {}", quoted(value.text()), wrong));
    }
  }
}

void validate_annotations(const Cursor& annotations, const Code& code) {
  for (const auto& [key, value] : annotations.members()) {
    // Annotation keys are checked in lower case: Kubernetes allows any case before the slash.
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::string wrong = wrong_with_label_key(lower); !wrong.empty()) {
      value.report_key(code, fmt::format("the annotation key {} {}", quoted(key), wrong));
    }
  }
}

const doc::Object* ray_container(const Group& group) {
  const doc::Array* containers = doc::find_array(group.pod_template, {"spec", "containers"});
  return containers && !containers->empty() ? containers->front().if_object() : nullptr;
}

}  // namespace raykeep::spec
