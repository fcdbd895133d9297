// Every field of raykeep.io/v1 Site, in the notation of shape.h.
#include "spec/shape_tables.h"

namespace raykeep::spec {

// clang-format off
const char* const kSiteShapes = R"(
Site -- What is true of the enclave and not of the workload. Written once by the platform engineer.
  apiVersion! string -- raykeep.io/v1
  kind! string -- Site
  metadata ObjectMeta -- The Site's name, for reports.
  spec SiteSpec -- Everything has a default that suits a plain, locked-down namespace.
SiteSpec -- Everything has a default that suits a plain, locked-down namespace.
  clusterDomain string = "cluster.local" -- DNS domain of the Kubernetes cluster.
  openshift bool = false -- OpenShift: no fixed users, DNS on port 5353.
  networkPolicy SiteNetworkPolicy -- What the enforcer of network policies can do.
  tls SiteTls -- How Ray's traffic is encrypted.
  dns SiteDns -- Where pods ask for names.
  pods SitePods -- What every pod gets.
  images SiteImages -- Where images come from.
  peers SitePeers -- Who may call in.
  egress SiteEgress[] -- What the workload may call out to. Nothing if not said.
SiteNetworkPolicy -- What the enforcer of network policies can do.
  endPort bool = true -- false: it knows no port ranges, and policies list every port.
SiteTls -- How Ray's traffic is encrypted.
  mode SiteTlsMode -- none must be written out.
SiteTlsMode = none|native|mesh
SiteDns -- Where pods ask for names.
  servers SitePeer[] -- Pods labelled k8s-app=kube-dns in kube-system if not said.
  ports port[] -- 53 over UDP and TCP if not said; 5353 on OpenShift.
SitePods -- What every pod gets.
  runAsUser int64 -- 1000 if not said; not set on OpenShift.
  runAsGroup int64 -- Not set if not said.
  fsGroup int64 -- 1000 if not said; not set on OpenShift.
  serviceAccountName string -- The namespace's default if not said. Its token is never mounted.
  priorityClassName string -- None if not said.
  tmpSize quantity = "2Gi" -- Size of the emptyDir at /tmp.
  homeSize quantity = "1Gi" -- Size of the emptyDir at $HOME.
  home string = "/home/ray" -- What $HOME is in the Ray image.
  labels string{} -- Labels of every pod.
  annotations string{} -- Annotations of every pod.
SiteImages -- Where images come from.
  registry string -- Prefix of every image, as in registry.bank.example/mirror.
  pullSecrets string[] -- Names of Secrets in the namespace.
  pullPolicy PullPolicy -- The document's own if not said.
SitePeers -- Who may call in. Nobody if not said.
  monitoring SitePeer[] -- May scrape metrics.
  ingress SitePeer[] -- May call Serve.
  submitters SitePeer[] -- May use the dashboard and the Jobs API.
  clients SitePeer[] -- May open Ray Client sessions.
SiteEgress -- One outward conversation of the workload.
  name! string -- For reports.
  reason! string -- For the reviewer: why the port is open.
  to! SitePeer[] -- With whom.
  ports! port[] -- On which ports.
SitePeer -- Pods by namespace and labels, or addresses.
  name string -- For reports.
  namespace string -- Pods of this namespace; short for namespaceLabels with kubernetes.io/metadata.name.
  namespaceLabels string{} -- Pods of namespaces with these labels; {} is every namespace.
  podLabels string{} -- Pods with these labels; every pod if not said.
  cidr string -- Addresses, as in 10.1.0.0/16.
  except string[] -- Addresses inside cidr that are left out.
)";
// clang-format on

}  // namespace raykeep::spec
