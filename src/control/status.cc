#include "control/status.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/certificates.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/pod_trouble.h"
#include "control/understanding.h"
#include "doc/document.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

std::chrono::seconds age_of(const doc::Value& object, const Observed& observed) {
  auto made = parse_time(doc::find_string(object, {"metadata", "creationTimestamp"}));
  return made ? std::max(std::chrono::seconds(0), std::chrono::seconds(observed.at - *made))
              : std::chrono::seconds(0);
}

PodStatus pod_status(const doc::Value& pod, const Observed& observed) {
  PodStatus made;
  made.name = name_of(pod);
  made.stage = stage_of(pod, observed);
  made.ready = is_ready(pod) && !is_going(pod);
  made.node = doc::find_string(pod, {"spec", "nodeName"});
  made.ip = doc::find_string(pod, {"status", "podIP"});
  for (const doc::Value& container : list_at(pod, {"spec", "containers"})) {
    made.image = doc::find_string(container, {"image"});
    break;  // Ray's container is the first
  }
  for (const doc::Value& each : list_at(pod, {"status", "containerStatuses"}))
    made.restarts += integer_at(each, {"restartCount"});
  made.age = age_of(pod, observed);
  return made;
}

bool belongs(const doc::Value& pod, const doc::Value& workload) {
  const doc::Object* wanted = doc::find_object(workload, {"spec", "selector", "matchLabels"});
  return wanted != nullptr && std::ranges::all_of(*wanted, [&](const auto& label) {
           return label.value().is_string() &&
                  label_of(pod, label.key()) == label.value().get_string();
         });
}

/// As `kubectl rollout status` judges (kubectl pkg/polymorphichelpers/rollout_status.go).
bool has_settled(const doc::Value& workload, const GroupStatus& group) {
  if (integer_at(workload, {"status", "observedGeneration"}) <
      integer_at(workload, {"metadata", "generation"}))
    return false;
  if (is_going(workload)) return false;
  if (integer_at(workload, {"status", "replicas"}) != group.desired ||
      group.updated != group.desired)
    return false;
  std::string_view available =
      kind_of(workload) == "Deployment" ? "availableReplicas" : "readyReplicas";
  return integer_at(workload, {"status", available}) == group.desired;
}

GroupStatus group_status(const doc::Value& workload, const Observed& observed) {
  GroupStatus made;
  std::string_view group = label_of(workload, plan::ray_group_label);
  std::string_view type = label_of(workload, plan::ray_node_type_label);
  bool redis = type == "redis";
  bool head = !redis && (type == "head" || kind_of(workload) == "StatefulSet");
  made.name = head ? "head" : redis ? "redis" : std::string(group);
  made.object = label_for_people(workload);
  made.desired = integer_at(workload, {"spec", "replicas"}, 1);
  made.ready = integer_at(workload, {"status", "readyReplicas"});
  made.updated = integer_at(workload, {"status", "updatedReplicas"});
  for (const doc::Value& pod : observed.pods) {
    if (belongs(pod, workload)) made.pods.push_back(pod_status(pod, observed));
  }
  std::ranges::sort(made.pods, {}, &PodStatus::name);
  made.settled = has_settled(workload, made);
  return made;
}

/// Does the head keep the GCS where a restart finds it again?
bool keeps_state(const doc::Value& head_pod) {
  for (const doc::Value& container : list_at(head_pod, {"spec", "containers"})) {
    for (const doc::Value& variable : list_at(container, {"env"})) {
      std::string_view name = doc::find_string(variable, {"name"});
      if (name == "RAY_REDIS_ADDRESS" || name == "RAY_gcs_storage") return true;
    }
  }
  return false;
}

/// When the head's Ray last began: the start of its first container.
std::optional<WallTime> head_began(const doc::Value& head_pod) {
  for (const doc::Value& each : list_at(head_pod, {"status", "containerStatuses"})) {
    return parse_time(doc::find_string(each, {"state", "running", "startedAt"}));
  }
  return std::nullopt;
}

void warn_of_lost_state(const Observed& observed, ClusterStatus& status) {
  for (const doc::Value& head : observed.pods) {
    if (label_of(head, plan::ray_node_type_label) != "head" || is_going(head) || keeps_state(head))
      continue;
    auto began = head_began(head);
    if (!began) continue;
    bool older_worker = std::ranges::any_of(observed.pods, [&](const doc::Value& pod) {
      if (label_of(pod, plan::ray_node_type_label) != "worker" || is_going(pod)) return false;
      auto started = parse_time(doc::find_string(pod, {"status", "startTime"}));
      return started && *started + std::chrono::seconds(60) < *began;
    });
    bool restarted =
        integer_at(list_at(head, {"status", "containerStatuses"})[0], {"restartCount"}) > 0;
    if (!older_worker && !restarted) continue;
    status.warnings.push_back(
        fmt::format("the head began anew {} ago and keeps no state outside its memory: jobs, "
                    "actors and Serve applications from before are lost; "
                    "give the document gcsFaultToleranceOptions to keep them",
                    age_text(observed.at - *began)));
  }
}

/// The Ray version and whether suspension is asked for, as the stored document says.
void read_stored_document(const Observed& observed, ClusterStatus& status) {
  const doc::Value* owner = observed.owner();
  status.has_owner = owner != nullptr;
  if (owner == nullptr) return;
  status.age = age_of(*owner, observed);
  const std::string text(doc::find_string(*owner, {"data", plan::document_key}));
  doc::ReadResult read = doc::read_yaml(text, std::string(name_of(*owner)));
  if (read.documents.empty()) {
    status.warnings.push_back(fmt::format(
        "ConfigMap {} holds no document that can be read; raykeep up -f FILE stores it again",
        name_of(*owner)));
    return;
  }
  status.ray_version = doc::find_string(read.documents[0].value, {"spec", "rayVersion"});
}

/// `down` that was interrupted, or goes on elsewhere.
void warn_of_removal(const Observed& observed, ClusterStatus& status) {
  const doc::Value* owner = observed.owner();
  if (owner == nullptr || is_going(*owner) || !is_being_removed(*owner)) return;
  status.warnings.push_back(fmt::format(
      "raykeep down has begun with it, and a controller makes nothing anew: raykeep down {} ends "
      "it, raykeep up takes it back",
      status.name));
}

/// What the controller wrote, and what of it a person should know now.
void read_conditions(const Observed& observed, ClusterStatus& status) {
  if (observed.owner() == nullptr) return;
  StoredStatus stored = stored_status(*observed.owner());
  // Of an earlier document: no controller has looked at this one.
  if (stored.fingerprint != stored_fingerprint(*observed.owner())) return;
  status.conditions = std::move(stored.conditions);
  for (const StoredCondition& each : status.conditions) {
    bool tells =
        each.type == "Accepted" || each.type == "FailoverReady" ||
        (each.type == "Applied" && (each.reason == "Foreign" || each.reason == "ApplyFailed"));
    if (!tells || each.status != "False") continue;
    status.warnings.push_back(
        each.type == "FailoverReady"
            ? fmt::format("a head on a lost node will not be replaced: {}", each.message)
            : fmt::format("the controller: {}", each.message));
  }
}

State state_of(const Observed& observed, const ClusterStatus& status) {
  const doc::Value* owner = observed.owner();
  if (owner != nullptr && is_going(*owner)) return State::removing;
  if (std::ranges::any_of(observed.objects, [](const doc::Value& object) {
        return is_workload(object) && is_going(object);
      }))
    return State::removing;
  bool any_pod = !observed.pods.empty();
  bool any_wanted = std::ranges::any_of(status.groups,
                                        [](const GroupStatus& group) { return group.desired > 0; });
  if (!status.groups.empty() && !any_wanted && !any_pod) return State::suspended;
  if (is_settled(status)) return State::ready;
  if (!status.troubles.empty()) return State::troubled;
  return State::starting;
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::ready:
      return "ready";
    case State::starting:
      return "starting";
    case State::troubled:
      return "troubled";
    case State::suspended:
      return "suspended";
    case State::removing:
      return "removing";
  }
  return "";
}

ClusterStatus status_of(const Observed& observed) {
  ClusterStatus status;
  status.name = observed.cluster;
  status.ns = observed.ns;
  read_stored_document(observed, status);
  for (const doc::Value& object : observed.objects) {
    if (!is_workload(object)) continue;
    status.groups.push_back(group_status(object, observed));
    if (status.age == std::chrono::seconds(0)) status.age = age_of(object, observed);
  }
  std::ranges::stable_sort(status.groups, {}, [](const GroupStatus& group) {
    return std::pair(group.name != "head", group.name);
  });
  status.troubles = diagnose(observed);
  warn_of_lost_state(observed, status);
  warn_of_removal(observed, status);
  read_conditions(observed, status);
  if (observed.agent.is_object()) {
    status.agent = read_agent_report(observed.agent);
    std::ranges::copy(status.agent->warnings, std::back_inserter(status.warnings));
  }
  CertificateStatus certificates = certificate_status(observed);
  status.certificates = std::move(certificates.line);
  std::ranges::move(certificates.warnings, std::back_inserter(status.warnings));
  status.state = state_of(observed, status);
  return status;
}

bool is_settled(const ClusterStatus& status) {
  bool head = !status.groups.empty() && status.groups[0].name == "head";
  return head && std::ranges::all_of(status.groups, &GroupStatus::settled);
}

std::string progress_of(const GroupStatus& group) {
  std::string out =
      group.desired <= 1 ? "" : fmt::format("{}/{} ready", group.ready, group.desired);
  auto add = [&out](std::string part) { out += (out.empty() ? "" : "; ") + part; };
  if (group.settled)
    return group.desired == 0 ? "no pods wanted" : group.desired == 1 ? "ready" : out;
  int shown = 0;
  for (const PodStatus& pod : group.pods) {
    if (pod.ready || shown == 3) continue;
    ++shown;
    add(group.desired == 1 && group.pods.size() == 1
            ? fmt::format("{} ({})", pod.stage, age_text(pod.age))
            : fmt::format("{}: {} ({})", pod.name, pod.stage, age_text(pod.age)));
  }
  if (shown == 0 && group.updated < group.desired)
    add(group.pods.empty() ? "waiting for pods" : "replacing pods");
  if (shown == 0 && out.empty()) add("settling");
  return out;
}

}  // namespace raykeep::control
