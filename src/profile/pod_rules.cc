// The rules about pods: the node, privilege, users, the kernel's fences, containers.
#include "profile/rules.h"

namespace raykeep::profile {
namespace {

using enum Profile;
using Names = std::vector<RuleName>;

constexpr Profile gk = gatekeeper, nsa = nsa_cisa, openshift = openshift_restricted_v2;

constexpr std::string_view kSysctls[] = {"kernel.shm_rmid_forced",
                                         "net.ipv4.ip_local_port_range",
                                         "net.ipv4.ip_unprivileged_port_start",
                                         "net.ipv4.tcp_syncookies",
                                         "net.ipv4.ping_group_range",
                                         "net.ipv4.ip_local_reserved_ports",
                                         "net.ipv4.tcp_keepalive_time",
                                         "net.ipv4.tcp_fin_timeout",
                                         "net.ipv4.tcp_keepalive_intvl",
                                         "net.ipv4.tcp_keepalive_probes",
                                         "net.ipv4.tcp_rmem",
                                         "net.ipv4.tcp_wmem"};
/// Kyverno's five and Gatekeeper's ten are the first of these.
constexpr Words kKyvernoSysctls = Words(kSysctls).first(5);
constexpr Words kGatekeeperSysctls = Words(kSysctls).first(10);

constexpr std::string_view kSELinuxTypes[] = {"container_t", "container_init_t", "container_kvm_t",
                                              "container_engine_t", ""};
constexpr Words kThreeTypes = Words(kSELinuxTypes).first(3);
constexpr Words kFourTypes = Words(kSELinuxTypes).first(4);

constexpr std::string_view kVolumes[] = {"configMap", "csi",       "downwardAPI",
                                         "emptyDir",  "secret",    "persistentVolumeClaim",
                                         "ephemeral", "projected", "image"};
/// Engines that do not know image volumes yet.
constexpr Words kOlderVolumes = Words(kVolumes).first(8);

constexpr std::string_view kDefaultCapabilities[] = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};
constexpr std::string_view kBindService[] = {"NET_BIND_SERVICE"};
constexpr std::string_view kAll[] = {"ALL"};
constexpr std::string_view kNetRaw[] = {"NET_RAW", "CAP_NET_RAW"};

constexpr Amount kKyvernoAmounts[] = {
    {"requests", "memory"}, {"requests", "cpu"}, {"limits", "memory"}};
constexpr Amount kLimits[] = {{"limits", "cpu"}, {"limits", "memory"}};
constexpr Amount kRequests[] = {{"requests", "cpu"}, {"requests", "memory"}};
constexpr Amount kLimitsAndRequests[] = {
    {"limits", "cpu"}, {"limits", "memory"}, {"requests", "cpu"}, {"requests", "memory"}};
constexpr Amount kScratch[] = {{"limits", "ephemeral-storage"}};

constexpr std::string_view kProbes[] = {"readinessProbe", "livenessProbe"};

Names both_levels(std::string_view rule) { return {{pss_baseline, rule}, {pss_restricted, rule}}; }

Names operator+(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

Rule of_pod(Names names, void (*check)(const Pod&, Faults&), std::string_view remedy) {
  return {.pod = check, .object = nullptr, .remedy = remedy, .names = std::move(names)};
}

std::vector<Rule> about_the_node() {
  return {
      of_pod(
          both_levels("hostNamespaces") +
              Names{{kyverno, "disallow-host-namespaces/host-namespaces"}},
          [](const Pod& pod, Faults& faults) { host_namespaces(pod, true, faults); }, "remove it"),
      of_pod(
          {{gk, "K8sPSPHostNamespace"}, {nsa, "nsa-cisa-k8s-v1.2-host-namespaces"}},
          [](const Pod& pod, Faults& faults) { host_namespaces(pod, false, faults); }, "remove it"),
      of_pod(
          {{openshift, "allowHostNetwork"}},
          [](const Pod& pod, Faults& faults) { host_namespace(pod, "hostNetwork", faults); },
          "remove it"),
      of_pod(
          {{openshift, "allowHostPID"}},
          [](const Pod& pod, Faults& faults) { host_namespace(pod, "hostPID", faults); },
          "remove it"),
      of_pod(
          {{openshift, "allowHostIPC"}},
          [](const Pod& pod, Faults& faults) { host_namespace(pod, "hostIPC", faults); },
          "remove it"),
      of_pod(
          {{gk, "K8sPSPHostNetworkingPorts"}},
          [](const Pod& pod, Faults& faults) {
            host_namespace(pod, "hostNetwork", faults);
            host_ports(pod, 0, 0, faults);
          },
          "remove it; a Service leads to the pod"),
      of_pod(
          {{nsa, "nsa-cisa-k8s-v1.2-host-network"}},
          [](const Pod& pod, Faults& faults) {
            host_namespace(pod, "hostNetwork", faults);
            host_ports(pod, 1, 65535, faults);
          },
          "remove it"),
      of_pod(
          both_levels("hostPorts") + Names{{kyverno, "disallow-host-ports/host-ports-none"},
                                           {nsa, "nsa-cisa-k8s-v1.2-hostport"},
                                           {openshift, "allowHostPorts"}},
          [](const Pod& pod, Faults& faults) { host_ports(pod, 0, 0, faults); },
          "remove hostPort; a Service leads to the pod"),
      of_pod({{pss_baseline, "hostPathVolumes"},
              {kyverno, "disallow-host-path/host-path"},
              {gk, "K8sPSPHostFilesystem"},
              {nsa, "nsa-cisa-k8s-v1.2-restrict-hostpath-volumes"},
              {openshift, "allowHostDirVolumePlugin"}},
             host_paths, "use an emptyDir or a persistentVolumeClaim"),
      of_pod(
          {{kyverno, "disallow-container-sock-mounts/validate-docker-sock-mount"}},
          [](const Pod& pod, Faults& faults) {
            runtime_socket(pod, "/var/run/docker.sock", faults);
          },
          "remove the volume"),
      of_pod(
          {{kyverno, "disallow-container-sock-mounts/validate-containerd-sock-mount"}},
          [](const Pod& pod, Faults& faults) {
            runtime_socket(pod, "/var/run/containerd/containerd.sock", faults);
          },
          "remove the volume"),
      of_pod(
          {{kyverno, "disallow-container-sock-mounts/validate-crio-sock-mount"}},
          [](const Pod& pod, Faults& faults) {
            runtime_socket(pod, "/var/run/crio/crio.sock", faults);
          },
          "remove the volume"),
      of_pod(
          {{kyverno, "disallow-container-sock-mounts/validate-dockerd-sock-mount"}},
          [](const Pod& pod, Faults& faults) {
            runtime_socket(pod, "/var/run/cri-dockerd.sock", faults);
          },
          "remove the volume"),
      of_pod(both_levels("hostProbesAndHostLifecycle") + Names{{gk, "K8sPSPHostProbesLifecycle"}},
             hosts_of_probes, "remove the host: the pod is asked"),
      of_pod(
          both_levels("windowsHostProcess") + Names{{gk, "K8sPSPHostProcess"}},
          [](const Pod& pod, Faults& faults) { windows_host_process(pod, false, faults); },
          "remove it"),
      of_pod(
          {{kyverno, "disallow-host-process/host-process-containers"}},
          [](const Pod& pod, Faults& faults) { windows_host_process(pod, true, faults); },
          "remove it"),
  };
}

std::vector<Rule> about_privilege() {
  return {
      of_pod(both_levels("privileged") +
                 Names{{kyverno, "disallow-privileged-containers/privileged-containers"},
                       {gk, "K8sPSPPrivilegedContainer"},
                       {nsa, "nsa-cisa-k8s-v1.2-privileged-containers"},
                       {openshift, "allowPrivilegedContainer"}},
             privileged, "write privileged: false, or remove it"),
      of_pod(
          {{pss_restricted, "allowPrivilegeEscalation"},
           {kyverno, "disallow-privilege-escalation/privilege-escalation"},
           {gk, "K8sPSPAllowPrivilegeEscalationContainer"},
           {nsa, "nsa-cisa-k8s-v1.2-privilege-escalation"}},
          [](const Pod& pod, Faults& faults) { privilege_escalation(pod, false, faults); },
          "write allowPrivilegeEscalation: false"),
      of_pod(
          {{openshift, "allowPrivilegeEscalation"}},
          [](const Pod& pod, Faults& faults) { privilege_escalation(pod, true, faults); },
          "write allowPrivilegeEscalation: false"),
      of_pod(
          {{pss_baseline, "capabilities_baseline"},
           {kyverno, "disallow-capabilities/adding-capabilities"}},
          [](const Pod& pod, Faults& faults) {
            added_capabilities(pod, kDefaultCapabilities, false, faults);
          },
          "remove it"),
      of_pod(
          {{pss_restricted, "capabilities_restricted"},
           {kyverno, "disallow-capabilities-strict/adding-capabilities-strict"},
           {openshift, "allowedCapabilities"}},
          [](const Pod& pod, Faults& faults) {
            added_capabilities(pod, kBindService, false, faults);
          },
          "remove it"),
      of_pod(
          {{gk, "K8sPSPCapabilities"}},
          [](const Pod& pod, Faults& faults) {
            added_capabilities(pod, kBindService, true, faults);
          },
          "remove it"),
      of_pod(
          {{nsa, "nsa-cisa-k8s-v1.2-capabilities"}},
          [](const Pod& pod, Faults& faults) { added_capabilities(pod, {}, true, faults); },
          "remove it"),
      of_pod(
          {{pss_restricted, "capabilities_restricted"},
           {kyverno, "disallow-capabilities-strict/require-drop-all"}},
          [](const Pod& pod, Faults& faults) { undropped_capabilities(pod, kAll, false, faults); },
          "write drop: [ALL]"),
      of_pod(
          {{kyverno, "drop-all-capabilities/require-drop-all"},
           {gk, "K8sPSPCapabilities"},
           {nsa, "nsa-cisa-k8s-v1.2-capabilities"}},
          [](const Pod& pod, Faults& faults) { undropped_capabilities(pod, kAll, true, faults); },
          "write drop: [ALL]"),
      of_pod(
          {{kyverno, "drop-cap-net-raw/require-drop-cap-net-raw"}},
          [](const Pod& pod, Faults& faults) {
            undropped_capabilities(pod, kNetRaw, true, faults);
          },
          "write drop: [ALL, NET_RAW]; the rule does not count ALL"),
      of_pod(both_levels("procMount") +
                 Names{{kyverno, "disallow-proc-mount/check-proc-mount"}, {gk, "K8sPSPProcMount"}},
             proc_mount, "remove it"),
      of_pod(
          {{kyverno, "require-ro-rootfs/validate-readOnlyRootFilesystem"}},
          [](const Pod& pod, Faults& faults) { writable_root(pod, true, faults); },
          "write readOnlyRootFilesystem: true, and an emptyDir where it must write"),
      of_pod(
          {{gk, "K8sPSPReadOnlyRootFilesystem"}, {nsa, "nsa-cisa-k8s-v1.2-readonlyrootfilesystem"}},
          [](const Pod& pod, Faults& faults) { writable_root(pod, false, faults); },
          "write readOnlyRootFilesystem: true, and an emptyDir where it must write"),
  };
}

std::vector<Rule> about_users() {
  constexpr std::string_view number = "write the user of the Ray image, 1000";
  return {
      of_pod({{pss_restricted, "runAsUser"},
              {kyverno, "require-run-as-non-root-user/run-as-non-root-user"}},
             root_user, number),
      of_pod(
          {{pss_restricted, "runAsNonRoot"}},
          [](const Pod& pod, Faults& faults) { may_be_root(pod, true, faults); },
          "write runAsNonRoot: true"),
      of_pod(
          {{kyverno, "require-run-as-nonroot/run-as-non-root"}},
          [](const Pod& pod, Faults& faults) { may_be_root(pod, false, faults); },
          "write runAsNonRoot: true"),
      of_pod({{gk, "K8sPSPAllowedUsers"}}, root_or_undecided_user,
             "write runAsNonRoot: true and a runAsUser that is not 0"),
      of_pod({{nsa, "nsa-cisa-k8s-v1.2-running-as-non-root"}}, ids_outside_range,
             "write ids from 1000 to 65536, or pods.runAsUser and pods.runAsGroup in the Site"),
      of_pod({{openshift, "runAsUser"}}, user_outside_openshift,
             "remove it, or write openshift: true in the Site"),
      of_pod({{openshift, "fsGroup"}}, group_outside_openshift,
             "remove it, or write openshift: true in the Site"),
  };
}

std::vector<Rule> about_confinement() {
  constexpr std::string_view fence = "write type: RuntimeDefault";
  return {
      of_pod({{pss_baseline, "seccompProfile_baseline"},
              {kyverno, "restrict-seccomp/check-seccomp"},
              {openshift, "seccompProfiles"}},
             seccomp_turned_off, fence),
      of_pod(
          {{pss_restricted, "seccompProfile_restricted"}},
          [](const Pod& pod, Faults& faults) { seccomp_not_set(pod, true, faults); }, fence),
      of_pod(
          {{kyverno, "restrict-seccomp-strict/check-seccomp-strict"}},
          [](const Pod& pod, Faults& faults) { seccomp_not_set(pod, false, faults); }, fence),
      of_pod(
          {{gk, "K8sPSPSeccompV2"}},
          [](const Pod& pod, Faults& faults) { seccomp_in_effect(pod, true, faults); }, fence),
      of_pod(
          {{nsa, "nsa-cisa-k8s-v1.2-seccomp"}},
          [](const Pod& pod, Faults& faults) { seccomp_in_effect(pod, false, faults); }, fence),
      of_pod(
          both_levels("appArmorProfile"),
          [](const Pod& pod, Faults& faults) {
            apparmor_fields(pod, faults);
            apparmor_annotations(pod, true, faults);
          },
          fence),
      of_pod(
          {{kyverno, "restrict-apparmor-profiles/app-armor"}},
          [](const Pod& pod, Faults& faults) { apparmor_annotations(pod, false, faults); },
          "write runtime/default"),
      of_pod({{gk, "K8sPSPAppArmor"}, {nsa, "nsa-cisa-k8s-v1.2-apparmor"}}, apparmor_in_effect,
             fence),
      of_pod(
          both_levels("seLinuxOptions"),
          [](const Pod& pod, Faults& faults) {
            selinux_types(pod, kSELinuxTypes, faults);
            selinux_users(pod, false, faults);
          },
          "remove it"),
      of_pod(
          {{kyverno, "disallow-selinux/selinux-type"}},
          [](const Pod& pod, Faults& faults) { selinux_types(pod, kThreeTypes, faults); },
          "write container_t, or remove it"),
      of_pod(
          {{kyverno, "disallow-selinux/selinux-user-role"}},
          [](const Pod& pod, Faults& faults) { selinux_users(pod, true, faults); }, "remove it"),
      of_pod(
          {{gk, "K8sPSPSELinuxV2"}},
          [](const Pod& pod, Faults& faults) { selinux_beyond_type(pod, kFourTypes, faults); },
          "remove it"),
      of_pod(
          {{nsa, "nsa-cisa-k8s-v1.2-selinux"}},
          [](const Pod& pod, Faults& faults) { selinux_beyond_type(pod, kThreeTypes, faults); },
          "remove it"),
      of_pod({{openshift, "seLinuxContext"}}, selinux_options, "remove them"),
      of_pod(
          both_levels("sysctls") + Names{{openshift, "forbiddenSysctls"}},
          [](const Pod& pod, Faults& faults) { sysctls(pod, kSysctls, faults); }, "remove it"),
      of_pod(
          {{kyverno, "restrict-sysctls/check-sysctls"}},
          [](const Pod& pod, Faults& faults) { sysctls(pod, kKyvernoSysctls, faults); },
          "remove it"),
      of_pod(
          {{gk, "K8sPSPForbiddenSysctls"}},
          [](const Pod& pod, Faults& faults) { sysctls(pod, kGatekeeperSysctls, faults); },
          "remove it"),
      of_pod(
          {{pss_restricted, "restrictedVolumes"}},
          [](const Pod& pod, Faults& faults) { volume_kinds(pod, kVolumes, faults); },
          "use an emptyDir or a persistentVolumeClaim"),
      of_pod(
          {{kyverno, "restrict-volume-types/restricted-volumes"},
           {gk, "K8sPSPVolumeTypes"},
           {openshift, "volumes"}},
          [](const Pod& pod, Faults& faults) { volume_kinds(pod, kOlderVolumes, faults); },
          "use an emptyDir or a persistentVolumeClaim"),
      of_pod(
          {{gk, "K8sPSPFlexVolumes"}},
          [](const Pod& pod, Faults& faults) { volume_kind(pod, "flexVolume", faults); },
          "use a persistentVolumeClaim"),
  };
}

std::vector<Rule> about_containers() {
  constexpr std::string_view resources = "write it into the container's resources";
  return {
      of_pod(
          {{kyverno, "require-requests-limits/validate-resources"}},
          [](const Pod& pod, Faults& faults) { amounts(pod, kKyvernoAmounts, true, faults); },
          resources),
      of_pod(
          {{gk, "K8sContainerLimits"}, {nsa, "nsa-cisa-k8s-v1.2-cpu-and-memory-limits-required"}},
          [](const Pod& pod, Faults& faults) { amounts(pod, kLimits, false, faults); }, resources),
      of_pod(
          {{gk, "K8sContainerRequests"}},
          [](const Pod& pod, Faults& faults) { amounts(pod, kRequests, false, faults); },
          resources),
      of_pod(
          {{gk, "K8sRequiredResources"}},
          [](const Pod& pod, Faults& faults) { amounts(pod, kLimitsAndRequests, false, faults); },
          resources),
      of_pod(
          {{gk, "K8sContainerEphemeralStorageLimit"}},
          [](const Pod& pod, Faults& faults) { amounts(pod, kScratch, false, faults); },
          "write it into the container's resources; Raykeep does, where each emptyDir has a "
          "sizeLimit and each root is read-only"),
      of_pod(
          {{kyverno, "disallow-latest-tag/require-image-tag"}},
          [](const Pod& pod, Faults& faults) { images_without_tag(pod, false, faults); },
          "write the version as its tag"),
      of_pod(
          {{kyverno, "disallow-latest-tag/validate-image-tag"}, {gk, "K8sDisallowedTags"}},
          [](const Pod& pod, Faults& faults) { images_with_tag(pod, "latest", faults); },
          "write the version as its tag"),
      of_pod(
          {{gk, "K8sDisallowedTags"}},
          [](const Pod& pod, Faults& faults) { images_without_tag(pod, true, faults); },
          "write the version as its tag"),
      of_pod(
          {{kyverno, "disallow-helm-tiller/validate-helm-tiller"}},
          [](const Pod& pod, Faults& faults) { images_named(pod, "tiller", faults); }, "remove it"),
      of_pod({{kyverno, "require-pod-probes/validate-probes"}}, no_probe_at_all,
             "give it a livenessProbe or a readinessProbe"),
      of_pod(
          {{gk, "K8sRequiredProbes"}},
          [](const Pod& pod, Faults& faults) { missing_probes(pod, kProbes, faults); },
          "give it one that asks by httpGet, tcpSocket, exec or grpc"),
      of_pod({{gk, "K8sDisallowInteractiveTTY"}}, interactive, "remove it"),
      of_pod({{gk, "K8sPSPAutomountServiceAccountTokenPod"},
              {nsa, "nsa-cisa-k8s-v1.2-automount-serviceaccount-token-pod"}},
             mounted_token, "write automountServiceAccountToken: false"),
      of_pod(
          {{kyverno, "require-labels/check-for-labels"}},
          [](const Pod& pod, Faults& faults) {
            missing_label(pod, "app.kubernetes.io/name", faults);
          },
          "add the label"),
  };
}

}  // namespace

std::vector<Rule> pod_rules() {
  std::vector<Rule> all;
  for (auto part :
       {about_the_node, about_privilege, about_users, about_confinement, about_containers}) {
    for (Rule& each : part()) all.push_back(std::move(each));
  }
  return all;
}

}  // namespace raykeep::profile
