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
  airGapped bool = false -- true: nothing is loaded from outside, and images are named by digest; check refuses the rest.
  networkPolicy SiteNetworkPolicy -- What the enforcer of network policies can do.
  apiServer SiteApiServer -- Where Kubernetes' API server is; any address on 443 and 6443 if not said.
  tls SiteTls -- How Ray's traffic is encrypted.
  dns SiteDns -- Where pods ask for names.
  pods SitePods -- What every pod gets.
  images SiteImages -- Where images come from.
  peers SitePeers -- Who may call in.
  egress SiteEgress[] -- What the workload may call out to. Nothing if not said.
  workerPorts SiteWorkerPorts[] -- Ports that libraries open between workers (NCCL, torch). None if not said.
  redis SiteRedis -- Where heads keep their state, so that a new one goes on where a lost one stopped.
  serving SiteServing -- How a RayService is reached from outside of the cluster.
  profiles SiteProfile[] -- Sets of policy rules that hold here: check refuses what breaks one, up warns.
SiteServing -- How a RayService is reached from outside of the cluster.
  route SiteRoute -- An object that leads to its Service; none if not said.
SiteRoute -- An object that leads to a RayService's Service.
  kind! SiteRouteKind -- HTTPRoute is the Gateway API's, Route is OpenShift's.
  host string -- The name by which it is asked for, as in ray.bank.example; {service} in it stands for the RayService's name.
  path string = "/" -- The path's beginning.
  ingressClassName string -- Of an Ingress; the cluster's default if not said.
  gateway string -- Of an HTTPRoute: the Gateway, NAME or NAMESPACE/NAME.
  tlsSecret string -- Of an Ingress: a Secret with the host's certificate.
  annotations string{} -- What its controller wants to be told.
SiteRouteKind = Ingress|HTTPRoute|Route
SiteProfile = pss-baseline|pss-restricted|kyverno|gatekeeper|nsa-cisa|openshift-restricted-v2
SiteNetworkPolicy -- What the enforcer of network policies can do.
  enforcer SiteEnforcer = "kubernetes" -- Who enforces; `raykeep site policies` writes in its dialect what a NetworkPolicy cannot say.
  endPort bool = true -- false: it knows no port ranges, and policies list every port.
SiteEnforcer = kubernetes|cilium|calico|openshift|eks|antrea
SiteApiServer -- Where Kubernetes' API server is, for the controller.
  addresses string[] -- As the enforcer sees them, as in 10.0.0.1/32: the endpoints of Service default/kubernetes; on EKS its ClusterIP.
  port int32 -- 443 and 6443 if not said.
  administrator bool = false -- true: no rule of ours opens the way; the administrator applies the one of `raykeep site policies` (Cilium, Calico).
SiteTls -- How Ray's traffic is encrypted.
  mode SiteTlsMode -- none must be written out.
  certificateLifetime string = "720h" -- How long a node's certificate lasts, with mode: native; it is renewed after two thirds.
  http bool -- With mode: native, where it is true if not said: who is not of the cluster reaches HTTP through TLS ports of the agent.
  httpSecret string -- A Secret with tls.crt and tls.key for the outside names of dashboard and Serve; the node's own certificate if not said.
  mesh SiteMesh -- Which mesh, with mode: mesh.
  controlPlane SitePeer[] -- The mesh's control plane; app=istiod in istio-system, or namespace linkerd, if not said.
  revision string -- Istio's revision that injects the sidecars, as in its label istio.io/rev; the default one if not said.
  nativeSidecar bool = true -- Proxies start before and end after a pod's containers, init containers among them; false for Kubernetes before 1.29.
SiteTlsMode = none|native|mesh
SiteMesh = istio-sidecar|istio-ambient|linkerd
SiteDns -- Where pods ask for names.
  servers SitePeer[] -- Pods labelled k8s-app=kube-dns in kube-system if not said.
  ports port[] -- 53 over UDP and TCP if not said; 5353 on OpenShift.
SitePods -- What every pod gets.
  runAsUser int64 -- 1000 if not said; not set on OpenShift.
  runAsGroup int64 -- 1000 if not said; not set on OpenShift.
  fsGroup int64 -- 1000 if not said; not set on OpenShift.
  serviceAccountName string -- The namespace's default if not said. Its token is never mounted.
  priorityClassName string -- None if not said.
  tmpSize quantity = "2Gi" -- Size of the emptyDir at /tmp.
  homeSize quantity = "1Gi" -- Size of the emptyDir at $HOME.
  home string = "/home/ray" -- What $HOME is in the Ray image.
  labels string{} -- Labels of every pod.
  annotations string{} -- Annotations of every pod.
SiteImages -- Where images come from.
  raykeep string -- Raykeep's own image, before the prefix; raykeep:VERSION if not said.
  redis string = "redis:7.2" -- The image of a managed Redis, before the prefix.
  registry string -- Prefix of every image, as in registry.bank.example/mirror.
  pullSecrets string[] -- Names of Secrets in the namespace.
  pullPolicy PullPolicy -- The document's own if not said.
  digests string{} -- Digests by name and tag, as in rayproject/ray:2.60.0: sha256:...; --images-lock fills them in.
  mirrors SiteMirror[] -- Where `raykeep bundle create` asks before the registry that an image names.
SiteMirror -- Registries that have what another one has.
  registry! string -- The other one, as in docker.io, or with a path.
  mirrors! string[] -- Asked in this order.
SiteRedis -- Where heads keep their state. One of addresses, sentinel and managed.
  addresses string[] -- Servers that somebody else runs, as in redis.data.svc:6379; the first that is a master is used.
  sentinel SiteSentinel -- Sentinels that know the master.
  managed SiteManagedRedis -- Raykeep runs one beside each cluster.
  tls SiteRedisTls -- Encryption of the way to it.
  user string -- ACL user; Redis' default user if not said.
  passwordSecret SiteKey -- Where the password is; key password if not said.
  hold string = "90s" -- How long Ray's requests are held while Redis is away.
  leaseTtl string = "10s" -- After how long without news another head may take over.
  peers SitePeer[] -- Who the servers are, for policies; taken from the addresses if not said.
  inMesh bool = false -- With tls.mode: mesh, the servers' pods are in the mesh, too. A managed Redis always is.
SiteSentinel -- Sentinels that know the master.
  addresses! string[] -- The Sentinels; port 26379 if not said.
  master! string -- The name under which they watch it.
  user string -- User of the Sentinels.
  passwordSecret SiteKey -- Password of the Sentinels.
  ports port[] -- Ports of the servers that they name; 6379 if not said.
SiteManagedRedis -- A Redis that Raykeep runs beside each cluster.
  size quantity = "1Gi" -- Size of its volume.
  storageClassName string -- Of its volume; the cluster's default if not said.
  memory quantity = "512Mi" -- Memory limit of its container; the data may take half of it.
  tls bool = true -- Encryption of the way to it.
  certificateSecret string -- A Secret with tls.crt, tls.key and ca.crt for NAME-redis.NAMESPACE.svc; made if not said.
SiteRedisTls -- Encryption of the way to Redis.
  enabled bool -- true if tls is written; false must be written out.
  caSecret SiteKey -- Authorities that are trusted; key ca.crt if not said.
  caConfigMap SiteKey -- The same from a ConfigMap.
  certificateSecret string -- A Secret with tls.crt and tls.key, where Redis wants to know its clients.
  serverName string -- The name in the server's certificate, where it is not the address's.
SiteKey -- One value of a Secret or ConfigMap in the namespace.
  name! string, key string
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
SiteWorkerPorts -- Ports of a library between all workers.
  name! string -- For reports; a port's name, as in nccl.
  reason! string -- For the reviewer: why the ports are open.
  ports! port[] -- Which ports.
SitePeer -- Pods by namespace and labels, or addresses.
  name string -- For reports.
  namespace string -- Pods of this namespace; short for namespaceLabels with kubernetes.io/metadata.name.
  namespaceLabels string{} -- Pods of namespaces with these labels; {} is every namespace.
  podLabels string{} -- Pods with these labels; every pod if not said.
  cidr string -- Addresses, as in 10.1.0.0/16.
  except string[] -- Addresses inside cidr that are left out.
  fqdn string -- A DNS name, as in s3.bank.example or *.bank.example; in egress, with enforcer: cilium.
)";
// clang-format on

}  // namespace raykeep::spec
