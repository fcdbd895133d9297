// Every field of ray.io/v1 RayCluster as KubeRay 1.7 has it, in the notation of shape.h.
#include "spec/shape_tables.h"

namespace raykeep::spec {

// clang-format off
const char* const kRayShapes = R"(
RayCluster -- A Ray cluster, as KubeRay's users write it.
  apiVersion! string -- ray.io/v1
  kind! string -- RayCluster
  metadata! ObjectMeta -- Name, namespace, labels and annotations.
  spec! RayClusterSpec -- What the cluster should be.
  status object -- Written by a controller; ignored in a document.
RayClusterSpec -- What the cluster should be.
  rayVersion string -- The version of Ray in the image, as in "2.52.0". Probes and token authentication depend on it.
  headGroupSpec! HeadGroupSpec -- The head.
  workerGroupSpecs WorkerGroupSpec[] -- The groups of workers; a group's pods are alike.
  suspend bool -- true: no pods run; everything else stays.
  authOptions AuthOptions -- How callers prove who they are.
  headServiceAnnotations string{} -- Annotations of the head's Service.
  enableInTreeAutoscaling bool -- Ray's autoscaler changes the replicas. Not acted on yet.
  autoscalerOptions AutoscalerOptions -- How the autoscaler runs. Not acted on yet.
  gcsFaultToleranceOptions GcsFaultToleranceOptions -- Where the head keeps its state.
  historyServerOptions HistoryServerOptions -- Collects events for a history server. Not acted on yet.
  networkPolicy RayNetworkPolicy -- KubeRay's network policies. Raykeep makes its own from the flows.
  tlsOptions RayTlsOptions -- Mutual TLS by cert-manager. Not acted on yet.
  upgradeStrategy UpgradeStrategy -- What happens when the document changes. Not acted on yet.
  managedBy ManagedBy -- Which controller acts on the document. Not acted on yet.
RayService -- Applications of Ray Serve and the cluster that they run on, as KubeRay's users write it.
  apiVersion! string -- ray.io/v1
  kind! string -- RayService
  metadata! ObjectMeta -- Name, namespace, labels and annotations.
  spec! RayServiceSpec -- What is served, and by what.
  status object -- Written by a controller; ignored in a document.
RayServiceSpec -- What is served, and by what.
  rayClusterConfig! RayClusterSpec -- The cluster. Where its pods change, another one takes its place without a gap.
  serveConfigV2 any -- Text: Ray Serve's own configuration in YAML. A change of it alone is carried out in the running cluster.
  serveService Service -- The Service to start from, in front of Serve's proxies.
  upgradeStrategy RayServiceUpgradeStrategy -- How another cluster takes the place of the one that serves.
  rayClusterDeletionDelaySeconds count -- How long a cluster that serves no more is kept; 60 if not said.
  excludeHeadPodFromServeSvc bool -- true: the head gets no requests from outside.
  suspend bool -- true: no pods run; everything else stays.
  managedBy ManagedBy -- Which controller acts on the document. Not acted on.
  serviceUnhealthySecondThreshold int32 -- Of older KubeRay; nobody reads it.
  deploymentUnhealthySecondThreshold int32 -- Of older KubeRay; nobody reads it.
RayServiceUpgradeStrategy -- How another cluster takes the place of the one that serves.
  type RayServiceUpgradeType -- NewCluster if not said; None: the pods never change.
  clusterUpgradeOptions ClusterUpgradeOptions -- Of NewClusterWithIncrementalUpgrade.
RayServiceUpgradeType = NewCluster|NewClusterWithIncrementalUpgrade|None
ClusterUpgradeOptions -- In which steps the capacity moves from one cluster to the other.
  maxSurgePercent int32 -- How much of the capacity may run beside it in a step; 100 if not said.
  stepSizePercent int32 -- Of a Gateway's weights; here the capacity moves by maxSurgePercent.
  intervalSeconds int32 -- How long a step lasts at least.
  gatewayClassName string -- Not acted on: requests move with the Service's endpoints.
UpgradeStrategy -- What happens when the document changes.
  type UpgradeStrategyType -- Recreate deletes every pod; None changes nothing that runs.
UpgradeStrategyType = Recreate|None
ManagedBy = ray.io/kuberay-operator|kueue.x-k8s.io/multikueue
AuthOptions -- How callers prove who they are.
  mode AuthMode -- token wants Ray 2.52 or newer.
  secretName string -- A Secret that exists, with key auth_token; without it Raykeep makes one.
  enableK8sTokenAuth bool -- Kubernetes tokens in place of the Secret. Needs a ClusterRole; refused.
AuthMode = disabled|token
AutoscalerOptions -- How the autoscaler runs. Not acted on yet.
  resources ResourceRequirements -- Of the autoscaler's container.
  image string -- The head's image if not said.
  imagePullPolicy PullPolicy -- IfNotPresent if not said.
  securityContext SecurityContext -- Of the autoscaler's container.
  idleTimeoutSeconds count -- After how long an idle worker goes; 60 if not said.
  upscalingMode UpscalingMode -- How fast workers are added.
  version AutoscalerVersion -- v2 from Ray 2.47 if not said.
  env EnvVar[] -- Further variables.
  envFrom EnvFromSource[] -- Further variables.
  volumeMounts VolumeMount[] -- Further mounts.
  command string[] -- In place of KubeRay's.
  args string[] -- In place of KubeRay's.
UpscalingMode = Default|Aggressive|Conservative
AutoscalerVersion = v1|v2
GcsFaultToleranceOptions -- Where the head keeps its state.
  backend GcsBackend -- redis if not said.
  redisAddress string -- Address of the Redis, as in redis:6379 or rediss://redis:6379; the Site's if not said.
  redisUsername RedisCredential -- Redis user.
  redisPassword RedisCredential -- Redis password; best from a Secret.
  externalStorageNamespace string -- Prefix of the keys; one for each generation of the cluster if not said.
  storage GcsStorage -- The volume of the rocksdb backend.
GcsBackend = redis|rocksdb
RedisCredential -- A value or where it comes from.
  value string, valueFrom EnvVarSource
GcsStorage -- The volume of the rocksdb backend.
  claimName string -- A claim that exists.
  size quantity -- Of the claim that is made; 1Gi if not said.
  storageClassName string -- The cluster's default if not said.
  accessModes PersistentVolumeAccessMode[] -- ReadWriteOnce if not said.
  subPath string -- Directory in the volume.
  deletionPolicy StorageDeletionPolicy -- What happens to the claim with the cluster.
StorageDeletionPolicy = DeleteWithCluster|Retain
HistoryServerOptions -- Collects events for a history server. Not acted on yet.
  collectorOptions CollectorOptions -- The collector's container.
CollectorOptions -- The collector's container.
  image string, imagePullPolicy PullPolicy, resources ResourceRequirements, env EnvVar[]
RayNetworkPolicy -- KubeRay's network policies.
  mode RayNetworkPolicyMode -- What is denied unless a rule allows it.
  head RayNetworkPolicyRules -- Rules for the head.
  worker RayNetworkPolicyRules -- Rules for every worker group.
  workerGroups WorkerGroupNetworkPolicy[] -- Rules for one group, in place of worker.
RayNetworkPolicyMode = DenyAll|DenyAllIngress|DenyAllEgress
RayNetworkPolicyRules -- Rules added to those that KubeRay makes.
  ingressRules NetworkPolicyIngressRule[], egressRules NetworkPolicyEgressRule[]
WorkerGroupNetworkPolicy -- Rules for one group.
  groupName! string, ingressRules NetworkPolicyIngressRule[], egressRules NetworkPolicyEgressRule[]
RayTlsOptions -- Mutual TLS by cert-manager. Not acted on yet.
  enabled bool -- true: on.
HeadGroupSpec -- The head.
  template! PodTemplateSpec -- The head's pod; its first container is Ray's.
  rayStartParams string{} -- Options of `ray start` without the dashes; every value is text.
  headService Service -- The Service to start from.
  serviceType ServiceType -- Type of the head's Service; headless if not said.
  enableIngress bool -- An Ingress for the dashboard. Not acted on yet.
  ingressOptions IngressOptions -- Of that Ingress. Not acted on yet.
  resources string{} -- Ray's logical resources, in place of those derived from the container's.
  labels string{} -- Labels of the Ray node and of its pod.
IngressOptions -- Of the dashboard's Ingress. Not acted on yet.
  host string, path string, pathType IngressPathType, tls IngressTLS[]
IngressPathType = Exact|Prefix|ImplementationSpecific
WorkerGroupSpec -- A group of workers that are alike.
  groupName! string -- Unique in the cluster; objects are named after it.
  replicas count = 0 -- How many run; kept between minReplicas and maxReplicas.
  minReplicas count = 0 -- Least number of replicas.
  maxReplicas count = 2147483647 -- Greatest number of replicas.
  numOfHosts int32 = 1 -- Pods a replica has. More than 1 is not possible yet.
  template! PodTemplateSpec -- The workers' pod; its first container is Ray's.
  rayStartParams string{} -- Options of `ray start` without the dashes; every value is text.
  resources string{} -- Ray's logical resources, in place of those derived from the container's.
  labels string{} -- Labels of the Ray nodes and of their pods.
  suspend bool -- true: the group has no pods.
  idleTimeoutSeconds count -- For the autoscaler. Not acted on yet.
  priority int32 = 0 -- For the autoscaler, Ray 2.56 and newer. Not acted on yet.
  scaleStrategy ScaleStrategy -- Which workers go first. Not acted on yet.
ScaleStrategy -- Which workers go first. Not acted on yet.
  workersToDelete string[] -- Names of pods.
)";
// clang-format on

}  // namespace raykeep::spec
