// From Kubernetes objects to the values that a decision is made from (decide/facts.h). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "control/decide/facts.h"
#include "control/matches.h"
#include "control/observe.h"
#include "control/road_target.h"
#include "plan/plan.h"

namespace raykeep::control {

/// What a pod's status says, see decide::PodSays. That Kubernetes gave up on its node shows in
/// three ways: the condition Ready is False without a reason (a kubelet always gives one; the node
/// lifecycle controller only turns it: kube-controller-manager pkg/controller/util/node,
/// MarkPodsNotReady), the condition DisruptionTarget is by the taint manager, or the reason is
/// NodeLost.
decide::PodSays pod_says(const doc::Value& pod);

/// The live head's pod: <c>-head-0, or nothing.
const doc::Value* head_pod(const Observed& observed);

/// How old certificates may get, with Ray's own TLS.
struct CertificateTimes {
  std::chrono::seconds lifetime;
  /// Nodes that began before are started again: the authority changes and somebody is in a hurry.
  std::optional<WallTime> renew_before;
};

/// How old the pod's certificate is. It is no older than the pod; a pod that has one has the volume
/// for it.
decide::Certificate certificate_of(const doc::Value& pod, const CertificateTimes& times,
                                   WallTime now);

/// Is the pod a node with Ray's own TLS?
bool has_certificate(const doc::Value& pod);

/// When the kubelet began with the pod, where it has a certificate.
std::optional<WallTime> node_began(const doc::Value& pod);

/// What was found out beside the objects.
struct Sightings {
  decide::Answer answer = decide::Answer::unasked;
  decide::Fence lease;  // its lease, holder, epoch_known and problem are used
  std::string apply_problem;
  std::map<std::string, Normalised> normalised;  // by "Kind name"
  std::optional<doc::Value> gcs_claim;           // of a head on RocksDB
  std::vector<decide::Note> notes;
  std::optional<CertificateTimes> certificates;  // nothing: this controller signs none
};

/// `plan` is nothing when the document cannot be used: then there are no objects and no orphans.
/// The plan's objects are as they would be applied, with the owner's reference. Its owner is left
/// out: the document is its author's.
decide::Observed facts_of(const Observed& observed, const plan::Plan* plan,
                          const Sightings& sightings);

}  // namespace raykeep::control
