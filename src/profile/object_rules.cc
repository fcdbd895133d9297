// The rules about other objects: Services and Ingresses, policies, rights, budgets.
#include "profile/rules.h"

namespace raykeep::profile {
namespace {

using enum Profile;
using Names = std::vector<RuleName>;

constexpr Profile gk = gatekeeper, nsa = nsa_cisa;

constexpr std::string_view kRemovedIn25[] = {"batch/v1beta1", "discovery.k8s.io/v1beta1",
                                             "events.k8s.io/v1beta1", "policy/v1beta1",
                                             "node.k8s.io/v1beta1"};
constexpr std::string_view kRemovedIn26[] = {"flowcontrol.apiserver.k8s.io/v1beta1",
                                             "autoscaling/v2beta2"};

Rule of_object(Names names, void (*check)(const doc::Value&, Objects, Faults&),
               std::string_view remedy) {
  return {.pod = nullptr, .object = check, .remedy = remedy, .names = std::move(names)};
}

bool has_kind(const doc::Value& object, Words kinds) {
  std::string_view kind = doc::find_string(object, {"kind"});
  for (std::string_view each : kinds) {
    if (each == kind) return true;
  }
  return false;
}

std::vector<Rule> about_services() {
  constexpr std::string_view cluster_ip = "write ClusterIP, and let an ingress controller call it";
  return {
      of_object(
          {{kyverno, "restrict-nodeport/validate-nodeport"}, {gk, "K8sBlockNodePort"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            service_type(object, "NodePort", faults);
          },
          cluster_ip),
      of_object(
          {{gk, "K8sBlockLoadBalancer"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            service_type(object, "LoadBalancer", faults);
          },
          cluster_ip),
      of_object(
          {{nsa, "nsa-cisa-k8s-v1.2-block-all-ingress"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            ingress_at_all(object, faults);
            service_type(object, "NodePort", faults);
            service_type(object, "LoadBalancer", faults);
          },
          "have it allowed by name, or remove it"),
      of_object(
          {{kyverno, "restrict-external-ips/check-ips"}, {gk, "K8sExternalIPs"}},
          [](const doc::Value& object, Objects, Faults& faults) { external_ips(object, faults); },
          "remove externalIPs"),
      of_object({{gk, "K8sUniqueServiceSelector"}}, same_selector,
                "give one of them a label of its own"),
      of_object(
          {{kyverno, "disallow-empty-ingress-host/disallow-empty-ingress-host"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            ingress_without_host(object, faults);
          },
          "name the host"),
      of_object(
          {{gk, "K8sBlockWildcardIngress"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            ingress_with_wildcard(object, faults);
          },
          "name the host"),
      of_object(
          {{gk, "K8sHttpsOnly"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            ingress_without_tls(object, faults);
          },
          "give it tls, and the annotation kubernetes.io/ingress.allow-http: \"false\""),
      of_object({{nsa, "nsa-cisa-k8s-v1.2-require-namespace-network-policies"}}, unguarded_pods,
                "add a NetworkPolicy that selects it"),
  };
}

std::vector<Rule> about_other_objects() {
  return {
      of_object(
          {{kyverno, "disallow-default-namespace/validate-namespace"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            static constexpr std::string_view kinds[] = {"Pod"};
            if (has_kind(object, kinds)) default_namespace(object, faults);
          },
          "choose a namespace"),
      of_object(
          {{kyverno, "disallow-default-namespace/validate-podcontroller-namespace"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            static constexpr std::string_view kinds[] = {"DaemonSet", "Deployment", "Job",
                                                         "StatefulSet"};
            if (has_kind(object, kinds)) default_namespace(object, faults);
          },
          "choose a namespace"),
      of_object(
          {{kyverno, "check-deprecated-apis/validate-v1-25-removals"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            removed_api(object, kRemovedIn25, faults);
          },
          "write the version that Kubernetes 1.25 and newer serve"),
      of_object(
          {{kyverno, "check-deprecated-apis/validate-v1-26-removals"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            removed_api(object, kRemovedIn26, faults);
          },
          "write the version that Kubernetes 1.26 and newer serve"),
      of_object({{gk, "K8sPodDisruptionBudget"}}, blocking_budget,
                "keep the head's state in Redis (redis in the Site): then it may be moved, and "
                "maxUnavailable is 1"),
      of_object(
          {{nsa, "nsa-cisa-k8s-v1.2-block-secrets-of-type-basic-auth"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            secret_of_type(object, "kubernetes.io/basic-auth", faults);
          },
          "write type: Opaque"),
      of_object(
          {{nsa, "nsa-cisa-k8s-v1.2-restrict-clusteradmin-rolebindings"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            binding_of(object, "cluster-admin", faults);
          },
          "bind a Role with what is needed"),
      of_object(
          {{nsa, "nsa-cisa-k8s-v1.2-restrict-edit-rolebindings"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            binding_of(object, "edit", faults);
          },
          "bind a Role with what is needed"),
      of_object(
          {{gk, "K8sDisallowAnonymous"}},
          [](const doc::Value& object, Objects, Faults& faults) {
            binding_of_anyone(object, faults);
          },
          "name who needs them"),
      of_object(
          {{nsa, "nsa-cisa-k8s-v1.2-restrict-pods-exec"}},
          [](const doc::Value& object, Objects, Faults& faults) { role_with_exec(object, faults); },
          "remove pods/exec from the rule"),
  };
}

}  // namespace

std::vector<Rule> object_rules() {
  std::vector<Rule> all = about_services();
  for (Rule& each : about_other_objects()) all.push_back(std::move(each));
  return all;
}

}  // namespace raykeep::profile
