#include "preflight/obstacle.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::preflight {
namespace {

constexpr std::array everybody = {Who::you,           Who::namespace_admin, Who::policy_team,
                                  Who::registry_team, Who::network_team,    Who::mesh_team,
                                  Who::cluster_admin};

std::string one_line(const Obstacle& obstacle) {
  std::string out = fmt::format("{:<11} {} {}: {}", to_string(obstacle.weight), obstacle.code,
                                obstacle.about, obstacle.what);
  if (!obstacle.why.empty()) out += ": " + obstacle.why;
  return harmless(out) + "\n";
}

std::string indented(std::string_view text) {
  std::string out;
  for (std::string_view line : split(trim(text), '\n'))
    out += line.empty() ? "\n" : fmt::format("    {}\n", harmless(line));
  return out;
}

}  // namespace

std::string_view to_string(Weight weight) {
  switch (weight) {
    case Weight::blocks:
      return "blocks";
    case Weight::may_block:
      return "may block";
    case Weight::unchecked:
      return "not checked";
    case Weight::notice:
      return "notice";
  }
  return "";
}

std::string_view to_string(Who who) {
  switch (who) {
    case Who::you:
      return "you";
    case Who::namespace_admin:
      return "the namespace's administrator";
    case Who::cluster_admin:
      return "the cluster's administrator";
    case Who::policy_team:
      return "who keeps the admission policies";
    case Who::registry_team:
      return "who runs the registry";
    case Who::network_team:
      return "who runs the network";
    case Who::mesh_team:
      return "who runs the service mesh";
  }
  return "";
}

const std::vector<Meaning>& meanings() {
  static const std::vector<Meaning> all = {
      {code::right,
       "a right is missing in the namespace. The ClusterRole edit has all that Raykeep needs; the "
       "Role to be granted instead is printed."},
      {code::no_namespace, "the namespace is not there, or is being deleted."},
      {code::pod_security,
       "the namespace's Pod Security standard refuses the pods. It lists the fields."},
      {code::no_default_deny,
       "no default-deny NetworkPolicy. Raykeep's own policies guard Ray's pods all the same; other "
       "pods of the namespace are open."},
      {code::quota,
       "the ResourceQuota has no room for the whole cluster, all replicas counted. Lower the "
       "document's resources or replicas, or ask for more."},
      {code::limit_range,
       "the LimitRange does not allow what a container asks for. Change the document, or ask for "
       "another range."},
      {code::policy,
       "an admission policy or webhook refuses an object. Change what it names, or ask for an "
       "exception."},
      {code::webhook_away,
       "an admission webhook could not be asked, and nothing is admitted without it."},
      {code::security_context,
       "OpenShift's security context constraints refuse the pods. openshift: true in the Site "
       "leaves user ids to the cluster."},
      {code::name_taken,
       "an object that is not this cluster's has a name that it needs. up touches nothing then."},
      {code::service_account, "the pods' service account is not there."},
      {code::pull_secret,
       "an image pull Secret is missing, is of the wrong type, or has no credential for the "
       "registry of an image."},
      {code::reference, "the pods refer to a Secret or ConfigMap that is not there."},
      {code::reference_key, "the pods refer to a key that the Secret or ConfigMap does not have."},
      {code::volume_claim, "the pods use a volume claim that is not there or has no volume."},
      {code::priority_class, "the priority class is not there."},
      {code::runtime_class, "the runtime class is not there."},
      {code::storage_class,
       "the storage class of a volume is not there, or none is named and the cluster has no "
       "default."},
      {code::refused, "the API server refuses an object for another reason, which it says."},
      {code::old_server, "the API server is older than Kubernetes 1.27."},
      {code::clock_skew,
       "this machine's clock and the API server's differ. Tokens and certificates seem expired, or "
       "not valid yet, to one of them."},
      {code::credential, "the credential that asks ends soon."},
      {code::image_absent, "the registry has no image of that name, tag or digest."},
      {code::image_denied,
       "the registry does not give the image to these pods: no pull Secret, or one without the "
       "right."},
      {code::image_unreachable,
       "the nodes cannot reach the image's registry, or do not trust its certificate."},
      {code::image_slow,
       "the image was not there in the time of the run. Large images take minutes the first time."},
      {code::no_node,
       "the scheduler finds no node for a pod: resources, selectors, taints or volumes."},
      {code::dns, "pods with this cluster's policies cannot ask for names."},
      {code::egress,
       "pods with this cluster's policies cannot reach something that the document or the Site "
       "names."},
      {code::mesh,
       "a service mesh puts containers into the pods that the Site does not speak of, or that Pod "
       "Security refuses."},
      {code::going, "an object of that name is still being deleted."},
      {code::unreadable,
       "this could not be looked at with these rights; somebody who may read it can say."},
      {code::no_probe, "a short-lived pod that was to try something could not be run."},
      {code::no_answer, "the API server gave no answer to a question."},
      {code::mesh_open,
       "the mesh takes plaintext, or nobody could say whether it does: encryption is then up to "
       "each client."},
  };
  return all;
}

Obstacles in_order(Obstacles obstacles) {
  std::ranges::stable_sort(obstacles, {}, &Obstacle::weight);
  Obstacles out;
  for (Obstacle& each : obstacles) {
    bool known = std::ranges::any_of(out, [&](const Obstacle& other) {
      return other.code == each.code && other.about == each.about;
    });
    if (!known) out.push_back(std::move(each));
  }
  return out;
}

bool any_in_the_way(const Obstacles& obstacles) {
  return std::ranges::any_of(obstacles, [](const Obstacle& each) {
    return each.weight == Weight::blocks || each.weight == Weight::may_block;
  });
}

std::string to_text(const Obstacles& obstacles) {
  std::string out;
  for (const Obstacle& each : obstacles) out += one_line(each);
  for (Who who : everybody) {
    std::string block;
    for (const Obstacle& each : obstacles) {
      if (each.who != who || each.weight == Weight::notice || each.send.empty()) continue;
      block += fmt::format("  {} {}\n{}", each.code, harmless(each.about), indented(each.send));
    }
    if (block.empty()) continue;
    out += who == Who::you ? "\nFor you to change:\n"
                           : fmt::format("\nTo send to {}:\n", to_string(who));
    out += block;
  }
  return out;
}

doc::Array to_json(const Obstacles& obstacles) {
  doc::Array out;
  for (const Obstacle& each : obstacles) {
    out.push_back(doc::Object{{"code", each.code},
                              {"weight", to_string(each.weight)},
                              {"who", to_string(each.who)},
                              {"about", each.about},
                              {"what", each.what},
                              {"why", each.why},
                              {"send", each.send}});
  }
  return out;
}

}  // namespace raykeep::preflight
