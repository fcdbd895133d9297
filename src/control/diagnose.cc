#include "control/diagnose.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/pod_trouble.h"
#include "control/refusal.h"
#include "control/timestamp.h"

namespace raykeep::control {
namespace {

constexpr std::string_view revision = "deployment.kubernetes.io/revision";

/// Deployments say so themselves, in a condition that goes when the trouble goes.
std::optional<Diagnosis> refused_by_condition(const doc::Value& workload) {
  const doc::Value* failure = condition(workload, "ReplicaFailure");
  if (failure == nullptr || doc::find_string(*failure, {"status"}) != "True") return std::nullopt;
  return explain_refusal(label_for_people(workload), doc::find_string(*failure, {"message"}));
}

/// StatefulSets have no such condition: their newest event tells, as long as a pod is missing.
std::optional<Diagnosis> refused_by_event(const doc::Value& workload, const Observed& observed) {
  if (kind_of(workload) != "StatefulSet") return std::nullopt;
  if (integer_at(workload, {"status", "replicas"}) >= integer_at(workload, {"spec", "replicas"}, 1))
    return std::nullopt;
  for (const doc::Value& event : observed.events | std::views::reverse) {
    if (doc::find_string(event, {"involvedObject", "uid"}) != uid_of(workload)) continue;
    if (doc::find_string(event, {"reason"}) != "FailedCreate") return std::nullopt;
    return explain_refusal(label_for_people(workload), doc::find_string(event, {"message"}));
  }
  return std::nullopt;
}

std::optional<Diagnosis> workload_trouble(const doc::Value& workload, const Observed& observed) {
  if (is_going(workload)) return std::nullopt;
  std::optional<Diagnosis> found = refused_by_condition(workload);
  if (!found) found = refused_by_event(workload, observed);
  if (found) found->refusal = true;
  return found;
}

/// Adds what is found, or counts it where another object already has the same.
void add(std::vector<Diagnosis>& all, Diagnosis found) {
  for (Diagnosis& known : all) {
    if (known.reason == found.reason && known.what == found.what &&
        known.object.substr(0, 3) == found.object.substr(0, 3)) {
      ++known.others;
      return;
    }
  }
  all.push_back(std::move(found));
}

const doc::Value* by_uid(const std::vector<doc::Value>& objects, const doc::Value& owned) {
  for (const doc::Value& object : objects) {
    if (is_owned_by(owned, uid_of(object))) return &object;
  }
  return nullptr;
}

bool is_unseen_by_controller(const doc::Value& workload) {
  return integer_at(workload, {"status", "observedGeneration"}) <
         integer_at(workload, {"metadata", "generation"});
}

std::string_view annotation(const doc::Value& object, std::string_view key) {
  return doc::find_string(object, {"metadata", "annotations", key});
}

}  // namespace

std::vector<Diagnosis> diagnose(const Observed& observed) {
  std::vector<Diagnosis> all;
  for (const doc::Value& object : observed.objects) {
    if (!is_workload(object)) continue;
    if (auto found = workload_trouble(object, observed)) add(all, std::move(*found));
  }
  for (const doc::Value& pod : observed.pods) {
    if (!is_going(pod) && is_outdated(pod, observed)) continue;
    if (auto found = trouble_of(pod, observed)) add(all, std::move(*found));
  }
  return all;
}

std::string to_string(const Diagnosis& diagnosis) {
  std::string out = diagnosis.object;
  if (diagnosis.others > 0) out += fmt::format(" and {} more", diagnosis.others);
  out += ": " + diagnosis.what;
  if (!diagnosis.why.empty()) out += ": " + diagnosis.why;
  if (!diagnosis.next.empty()) out += "\n  next: " + diagnosis.next;
  return out;
}

std::string lasting_text(Diagnosis diagnosis) {
  diagnosis.what = without_spans(diagnosis.what);
  return to_string(diagnosis);
}

bool is_ready(const doc::Value& pod) {
  const doc::Value* ready = condition(pod, "Ready");
  return ready != nullptr && doc::find_string(*ready, {"status"}) == "True";
}

bool is_outdated(const doc::Value& pod, const Observed& observed) {
  if (const doc::Value* set = by_uid(observed.objects, pod)) {
    if (is_unseen_by_controller(*set)) return true;
    std::string_view wanted = doc::find_string(*set, {"status", "updateRevision"});
    return !wanted.empty() && label_of(pod, "controller-revision-hash") != wanted;
  }
  const doc::Value* replica_set = by_uid(observed.replica_sets, pod);
  const doc::Value* deployment =
      replica_set == nullptr ? nullptr : by_uid(observed.objects, *replica_set);
  if (deployment == nullptr) return false;
  return is_unseen_by_controller(*deployment) ||
         annotation(*replica_set, revision) != annotation(*deployment, revision);
}

std::vector<LogWanted> logs_worth_reading(const Observed& observed, std::size_t most) {
  std::vector<LogWanted> wanted;
  std::map<std::string_view, int> per_group;
  for (const doc::Value& pod : observed.pods) {
    if (is_going(pod) || is_ready(pod) || is_outdated(pod, observed)) continue;
    if (per_group[label_of(pod, "ray.io/group")]++ >= 2) continue;
    for (std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
      for (const doc::Value& status : list_at(pod, {"status", list})) {
        if (wanted.size() >= most || true_at(status, {"ready"})) continue;
        bool ended = doc::find(status, {"state", "terminated"}) != nullptr;
        bool ended_before = doc::find(status, {"lastState", "terminated"}) != nullptr;
        std::string_view started = doc::find_string(status, {"state", "running", "startedAt"});
        auto since = parse_time(started);
        bool runs_long = since && observed.at - *since > std::chrono::seconds(60);
        if (!ended && !ended_before && !runs_long) continue;
        if (ended && integer_at(status, {"state", "terminated", "exitCode"}) == 0) continue;
        wanted.push_back({std::string(name_of(pod)),
                          std::string(doc::find_string(status, {"name"})),
                          ended_before && !ended && !runs_long});
      }
    }
  }
  return wanted;
}

}  // namespace raykeep::control
