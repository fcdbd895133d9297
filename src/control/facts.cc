#include "control/facts.h"

#include <algorithm>

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/status.h"
#include "plan/names.h"
#include "plan/node_certificate.h"

namespace raykeep::control {
namespace {

using decide::PodSays;

bool says(const doc::Value& pod, std::string_view type, std::string_view status) {
  const doc::Value* found = condition(pod, type);
  return found != nullptr && doc::find_string(*found, {"status"}) == status;
}

bool is_evicted_from_lost_node(const doc::Value& pod) {
  const doc::Value* target = condition(pod, "DisruptionTarget");
  return target != nullptr && doc::find_string(*target, {"status"}) == "True" &&
         doc::find_string(*target, {"reason"}) == "DeletionByTaintManager";
}

bool runs(const doc::Value& status) { return doc::find(status, {"state", "running"}) != nullptr; }

bool kubelet_is_at_work(const doc::Value& pod) {
  const doc::Array& statuses = list_at(pod, {"status", "containerStatuses"});
  return statuses.empty() || !std::ranges::all_of(statuses, runs);
}

decide::Pod pod_facts(const doc::Value& pod, const Observed& observed, const Sightings& sightings) {
  return {
      .name = std::string(name_of(pod)),
      .uid = std::string(uid_of(pod)),
      .node = std::string(doc::find_string(pod, {"spec", "nodeName"})),
      .says = pod_says(pod),
      .going = is_going(pod),
      .grace = std::chrono::seconds(integer_at(pod, {"metadata", "deletionGracePeriodSeconds"})),
      .certificate = sightings.certificates
                         ? certificate_of(pod, *sightings.certificates, observed.at)
                         : decide::Certificate::none};
}

decide::Fence fence_facts(const doc::Value& head, const Sightings& sightings) {
  const doc::Object* spec = doc::find_object(head, {"spec"});
  const HeadStorage storage = spec == nullptr ? HeadStorage{} : head_storage(*spec);
  decide::Fence made;
  made.storage = storage.storage;
  made.on_road = storage.on_road;
  if (made.storage == decide::Storage::redis) {
    made.lease = sightings.lease.lease;
    made.holder = sightings.lease.holder;
    made.epoch_known = sightings.lease.epoch_known;
    made.problem = sightings.lease.problem;
  }
  if (made.storage == decide::Storage::rocksdb && sightings.gcs_claim) {
    const doc::Value& claim = *sightings.gcs_claim;
    made.detach_cuts = doc::find_string(claim, {"metadata", "annotations",
                                                volume_fence_annotation}) == volume_fence_detach;
    made.shared_volume =
        std::ranges::any_of(list_at(claim, {"spec", "accessModes"}), [](const doc::Value& mode) {
          return mode.is_string() && mode.get_string() == "ReadWriteMany";
        });
  }
  return made;
}

/// The live StatefulSet without the wish to keep its pods off a node, which is not the plan's.
doc::Value without_avoided_node(doc::Value live) {
  if (doc::find(live, {"metadata", "annotations", avoid_node_annotation}) == nullptr) return live;
  doc::Value* at = &live;
  for (std::string_view step : {"spec", "template", "spec", "affinity", "nodeAffinity"}) {
    doc::Object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(step);
    if (at == nullptr) return live;
  }
  constexpr std::string_view list = "preferredDuringSchedulingIgnoredDuringExecution";
  doc::Value* terms = at->is_object() ? at->get_object().if_contains(list) : nullptr;
  if (terms == nullptr || !terms->is_array()) return live;
  doc::Array kept;
  for (doc::Value& term : terms->get_array()) {
    if (list_at(term, {"preference", "matchFields"}).empty()) kept.push_back(std::move(term));
  }
  *terms = std::move(kept);
  return live;
}

decide::Object object_facts(const doc::Value& planned, const Observed& observed,
                            const std::string& cluster, const Sightings& sightings) {
  using Stands = decide::Object::Stands;
  decide::Object made{.name = label_for_people(planned)};
  made.head = kind_of(planned) == "StatefulSet" && name_of(planned) == plan::head_name(cluster);
  const doc::Value* live = observed.find(kind_of(planned), name_of(planned));
  if (live == nullptr) {
    made.stands = Stands::absent;
    return made;
  }
  if (!is_ours(*live, cluster)) {
    made.stands = Stands::foreign;
    made.what = belongs_to(*live);
    return made;
  }
  if (is_going(*live)) {
    made.stands = Stands::going;
    return made;
  }
  made.what = first_difference(planned, made.head ? without_avoided_node(*live) : *live);
  if (made.what.empty()) return made;
  auto known = sightings.normalised.find(made.name);
  if (known != sightings.normalised.end() && known->second == normalised(planned, *live)) {
    made.what.clear();
    return made;
  }
  made.stands = Stands::differs;
  return made;
}

void add_plan(const Observed& observed, const plan::Plan& plan, const Sightings& sightings,
              decide::Observed& made) {
  const std::string owner = plan::owner_name(plan.cluster);
  for (const doc::Value& planned : plan.objects) {
    if (kind_of(planned) == "ConfigMap" && name_of(planned) == owner) continue;
    made.objects.push_back(object_facts(planned, observed, plan.cluster, sightings));
  }
  auto add = [&](const std::vector<kube::Ref>& refs, bool claim) {
    for (const kube::Ref& ref : refs)
      made.orphans.push_back({.name = ref.kind.kind + ' ' + ref.name, .claim = claim});
  };
  add(to_prune(observed, plan), false);
  add(kept_claims(observed, plan), true);
}

}  // namespace

PodSays pod_says(const doc::Value& pod) {
  if (doc::find_string(pod, {"spec", "nodeName"}).empty()) return PodSays::unplaced;
  std::string_view phase = doc::find_string(pod, {"status", "phase"});
  if (phase == "Failed" || phase == "Succeeded") return PodSays::ended;
  if (is_evicted_from_lost_node(pod) || doc::find_string(pod, {"status", "reason"}) == "NodeLost")
    return PodSays::node_lost;
  if (doc::find_string(pod, {"status", "startTime"}).empty()) return PodSays::unacknowledged;
  const doc::Value* ready = condition(pod, "Ready");
  if (says(pod, "Ready", "True")) return PodSays::ready;
  if (ready != nullptr && doc::find_string(*ready, {"reason"}).empty()) return PodSays::node_lost;
  return kubelet_is_at_work(pod) ? PodSays::starting : PodSays::not_ready;
}

bool has_certificate(const doc::Value& pod) {
  return std::ranges::any_of(list_at(pod, {"spec", "volumes"}), [](const doc::Value& volume) {
    return doc::find_string(volume, {"name"}) == plan::tls_volume;
  });
}

std::optional<WallTime> node_began(const doc::Value& pod) {
  if (!has_certificate(pod)) return std::nullopt;
  return parse_time(doc::find_string(pod, {"status", "startTime"}));
}

decide::Certificate certificate_of(const doc::Value& pod, const CertificateTimes& times,
                                   WallTime now) {
  using decide::Certificate;
  const std::optional<WallTime> began = node_began(pod);
  if (!began) return Certificate::none;
  const auto age = now - *began;
  if (age >= times.lifetime) return Certificate::over;
  if (age >= times.lifetime * 5 / 6) return Certificate::urgent;
  const bool is_asked_for = times.renew_before && *began < *times.renew_before;
  return age >= times.lifetime * 2 / 3 || is_asked_for ? Certificate::due : Certificate::fresh;
}

const doc::Value* head_pod(const Observed& observed) {
  const std::string name = plan::head_name(observed.cluster) + "-0";
  for (const doc::Value& pod : observed.pods) {
    if (name_of(pod) == name) return &pod;
  }
  return nullptr;
}

decide::Observed facts_of(const Observed& observed, const plan::Plan* plan,
                          const Sightings& sightings) {
  decide::Observed made;
  const doc::Value* owner = observed.owner();
  made.owner = owner == nullptr   ? decide::Owner::absent
               : is_going(*owner) ? decide::Owner::going
                                  : decide::Owner::present;
  if (owner != nullptr) made.owner_uid = uid_of(*owner);
  if (plan != nullptr) add_plan(observed, *plan, sightings, made);
  if (const doc::Value* head = head_pod(observed)) {
    made.head = pod_facts(*head, observed, sightings);
    made.answer = sightings.answer;
    made.fence = fence_facts(*head, sightings);
  }
  for (const doc::Value& pod : observed.pods) {
    if (label_of(pod, plan::ray_node_type_label) == "worker")
      made.workers.push_back(pod_facts(pod, observed, sightings));
  }
  made.notes = sightings.notes;
  if (const doc::Value* set = observed.find("StatefulSet", plan::head_name(observed.cluster)))
    made.avoided_node = doc::find_string(*set, {"metadata", "annotations", avoid_node_annotation});
  ClusterStatus status = status_of(observed);
  made.settled = is_settled(status);
  if (!status.troubles.empty()) made.trouble = lasting_text(status.troubles[0]);
  made.apply_problem = sightings.apply_problem;
  return made;
}

}  // namespace raykeep::control
