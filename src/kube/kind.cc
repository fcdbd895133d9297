#include "kube/kind.h"

#include <fmt/format.h>

#include "base/error.h"
#include "net/url.h"

namespace raykeep::kube {
namespace {

constexpr bool cluster_wide = false;

constexpr KindInfo kinds[] = {
    {"v1", "ConfigMap", "configmaps"},
    {"v1", "Secret", "secrets"},
    {"v1", "Service", "services"},
    {"v1", "Pod", "pods"},
    {"v1", "Event", "events"},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims"},
    {"v1", "ServiceAccount", "serviceaccounts"},
    {"v1", "ResourceQuota", "resourcequotas"},
    {"v1", "LimitRange", "limitranges"},
    {"v1", "Endpoints", "endpoints"},
    {"v1", "Namespace", "namespaces", cluster_wide},
    {"v1", "Node", "nodes", cluster_wide},
    {"v1", "PersistentVolume", "persistentvolumes", cluster_wide},
    {"apps/v1", "StatefulSet", "statefulsets"},
    {"apps/v1", "Deployment", "deployments"},
    {"apps/v1", "ReplicaSet", "replicasets"},
    {"apps/v1", "ControllerRevision", "controllerrevisions"},
    {"batch/v1", "Job", "jobs"},
    {"batch/v1", "CronJob", "cronjobs"},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"},
    {"networking.k8s.io/v1", "Ingress", "ingresses"},
    {"gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"},
    {"route.openshift.io/v1", "Route", "routes"},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", cluster_wide},
    {"rbac.authorization.k8s.io/v1", "Role", "roles"},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"},
    {"coordination.k8s.io/v1", "Lease", "leases"},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"},
    {"events.k8s.io/v1", "Event", "events"},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", cluster_wide},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", cluster_wide},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", cluster_wide},
    {"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews",
     cluster_wide},
    {"authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", cluster_wide},
    {"authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews", cluster_wide},
};

}  // namespace

const KindInfo* find_kind(std::string_view api_version, std::string_view kind) {
  for (const auto& info : kinds) {
    if (info.api_version == api_version && info.kind == kind) return &info;
  }
  return nullptr;
}

const KindInfo& info_of(const Kind& kind) {
  auto info = find_kind(kind.api_version, kind.kind);
  if (!info) {
    throw Failure(Failure::Kind::bug,
                  fmt::format("kind {} {} is not in the table of kinds (src/kube/kind.cc)",
                              kind.api_version, kind.kind));
  }
  return *info;
}

std::string_view group_of(std::string_view api_version) {
  auto slash = api_version.find('/');
  return slash == api_version.npos ? "" : api_version.substr(0, slash);
}

std::string path_of(const KindInfo& info, const std::string& ns, const std::string& name) {
  auto path =
      fmt::format("{}/{}", info.api_version.contains('/') ? "/apis" : "/api", info.api_version);
  if (info.namespaced && !ns.empty()) path += "/namespaces/" + net::percent_encode(ns);
  path += fmt::format("/{}", info.plural);
  if (!name.empty()) path += "/" + net::percent_encode(name);
  return path;
}

}  // namespace raykeep::kube
