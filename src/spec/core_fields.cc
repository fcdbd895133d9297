// Made by tools/core_fields.py from k8s.io/api v0.34.4; do not edit. What the pod template and the
// Service of a RayCluster may contain, in the notation of shape.h.
#include "spec/shape_tables.h"

namespace raykeep::spec {

// clang-format off
const char* const kCoreShapes = R"(
AWSElasticBlockStoreVolumeSource
  volumeID! string, fsType string, partition int32, readOnly bool
Affinity
  nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAntiAffinity
AppArmorProfile
  type! AppArmorProfileType, localhostProfile string
AppArmorProfileType = Unconfined|RuntimeDefault|Localhost
AzureDataDiskCachingMode = None|ReadOnly|ReadWrite
AzureDataDiskKind = Shared|Dedicated|Managed
AzureDiskVolumeSource
  diskName! string, diskURI! string, cachingMode AzureDataDiskCachingMode, fsType string, readOnly bool,
  kind AzureDataDiskKind
AzureFileVolumeSource
  secretName! string, shareName! string, readOnly bool
CSIVolumeSource
  driver! string, readOnly bool, fsType string, volumeAttributes string{}, nodePublishSecretRef LocalObjectReference
Capabilities
  add string[], drop string[]
CephFSVolumeSource
  monitors! string[], path string, user string, secretFile string, secretRef LocalObjectReference, readOnly bool
CinderVolumeSource
  volumeID! string, fsType string, readOnly bool, secretRef LocalObjectReference
ClientIPConfig
  timeoutSeconds int32
ClusterTrustBundleProjection
  name string, signerName string, labelSelector LabelSelector, optional bool, path! string
ConfigMapEnvSource
  name string, optional bool
ConfigMapKeySelector
  name string, key! string, optional bool
ConfigMapProjection
  name string, items KeyToPath[], optional bool
ConfigMapVolumeSource
  name string, items KeyToPath[], defaultMode int32, optional bool
Container
  name! string, image string, command string[], args string[], workingDir string, ports ContainerPort[],
  envFrom EnvFromSource[], env EnvVar[], resources ResourceRequirements, resizePolicy ContainerResizePolicy[],
  restartPolicy string, restartPolicyRules ContainerRestartRule[], volumeMounts VolumeMount[],
  volumeDevices VolumeDevice[], livenessProbe Probe, readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle,
  terminationMessagePath string, terminationMessagePolicy TerminationMessagePolicy, imagePullPolicy PullPolicy,
  securityContext SecurityContext, stdin bool, stdinOnce bool, tty bool
ContainerPort
  name string, hostPort int32, containerPort! int32, protocol Protocol, hostIP string
ContainerResizePolicy
  resourceName! string, restartPolicy! string
ContainerRestartRule
  action string, exitCodes ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes
  operator string, values int32[]
DNSPolicy = ClusterFirstWithHostNet|ClusterFirst|Default|None
DownwardAPIProjection
  items DownwardAPIVolumeFile[]
DownwardAPIVolumeFile
  path! string, fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, mode int32
DownwardAPIVolumeSource
  items DownwardAPIVolumeFile[], defaultMode int32
EmptyDirVolumeSource
  medium string, sizeLimit quantity
EnvFromSource
  prefix string, configMapRef ConfigMapEnvSource, secretRef SecretEnvSource
EnvVar
  name! string, value string, valueFrom EnvVarSource
EnvVarSource
  fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, configMapKeyRef ConfigMapKeySelector,
  secretKeyRef SecretKeySelector, fileKeyRef FileKeySelector
EphemeralContainer
  name! string, image string, command string[], args string[], workingDir string, ports ContainerPort[],
  envFrom EnvFromSource[], env EnvVar[], resources ResourceRequirements, resizePolicy ContainerResizePolicy[],
  restartPolicy string, restartPolicyRules ContainerRestartRule[], volumeMounts VolumeMount[],
  volumeDevices VolumeDevice[], livenessProbe Probe, readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle,
  terminationMessagePath string, terminationMessagePolicy TerminationMessagePolicy, imagePullPolicy PullPolicy,
  securityContext SecurityContext, stdin bool, stdinOnce bool, tty bool, targetContainerName string
EphemeralVolumeSource
  volumeClaimTemplate PersistentVolumeClaimTemplate
ExecAction
  command string[]
FCVolumeSource
  targetWWNs string[], lun int32, fsType string, readOnly bool, wwids string[]
FileKeySelector
  volumeName! string, path! string, key! string, optional bool
FlexVolumeSource
  driver! string, fsType string, secretRef LocalObjectReference, readOnly bool, options string{}
FlockerVolumeSource
  datasetName string, datasetUUID string
GCEPersistentDiskVolumeSource
  pdName! string, fsType string, partition int32, readOnly bool
GRPCAction
  port! int32, service string
GitRepoVolumeSource
  repository! string, revision string, directory string
GlusterfsVolumeSource
  endpoints! string, path! string, readOnly bool
HTTPGetAction
  path string, port! int_or_string, host string, scheme URIScheme, httpHeaders HTTPHeader[]
HTTPHeader
  name! string, value! string
HostAlias
  ip! string, hostnames string[]
HostPathType = ""|DirectoryOrCreate|Directory|FileOrCreate|File|Socket|CharDevice|BlockDevice
HostPathVolumeSource
  path! string, type HostPathType
IPBlock
  cidr! string, except string[]
IPFamily = IPv4|IPv6|""
IPFamilyPolicy = SingleStack|PreferDualStack|RequireDualStack
ISCSIVolumeSource
  targetPortal! string, iqn! string, lun! int32, iscsiInterface string, fsType string, readOnly bool, portals string[],
  chapAuthDiscovery bool, chapAuthSession bool, secretRef LocalObjectReference, initiatorName string
ImageVolumeSource
  reference string, pullPolicy PullPolicy
IngressTLS
  hosts string[], secretName string
KeyToPath
  key! string, path! string, mode int32
LabelSelector
  matchLabels string{}, matchExpressions LabelSelectorRequirement[]
LabelSelectorRequirement
  key! string, operator! string, values string[]
Lifecycle
  postStart LifecycleHandler, preStop LifecycleHandler, stopSignal Signal
LifecycleHandler
  exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, sleep SleepAction
LocalObjectReference
  name string
MountPropagationMode = None|HostToContainer|Bidirectional
NFSVolumeSource
  server! string, path! string, readOnly bool
NetworkPolicyEgressRule
  ports NetworkPolicyPort[], to NetworkPolicyPeer[]
NetworkPolicyIngressRule
  ports NetworkPolicyPort[], from NetworkPolicyPeer[]
NetworkPolicyPeer
  podSelector LabelSelector, namespaceSelector LabelSelector, ipBlock IPBlock
NetworkPolicyPort
  protocol Protocol, port int_or_string, endPort int32
NodeAffinity
  requiredDuringSchedulingIgnoredDuringExecution NodeSelector,
  preferredDuringSchedulingIgnoredDuringExecution PreferredSchedulingTerm[]
NodeInclusionPolicy = Ignore|Honor
NodeSelector
  nodeSelectorTerms! NodeSelectorTerm[]
NodeSelectorOperator = In|NotIn|Exists|DoesNotExist|Gt|Lt
NodeSelectorRequirement
  key! string, operator! NodeSelectorOperator, values string[]
NodeSelectorTerm
  matchExpressions NodeSelectorRequirement[], matchFields NodeSelectorRequirement[]
ObjectFieldSelector
  apiVersion string, fieldPath! string
ObjectMeta
  name string, generateName string, namespace string, selfLink string, uid string, resourceVersion string,
  generation int64, creationTimestamp string, deletionTimestamp string, deletionGracePeriodSeconds int64,
  labels string{}, annotations string{}, ownerReferences object[], finalizers string[], managedFields object[]
PersistentVolumeAccessMode = ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
PersistentVolumeClaimSpec
  accessModes PersistentVolumeAccessMode[], selector LabelSelector, resources VolumeResourceRequirements,
  volumeName string, storageClassName string, volumeMode PersistentVolumeMode, dataSource TypedLocalObjectReference,
  dataSourceRef TypedObjectReference, volumeAttributesClassName string
PersistentVolumeClaimTemplate
  metadata ObjectMeta, spec PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource
  claimName! string, readOnly bool
PersistentVolumeMode = Block|Filesystem
PhotonPersistentDiskVolumeSource
  pdID! string, fsType string
PodAffinity
  requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm[],
  preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm[]
PodAffinityTerm
  labelSelector LabelSelector, namespaces string[], topologyKey! string, namespaceSelector LabelSelector,
  matchLabelKeys string[], mismatchLabelKeys string[]
PodAntiAffinity
  requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm[],
  preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm[]
PodCertificateProjection
  signerName string, keyType string, maxExpirationSeconds int32, credentialBundlePath string, keyPath string,
  certificateChainPath string
PodDNSConfig
  nameservers string[], searches string[], options PodDNSConfigOption[]
PodDNSConfigOption
  name string, value string
PodFSGroupChangePolicy = OnRootMismatch|Always
PodOS
  name! string
PodReadinessGate
  conditionType! string
PodResourceClaim
  name! string, resourceClaimName string, resourceClaimTemplateName string
PodSchedulingGate
  name! string
PodSecurityContext
  seLinuxOptions SELinuxOptions, windowsOptions WindowsSecurityContextOptions, runAsUser int64, runAsGroup int64,
  runAsNonRoot bool, supplementalGroups int64[], supplementalGroupsPolicy SupplementalGroupsPolicy, fsGroup int64,
  sysctls Sysctl[], fsGroupChangePolicy PodFSGroupChangePolicy, seccompProfile SeccompProfile,
  appArmorProfile AppArmorProfile, seLinuxChangePolicy string
PodSpec
  volumes Volume[], initContainers Container[], containers! Container[], ephemeralContainers EphemeralContainer[],
  restartPolicy RestartPolicy, terminationGracePeriodSeconds int64, activeDeadlineSeconds int64, dnsPolicy DNSPolicy,
  nodeSelector string{}, serviceAccountName string, serviceAccount string, automountServiceAccountToken bool,
  nodeName string, hostNetwork bool, hostPID bool, hostIPC bool, shareProcessNamespace bool,
  securityContext PodSecurityContext, imagePullSecrets LocalObjectReference[], hostname string, subdomain string,
  affinity Affinity, schedulerName string, tolerations Toleration[], hostAliases HostAlias[], priorityClassName string,
  priority int32, dnsConfig PodDNSConfig, readinessGates PodReadinessGate[], runtimeClassName string,
  enableServiceLinks bool, preemptionPolicy PreemptionPolicy, overhead quantity{},
  topologySpreadConstraints TopologySpreadConstraint[], setHostnameAsFQDN bool, os PodOS, hostUsers bool,
  schedulingGates PodSchedulingGate[], resourceClaims PodResourceClaim[], resources ResourceRequirements,
  hostnameOverride string
PodTemplateSpec
  metadata ObjectMeta, spec PodSpec
PortworxVolumeSource
  volumeID! string, fsType string, readOnly bool
PreemptionPolicy = PreemptLowerPriority|Never
PreferredSchedulingTerm
  weight! int32, preference! NodeSelectorTerm
Probe
  exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, grpc GRPCAction, initialDelaySeconds int32,
  timeoutSeconds int32, periodSeconds int32, successThreshold int32, failureThreshold int32,
  terminationGracePeriodSeconds int64
ProcMountType = Default|Unmasked
ProjectedVolumeSource
  sources VolumeProjection[], defaultMode int32
Protocol = TCP|UDP|SCTP
PullPolicy = Always|Never|IfNotPresent
QuobyteVolumeSource
  registry! string, volume! string, readOnly bool, user string, group string, tenant string
RBDVolumeSource
  monitors! string[], image! string, fsType string, pool string, user string, keyring string,
  secretRef LocalObjectReference, readOnly bool
ResourceClaim
  name! string, request string
ResourceFieldSelector
  containerName string, resource! string, divisor quantity
ResourceRequirements
  limits quantity{}, requests quantity{}, claims ResourceClaim[]
RestartPolicy = Always|OnFailure|Never
SELinuxOptions
  user string, role string, type string, level string
ScaleIOVolumeSource
  gateway! string, system! string, secretRef LocalObjectReference, sslEnabled bool, protectionDomain string,
  storagePool string, storageMode string, volumeName string, fsType string, readOnly bool
SeccompProfile
  type! SeccompProfileType, localhostProfile string
SeccompProfileType = Unconfined|RuntimeDefault|Localhost
SecretEnvSource
  name string, optional bool
SecretKeySelector
  name string, key! string, optional bool
SecretProjection
  name string, items KeyToPath[], optional bool
SecretVolumeSource
  secretName string, items KeyToPath[], defaultMode int32, optional bool
SecurityContext
  capabilities Capabilities, privileged bool, seLinuxOptions SELinuxOptions,
  windowsOptions WindowsSecurityContextOptions, runAsUser int64, runAsGroup int64, runAsNonRoot bool,
  readOnlyRootFilesystem bool, allowPrivilegeEscalation bool, procMount ProcMountType, seccompProfile SeccompProfile,
  appArmorProfile AppArmorProfile
Service
  kind string, apiVersion string, metadata ObjectMeta, spec ServiceSpec, status object
ServiceAccountTokenProjection
  audience string, expirationSeconds int64, path! string
ServiceAffinity = ClientIP|None
ServiceExternalTrafficPolicy = Cluster|Local
ServiceInternalTrafficPolicy = Cluster|Local
ServicePort
  name string, protocol Protocol, appProtocol string, port! int32, targetPort int_or_string, nodePort int32
ServiceSpec
  ports ServicePort[], selector string{}, clusterIP string, clusterIPs string[], type ServiceType,
  externalIPs string[], sessionAffinity ServiceAffinity, loadBalancerIP string, loadBalancerSourceRanges string[],
  externalName string, externalTrafficPolicy ServiceExternalTrafficPolicy, healthCheckNodePort int32,
  publishNotReadyAddresses bool, sessionAffinityConfig SessionAffinityConfig, ipFamilies IPFamily[],
  ipFamilyPolicy IPFamilyPolicy, allocateLoadBalancerNodePorts bool, loadBalancerClass string,
  internalTrafficPolicy ServiceInternalTrafficPolicy, trafficDistribution string
ServiceType = ClusterIP|NodePort|LoadBalancer|ExternalName
SessionAffinityConfig
  clientIP ClientIPConfig
Signal = SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMAX-14|SIGRTMAX-13|SIGRTMAX-12|SIGRTMAX-11|SIGRTMAX-10|SIGRTMAX-9|SIGRTMAX-8|SIGRTMAX-7|SIGRTMAX-6|SIGRTMAX-5|SIGRTMAX-4|SIGRTMAX-3|SIGRTMAX-2|SIGRTMAX-1|SIGRTMAX
SleepAction
  seconds! int64
StorageOSVolumeSource
  volumeName string, volumeNamespace string, fsType string, readOnly bool, secretRef LocalObjectReference
SupplementalGroupsPolicy = Merge|Strict
Sysctl
  name! string, value! string
TCPSocketAction
  port! int_or_string, host string
TaintEffect = NoSchedule|PreferNoSchedule|NoExecute
TerminationMessagePolicy = File|FallbackToLogsOnError
Toleration
  key string, operator TolerationOperator, value string, effect TaintEffect, tolerationSeconds int64
TolerationOperator = Exists|Equal
TopologySpreadConstraint
  maxSkew! int32, topologyKey! string, whenUnsatisfiable! UnsatisfiableConstraintAction, labelSelector LabelSelector,
  minDomains int32, nodeAffinityPolicy NodeInclusionPolicy, nodeTaintsPolicy NodeInclusionPolicy,
  matchLabelKeys string[]
TypedLocalObjectReference
  apiGroup string, kind! string, name! string
TypedObjectReference
  apiGroup string, kind! string, name! string, namespace string
URIScheme = HTTP|HTTPS
UnsatisfiableConstraintAction = DoNotSchedule|ScheduleAnyway
Volume
  name! string, hostPath HostPathVolumeSource, emptyDir EmptyDirVolumeSource,
  gcePersistentDisk GCEPersistentDiskVolumeSource, awsElasticBlockStore AWSElasticBlockStoreVolumeSource,
  gitRepo GitRepoVolumeSource, secret SecretVolumeSource, nfs NFSVolumeSource, iscsi ISCSIVolumeSource,
  glusterfs GlusterfsVolumeSource, persistentVolumeClaim PersistentVolumeClaimVolumeSource, rbd RBDVolumeSource,
  flexVolume FlexVolumeSource, cinder CinderVolumeSource, cephfs CephFSVolumeSource, flocker FlockerVolumeSource,
  downwardAPI DownwardAPIVolumeSource, fc FCVolumeSource, azureFile AzureFileVolumeSource,
  configMap ConfigMapVolumeSource, vsphereVolume VsphereVirtualDiskVolumeSource, quobyte QuobyteVolumeSource,
  azureDisk AzureDiskVolumeSource, photonPersistentDisk PhotonPersistentDiskVolumeSource,
  projected ProjectedVolumeSource, portworxVolume PortworxVolumeSource, scaleIO ScaleIOVolumeSource,
  storageos StorageOSVolumeSource, csi CSIVolumeSource, ephemeral EphemeralVolumeSource, image ImageVolumeSource
VolumeDevice
  name! string, devicePath! string
VolumeMount
  name! string, readOnly bool, recursiveReadOnly string, mountPath! string, subPath string,
  mountPropagation MountPropagationMode, subPathExpr string
VolumeProjection
  secret SecretProjection, downwardAPI DownwardAPIProjection, configMap ConfigMapProjection,
  serviceAccountToken ServiceAccountTokenProjection, clusterTrustBundle ClusterTrustBundleProjection,
  podCertificate PodCertificateProjection
VolumeResourceRequirements
  limits quantity{}, requests quantity{}
VsphereVirtualDiskVolumeSource
  volumePath! string, fsType string, storagePolicyName string, storagePolicyID string
WeightedPodAffinityTerm
  weight! int32, podAffinityTerm! PodAffinityTerm
WindowsSecurityContextOptions
  gmsaCredentialSpecName string, gmsaCredentialSpec string, runAsUserName string, hostProcess bool
)";
// clang-format on

}  // namespace raykeep::spec
