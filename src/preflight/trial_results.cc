#include "preflight/trial_results.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "preflight/references.h"

namespace raykeep::preflight {
namespace {

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return text.contains(part); });
}

enum class PullFault { denied, unreachable, absent, other };

/// What a pull failed of, in the words of containerd 1.6 to 2.1 and CRI-O.
PullFault pull_fault(std::string_view why) {
  if (has_any(why, {"unauthorized", "Unauthorized", "authentication required",
                    "authorization failed", "failed to authorize", "403 Forbidden", "no basic auth",
                    "access denied", "denied: "}))
    return PullFault::denied;
  if (has_any(why, {"x509", "certificate", "no such host", "i/o timeout", "connection refused",
                    "network is unreachable", "no route to host", "dial tcp", "Temporary failure",
                    "deadline exceeded", "HTTP response to HTTPS client"}))
    return PullFault::unreachable;
  if (has_any(why, {"not found", "manifest unknown", "NotFound", "MANIFEST_UNKNOWN"}))
    return PullFault::absent;
  return PullFault::other;
}

/// Of a pod that says nothing of what it was made for.
Obstacle could_not_try(std::string about, std::string what,
                       const std::optional<control::Diagnosis>& trouble) {
  return {code::no_probe,
          Weight::unchecked,
          Who::you,
          std::move(about),
          std::move(what),
          trouble
              ? fmt::format("{}{}{}", trouble->what, trouble->why.empty() ? "" : ": ", trouble->why)
              : "its pod did not start in time",
          ""};
}

const net::Reached* found(const std::optional<verify::ProbeAnswer>& answer,
                          const verify::Target& target) {
  if (!answer) return nullptr;
  auto at = answer->reached.find(verify::to_string(target));
  return at == answer->reached.end() ? nullptr : &at->second;
}

std::string fate_text(const net::Reached& reached) {
  std::string out(net::to_string(reached.fate));
  return reached.detail.empty() ? out : fmt::format("{} ({})", out, reached.detail);
}

bool works(const net::Reached* reached) {
  return reached != nullptr && reached->fate == net::Fate::open;
}

/// What the pod that no policy stands in the way of says of the same target.
enum class Open { works, fails, unknown };

Open open_of(const ReachTrial& trial, const verify::Target& target) {
  const net::Reached* reached = found(trial.open, target);
  if (reached == nullptr) return Open::unknown;
  return works(reached) ? Open::works : Open::fails;
}

constexpr const char* not_compared =
    "; whether that is our policies' or the network's doing was not found out";

Obstacle no_dns(const ReachTrial& trial, const std::string& ns, Open open) {
  const std::string server = trial.guarded->name_server;
  if (open == Open::unknown) {
    return {code::dns,
            Weight::blocks,
            Who::you,
            "DNS",
            fmt::format("the {} gets no answer from the name server {}{}", trial.role, server,
                        not_compared),
            "",
            fmt::format("Compare the Site's dns with who answers for {}, then ask who runs the "
                        "network.",
                        server)};
  }
  if (open == Open::works) {
    return {code::dns,
            Weight::blocks,
            Who::you,
            "DNS",
            fmt::format("the {}'s policies do not let it ask the name server {}; pods without "
                        "policies may",
                        trial.role, server),
            "",
            fmt::format("Write into the Site's dns which pods or addresses answer for {}, and on "
                        "which ports they listen. Who runs the cluster knows: kubectl get pods -A "
                        "-l k8s-app=kube-dns --show-labels",
                        server)};
  }
  return {code::dns,
          Weight::blocks,
          Who::network_team,
          "DNS",
          fmt::format("pods of the namespace get no answer from their name server {}, whatever our "
                      "policies allow",
                      server),
          "",
          fmt::format("Pods in namespace {} cannot ask their name server {} on port 53. Which "
                      "policy denies it, or does it not run?",
                      ns, server)};
}

Obstacle no_way(const ReachTrial& trial, const Goal& goal, const std::string& ns,
                const net::Reached& guarded, Open open) {
  if (open == Open::works) {
    return {code::egress,
            Weight::blocks,
            Who::you,
            goal.what,
            fmt::format("the {}'s policies do not let it through; without them it is reached",
                        trial.role),
            fate_text(guarded),
            "Mend the peers and ports of this entry in the Site: they do not describe what "
            "answers there."};
  }
  return {code::egress,
          Weight::blocks,
          Who::network_team,
          goal.what,
          fmt::format("pods of the namespace do not reach it: {}{}", fate_text(guarded),
                      open == Open::unknown ? not_compared : ""),
          "",
          fmt::format("Pods in namespace {} need to reach {} ({}). The attempt is {}. Please open "
                      "the way, or tell us the right address and port.",
                      ns, goal.what, goal.reason, fate_text(guarded))};
}

}  // namespace

bool has_image(const doc::Value& pod) {
  for (const doc::Value& status : control::list_at(pod, {"status", "containerStatuses"})) {
    if (!doc::find_string(status, {"imageID"}).empty()) return true;
    if (doc::find(status, {"state", "running"}) || doc::find(status, {"state", "terminated"}) ||
        doc::find(status, {"lastState", "terminated"}))
      return true;
    std::string_view reason = doc::find_string(status, {"state", "waiting", "reason"});
    if (reason == "CreateContainerError" || reason == "RunContainerError" ||
        reason == "CrashLoopBackOff" || reason == "CreateContainerConfigError")
      return true;
  }
  return false;
}

Obstacles judge_image(const ImageTrial& trial, const std::string& ns) {
  const std::string about = "image " + trial.image;
  if (trial.trouble && trial.trouble->reason == "RunAsNonRoot") {
    return {{code::refused, Weight::blocks, Who::you, about, trial.trouble->what,
             trial.trouble->why, trial.trouble->next}};
  }
  if (trial.there) return {};
  const std::string registry = registry_of(trial.image);
  if (!trial.trouble) {
    return {{code::image_slow, Weight::may_block, Who::registry_team, about,
             "it was not pulled in the time of this run: it is large, or its registry does not "
             "answer the nodes",
             "",
             fmt::format("Do the nodes reach the registry {}? The image {} was asked for and "
                         "neither came nor was refused.",
                         registry, trial.image)}};
  }
  const control::Diagnosis& trouble = *trial.trouble;
  if (trouble.reason == "ImageNeverPull") {
    return {{code::image_absent, Weight::blocks, Who::cluster_admin, about, trouble.what,
             trouble.why,
             fmt::format("Please load the image {} on all nodes, or we pull it from a registry.",
                         trial.image)}};
  }
  if (trouble.reason == "InvalidImageName") {
    return {{code::image_absent, Weight::blocks, Who::you, about, trouble.what, trouble.why,
             trouble.next}};
  }
  if (trouble.reason != "ImagePull")
    return {could_not_try(about, "whether it can be pulled was not found out", trial.trouble)};
  switch (pull_fault(trouble.why)) {
    case PullFault::denied:
      return {{code::image_denied, Weight::blocks, Who::registry_team, about,
               trial.pull_secret ? "the registry does not give it to the pull Secret's account"
                                 : "the registry asks who we are, and no pull Secret is named",
               trouble.why,
               fmt::format("Please let our account pull {}{}.", trial.image,
                           trial.pull_secret
                               ? ""
                               : "; we need its name and password for a pull Secret, which the "
                                 "Site then names in images.pullSecrets")}};
    case PullFault::unreachable:
      return {{code::image_unreachable, Weight::blocks, Who::registry_team, about,
               fmt::format("the nodes do not get through to the registry {}", registry),
               trouble.why,
               fmt::format("Which mirror of {} can the nodes of this cluster reach and trust? We "
                           "would name it in the Site's images.registry.",
                           registry)}};
    case PullFault::absent:
      return {{code::image_absent, Weight::blocks, Who::registry_team, about,
               "the registry has no such image", trouble.why,
               fmt::format("Please mirror {} into the registry {}, or we correct its name, tag or "
                           "digest.",
                           trial.image, registry)}};
    case PullFault::other:
      break;
  }
  return {
      {code::image_denied, Weight::blocks, Who::registry_team, about, "it cannot be pulled",
       trouble.why,
       fmt::format("The nodes of namespace {} cannot pull {}: {}", ns, trial.image, trouble.why)}};
}

Obstacles judge_size(const SizeTrial& trial) {
  if (trial.placed >= trial.tried && trial.tried > 0) return {};
  const std::string about = "pods of " + trial.workload;
  const bool judged = trial.trouble && trial.trouble->reason == "Unschedulable";
  if (!judged)
    return {
        could_not_try(about, "whether nodes have room for them was not found out", trial.trouble)};
  const bool room = trial.trouble->why.contains("Insufficient ");
  std::string what = trial.placed == 0
                         ? "no node takes them"
                         : fmt::format("nodes take {} of {}", trial.placed, trial.wanted);
  if (trial.beside_own) what += ", beside those that run already";
  return {{code::no_node, room && trial.beside_own ? Weight::may_block : Weight::blocks,
           room ? Who::cluster_admin : Who::you, about, what, trial.trouble->why,
           room ? fmt::format(
                      "We need room for {} of the pods of {}. The scheduler says: {}. Are there "
                      "nodes for us that we have to select or tolerate?",
                      trial.wanted, trial.workload, trial.trouble->why)
                : "Compare nodeSelector, affinity and tolerations of the document with the labels "
                  "and taints of the nodes, which the cluster's administrators can tell."}};
}

Obstacles judge_reach(const ReachTrial& trial, const std::string& ns) {
  Obstacles out;
  for (const Goal& goal : trial.goals) {
    const net::Reached* guarded = found(trial.guarded, goal.target);
    if (guarded == nullptr) {
      out.push_back(could_not_try(fmt::format("{} from the {}", goal.what, trial.role),
                                  "whether it is reached was not found out", trial.trouble));
      continue;
    }
    if (works(guarded)) continue;
    const Open open = open_of(trial, goal.target);
    out.push_back(goal.target.host.empty() ? no_dns(trial, ns, open)
                                           : no_way(trial, goal, ns, *guarded, open));
  }
  return out;
}

Obstacles judge_claim(const ClaimTrial& trial, const std::string& ns) {
  const std::string named = trial.storage_class.empty() ? "the default StorageClass"
                                                        : "StorageClass " + trial.storage_class;
  const bool absent = trial.message.contains("not found") && trial.message.contains("storageclass");
  const bool none = trial.message.contains("no storage class is set");
  if (absent || none) {
    return {{code::storage_class, Weight::blocks, Who::cluster_admin, named,
             absent ? fmt::format("it is not there, and is needed by {}", trial.claim)
                    : fmt::format("the cluster has none, and {} names no class", trial.claim),
             trial.message,
             fmt::format("Which StorageClass may we use in namespace {}? We had {}.", ns, named)}};
  }
  if (!trial.message.empty()) return {};
  return {{code::storage_class, Weight::unchecked, Who::cluster_admin, named,
           fmt::format("whether it is there was not found out; {} needs it", trial.claim), "",
           fmt::format("May we use {} in namespace {}?", named, ns)}};
}

}  // namespace raykeep::preflight
