// One good pod and one change at a time: which rules of which engines then speak. That the engines
// themselves say the same is shown by tests/profile.
#include "profile/violations.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/text.h"
#include "doc/document.h"
#include "doc/pointer.h"

namespace raykeep::profile {
namespace {

constexpr std::string_view good_pod = R"(
apiVersion: v1
kind: Pod
metadata:
  name: demo
  namespace: ray
  labels: {app.kubernetes.io/name: demo}
spec:
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    seccompProfile: {type: RuntimeDefault}
  containers:
  - name: main
    image: registry.example/app:1.0
    livenessProbe: {httpGet: {path: /, port: 80}}
    readinessProbe: {httpGet: {path: /, port: 80}}
    resources:
      requests: {cpu: 1, memory: 1Gi}
      limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL, NET_RAW]}
  volumes:
  - name: data
    emptyDir: {sizeLimit: 1Gi}
)";

doc::Value yaml(std::string_view text) {
  auto read = doc::read_yaml(text, "test.yaml");
  EXPECT_TRUE(read.findings.empty());
  return read.documents.at(0).value;
}

/// Sets the value at the pointer, making maps on the way; "-" is a new element of a list. An empty
/// value removes the member.
void change(doc::Value& root, std::string_view pointer, std::string_view value) {
  std::vector<std::string> steps = doc::split_pointer(pointer);
  doc::Value* at = &root;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (at->is_array()) {
      doc::Array& list = at->get_array();
      if (steps[i] == "-") list.emplace_back(nullptr);
      at = steps[i] == "-" ? &list.back() : &list.at(std::stoul(steps[i]));
      continue;
    }
    if (!at->is_object()) *at = doc::Object();
    if (i + 1 == steps.size() && value.empty()) {
      at->get_object().erase(steps[i]);
      return;
    }
    at = &at->get_object()[steps[i]];
  }
  *at = yaml("x: " + std::string(value)).get_object().at("x");
}

/// "pss-baseline hostPorts", in the order of the profiles, each once.
std::vector<std::string> spoken(const std::vector<Violation>& violations) {
  std::vector<std::string> names;
  for (const Violation& each : violations) {
    std::string name = std::string(info(each.profile).name) + " " + each.rule;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<Profile> all_profiles() {
  std::vector<Profile> all;
  for (const ProfileInfo& each : kProfiles) all.push_back(each.profile);
  return all;
}

std::vector<Violation> violations_of(const std::vector<doc::Value>& objects) {
  return find_violations(objects, all_profiles());
}

struct Case {
  std::string_view pointer;
  std::string_view value;
  std::string_view spoken;
};

/// What even the good pod is told: it has no ids, which only one engine wants to see, and no
/// NetworkPolicy.
const std::vector<std::string> always = {
    "nsa-cisa nsa-cisa-k8s-v1.2-running-as-non-root",
    "nsa-cisa nsa-cisa-k8s-v1.2-require-namespace-network-policies"};

const Case cases[] = {
    {"/spec/hostNetwork", "true",
     "pss-baseline hostNamespaces, pss-restricted hostNamespaces, kyverno "
     "disallow-host-namespaces/host-namespaces, gatekeeper K8sPSPHostNetworkingPorts, nsa-cisa "
     "nsa-cisa-k8s-v1.2-host-network, openshift-restricted-v2 allowHostNetwork"},
    {"/spec/hostPID", "true",
     "pss-baseline hostNamespaces, pss-restricted hostNamespaces, kyverno "
     "disallow-host-namespaces/host-namespaces, gatekeeper K8sPSPHostNamespace, nsa-cisa "
     "nsa-cisa-k8s-v1.2-host-namespaces, openshift-restricted-v2 allowHostPID"},
    {"/spec/hostIPC", "true",
     "pss-baseline hostNamespaces, pss-restricted hostNamespaces, kyverno "
     "disallow-host-namespaces/host-namespaces, gatekeeper K8sPSPHostNamespace, nsa-cisa "
     "nsa-cisa-k8s-v1.2-host-namespaces, openshift-restricted-v2 allowHostIPC"},
    {"/spec/containers/0/ports", "[{containerPort: 80, hostPort: 80}]",
     "pss-baseline hostPorts, pss-restricted hostPorts, kyverno "
     "disallow-host-ports/host-ports-none, gatekeeper K8sPSPHostNetworkingPorts, nsa-cisa "
     "nsa-cisa-k8s-v1.2-hostport, openshift-restricted-v2 allowHostPorts"},
    {"/spec/containers/0/ports", "[{containerPort: 80, hostPort: 0}]",
     "nsa-cisa nsa-cisa-k8s-v1.2-host-network"},
    {"/spec/volumes/-", "{name: x, hostPath: {path: /var/run/docker.sock}}",
     "pss-baseline hostPathVolumes, pss-restricted restrictedVolumes, kyverno "
     "disallow-host-path/host-path, kyverno "
     "disallow-container-sock-mounts/validate-docker-sock-mount, kyverno "
     "restrict-volume-types/restricted-volumes, gatekeeper K8sPSPHostFilesystem, gatekeeper "
     "K8sPSPVolumeTypes, nsa-cisa nsa-cisa-k8s-v1.2-restrict-hostpath-volumes, "
     "openshift-restricted-v2 allowHostDirVolumePlugin, openshift-restricted-v2 volumes"},
    {"/spec/volumes/-", "{name: x, nfs: {server: a, path: /}}",
     "pss-restricted restrictedVolumes, kyverno restrict-volume-types/restricted-volumes, "
     "gatekeeper K8sPSPVolumeTypes, openshift-restricted-v2 volumes"},
    {"/spec/volumes/-", "{name: x, image: {reference: \"a:1\"}}",
     "kyverno restrict-volume-types/restricted-volumes, gatekeeper K8sPSPVolumeTypes, "
     "openshift-restricted-v2 volumes"},
    {"/spec/volumes/-", "{name: x, flexVolume: {driver: a/b}}",
     "pss-restricted restrictedVolumes, kyverno restrict-volume-types/restricted-volumes, "
     "gatekeeper K8sPSPVolumeTypes, gatekeeper K8sPSPFlexVolumes, openshift-restricted-v2 volumes"},
    {"/spec/containers/0/livenessProbe/httpGet/host", "other",
     "pss-baseline hostProbesAndHostLifecycle, pss-restricted hostProbesAndHostLifecycle, "
     "gatekeeper K8sPSPHostProbesLifecycle"},
    {"/spec/containers/0/lifecycle", "{preStop: {tcpSocket: {host: other, port: 1}}}",
     "pss-baseline hostProbesAndHostLifecycle, pss-restricted hostProbesAndHostLifecycle, "
     "gatekeeper K8sPSPHostProbesLifecycle"},
    {"/spec/containers/0/securityContext/windowsOptions", "{hostProcess: true}",
     "pss-baseline windowsHostProcess, pss-restricted windowsHostProcess, kyverno "
     "disallow-host-process/host-process-containers, gatekeeper K8sPSPHostProcess"},
    {"/spec/containers/0/securityContext/privileged", "true",
     "pss-baseline privileged, pss-restricted privileged, kyverno "
     "disallow-privileged-containers/privileged-containers, gatekeeper K8sPSPPrivilegedContainer, "
     "nsa-cisa nsa-cisa-k8s-v1.2-privileged-containers, openshift-restricted-v2 "
     "allowPrivilegedContainer"},
    {"/spec/containers/0/securityContext/allowPrivilegeEscalation", "",
     "pss-restricted allowPrivilegeEscalation, kyverno "
     "disallow-privilege-escalation/privilege-escalation, gatekeeper "
     "K8sPSPAllowPrivilegeEscalationContainer, nsa-cisa nsa-cisa-k8s-v1.2-privilege-escalation"},
    {"/spec/containers/0/securityContext/allowPrivilegeEscalation", "true",
     "pss-restricted allowPrivilegeEscalation, kyverno "
     "disallow-privilege-escalation/privilege-escalation, gatekeeper "
     "K8sPSPAllowPrivilegeEscalationContainer, nsa-cisa nsa-cisa-k8s-v1.2-privilege-escalation, "
     "openshift-restricted-v2 allowPrivilegeEscalation"},
    {"/spec/containers/0/securityContext/capabilities/add", "[SYS_ADMIN]",
     "pss-baseline capabilities_baseline, pss-restricted capabilities_restricted, kyverno "
     "disallow-capabilities/adding-capabilities, kyverno "
     "disallow-capabilities-strict/adding-capabilities-strict, gatekeeper K8sPSPCapabilities, "
     "nsa-cisa nsa-cisa-k8s-v1.2-capabilities, openshift-restricted-v2 allowedCapabilities"},
    {"/spec/containers/0/securityContext/capabilities/add", "[CHOWN]",
     "pss-restricted capabilities_restricted, kyverno "
     "disallow-capabilities-strict/adding-capabilities-strict, gatekeeper K8sPSPCapabilities, "
     "nsa-cisa nsa-cisa-k8s-v1.2-capabilities, openshift-restricted-v2 allowedCapabilities"},
    {"/spec/containers/0/securityContext/capabilities/add", "[NET_BIND_SERVICE]",
     "nsa-cisa nsa-cisa-k8s-v1.2-capabilities"},
    {"/spec/containers/0/securityContext/capabilities/drop", "[all]",
     "pss-restricted capabilities_restricted, kyverno "
     "disallow-capabilities-strict/require-drop-all, kyverno "
     "drop-cap-net-raw/require-drop-cap-net-raw"},
    {"/spec/containers/0/securityContext/capabilities/drop", "[ALL]",
     "kyverno drop-cap-net-raw/require-drop-cap-net-raw"},
    {"/spec/containers/0/securityContext", "",
     "pss-restricted allowPrivilegeEscalation, pss-restricted capabilities_restricted, kyverno "
     "disallow-privilege-escalation/privilege-escalation, kyverno "
     "disallow-capabilities-strict/require-drop-all, kyverno "
     "drop-all-capabilities/require-drop-all, kyverno drop-cap-net-raw/require-drop-cap-net-raw, "
     "kyverno require-ro-rootfs/validate-readOnlyRootFilesystem, gatekeeper "
     "K8sPSPAllowPrivilegeEscalationContainer, gatekeeper K8sPSPCapabilities, gatekeeper "
     "K8sPSPReadOnlyRootFilesystem, nsa-cisa nsa-cisa-k8s-v1.2-privilege-escalation, nsa-cisa "
     "nsa-cisa-k8s-v1.2-capabilities, nsa-cisa nsa-cisa-k8s-v1.2-readonlyrootfilesystem"},
    {"/spec/containers/0/securityContext/procMount", "Unmasked",
     "pss-baseline procMount, pss-restricted procMount, kyverno "
     "disallow-proc-mount/check-proc-mount, gatekeeper K8sPSPProcMount"},
    {"/spec/containers/0/securityContext/readOnlyRootFilesystem", "false",
     "kyverno require-ro-rootfs/validate-readOnlyRootFilesystem, gatekeeper "
     "K8sPSPReadOnlyRootFilesystem, nsa-cisa nsa-cisa-k8s-v1.2-readonlyrootfilesystem"},
    {"/spec/securityContext/runAsUser", "0",
     "pss-restricted runAsUser, kyverno require-run-as-non-root-user/run-as-non-root-user, "
     "gatekeeper K8sPSPAllowedUsers, openshift-restricted-v2 runAsUser"},
    {"/spec/securityContext/runAsUser", "1000", "openshift-restricted-v2 runAsUser"},
    {"/spec/securityContext/runAsUser", "1000660000", ""},
    {"/spec/containers/0/securityContext/runAsUser", "0",
     "pss-restricted runAsUser, kyverno require-run-as-non-root-user/run-as-non-root-user, "
     "gatekeeper K8sPSPAllowedUsers, openshift-restricted-v2 runAsUser"},
    {"/spec/securityContext/fsGroup", "1000", "openshift-restricted-v2 fsGroup"},
    {"/spec/securityContext/runAsNonRoot", "",
     "pss-restricted runAsNonRoot, kyverno require-run-as-nonroot/run-as-non-root, gatekeeper "
     "K8sPSPAllowedUsers"},
    {"/spec/securityContext/runAsNonRoot", "false",
     "pss-restricted runAsNonRoot, kyverno require-run-as-nonroot/run-as-non-root, gatekeeper "
     "K8sPSPAllowedUsers"},
    {"/spec/containers/0/securityContext/runAsNonRoot", "false",
     "pss-restricted runAsNonRoot, kyverno require-run-as-nonroot/run-as-non-root, gatekeeper "
     "K8sPSPAllowedUsers"},
    {"/spec/securityContext/seccompProfile", "",
     "pss-restricted seccompProfile_restricted, kyverno "
     "restrict-seccomp-strict/check-seccomp-strict, gatekeeper K8sPSPSeccompV2"},
    {"/spec/securityContext/seccompProfile/type", "Unconfined",
     "pss-baseline seccompProfile_baseline, pss-restricted seccompProfile_restricted, kyverno "
     "restrict-seccomp/check-seccomp, kyverno restrict-seccomp-strict/check-seccomp-strict, "
     "gatekeeper K8sPSPSeccompV2, nsa-cisa nsa-cisa-k8s-v1.2-seccomp, openshift-restricted-v2 "
     "seccompProfiles"},
    {"/spec/containers/0/securityContext/seccompProfile", "{type: Unconfined}",
     "pss-baseline seccompProfile_baseline, pss-restricted seccompProfile_restricted, kyverno "
     "restrict-seccomp/check-seccomp, kyverno restrict-seccomp-strict/check-seccomp-strict, "
     "gatekeeper K8sPSPSeccompV2, nsa-cisa nsa-cisa-k8s-v1.2-seccomp, openshift-restricted-v2 "
     "seccompProfiles"},
    {"/spec/securityContext/appArmorProfile", "{type: Unconfined}",
     "pss-baseline appArmorProfile, pss-restricted appArmorProfile, gatekeeper K8sPSPAppArmor, "
     "nsa-cisa nsa-cisa-k8s-v1.2-apparmor"},
    {"/metadata/annotations", "{container.apparmor.security.beta.kubernetes.io/main: unconfined}",
     "pss-baseline appArmorProfile, pss-restricted appArmorProfile, kyverno "
     "restrict-apparmor-profiles/app-armor, gatekeeper K8sPSPAppArmor, nsa-cisa "
     "nsa-cisa-k8s-v1.2-apparmor"},
    {"/spec/securityContext/seLinuxOptions", "{type: spc_t}",
     "pss-baseline seLinuxOptions, pss-restricted seLinuxOptions, kyverno "
     "disallow-selinux/selinux-type, gatekeeper K8sPSPSELinuxV2, nsa-cisa "
     "nsa-cisa-k8s-v1.2-selinux, openshift-restricted-v2 seLinuxContext"},
    {"/spec/securityContext/seLinuxOptions", "{type: container_engine_t}",
     "kyverno disallow-selinux/selinux-type, nsa-cisa nsa-cisa-k8s-v1.2-selinux, "
     "openshift-restricted-v2 seLinuxContext"},
    {"/spec/securityContext/seLinuxOptions", "{type: container_t}",
     "openshift-restricted-v2 seLinuxContext"},
    {"/spec/containers/0/securityContext/seLinuxOptions", "{user: system_u}",
     "pss-baseline seLinuxOptions, pss-restricted seLinuxOptions, kyverno "
     "disallow-selinux/selinux-user-role, gatekeeper K8sPSPSELinuxV2, nsa-cisa "
     "nsa-cisa-k8s-v1.2-selinux, openshift-restricted-v2 seLinuxContext"},
    {"/spec/securityContext/seLinuxOptions", "{level: \"s0:c1,c2\"}",
     "gatekeeper K8sPSPSELinuxV2, nsa-cisa nsa-cisa-k8s-v1.2-selinux, openshift-restricted-v2 "
     "seLinuxContext"},
    {"/spec/securityContext/sysctls", "[{name: kernel.msgmax, value: \"1\"}]",
     "pss-baseline sysctls, pss-restricted sysctls, kyverno restrict-sysctls/check-sysctls, "
     "gatekeeper K8sPSPForbiddenSysctls, openshift-restricted-v2 forbiddenSysctls"},
    {"/spec/securityContext/sysctls", "[{name: net.ipv4.tcp_rmem, value: \"1\"}]",
     "kyverno restrict-sysctls/check-sysctls, gatekeeper K8sPSPForbiddenSysctls"},
    {"/spec/containers/0/resources", "",
     "kyverno require-requests-limits/validate-resources, gatekeeper K8sContainerLimits, "
     "gatekeeper K8sContainerRequests, gatekeeper K8sRequiredResources, gatekeeper "
     "K8sContainerEphemeralStorageLimit, nsa-cisa "
     "nsa-cisa-k8s-v1.2-cpu-and-memory-limits-required"},
    {"/spec/containers/0/resources/limits/ephemeral-storage", "",
     "gatekeeper K8sContainerEphemeralStorageLimit"},
    {"/spec/containers/0/resources/requests/cpu", "",
     "kyverno require-requests-limits/validate-resources, gatekeeper K8sContainerRequests, "
     "gatekeeper K8sRequiredResources"},
    {"/spec/containers/0/image", "registry.example/app",
     "kyverno disallow-latest-tag/require-image-tag, gatekeeper K8sDisallowedTags"},
    {"/spec/containers/0/image", "registry.example:5000/app", "gatekeeper K8sDisallowedTags"},
    {"/spec/containers/0/image", "registry.example/app:latest",
     "kyverno disallow-latest-tag/validate-image-tag, gatekeeper K8sDisallowedTags"},
    {"/spec/containers/0/image", "registry.example/app@sha256:00", ""},
    {"/spec/containers/0/image", "gcr.io/kubernetes-helm/tiller:v2.17",
     "kyverno disallow-helm-tiller/validate-helm-tiller"},
    {"/spec/containers/0/readinessProbe", "", "gatekeeper K8sRequiredProbes"},
    {"/spec/containers/0/tty", "true", "gatekeeper K8sDisallowInteractiveTTY"},
    {"/spec/automountServiceAccountToken", "true",
     "gatekeeper K8sPSPAutomountServiceAccountTokenPod, nsa-cisa "
     "nsa-cisa-k8s-v1.2-automount-serviceaccount-token-pod"},
    {"/spec/automountServiceAccountToken", "", ""},
    {"/metadata/labels", "{}", "kyverno require-labels/check-for-labels"},
    {"/metadata/namespace", "default", "kyverno disallow-default-namespace/validate-namespace"},
};

TEST(Violations, OfAGoodPodAreOnlyOfWhatIsMissing) {
  EXPECT_EQ(spoken(violations_of({yaml(good_pod)})), always);
}

TEST(Violations, AreThoseOfTheChange) {
  for (const Case& each : cases) {
    doc::Value pod = yaml(good_pod);
    change(pod, each.pointer, each.value);
    std::vector<std::string> said = spoken(violations_of({pod}));
    for (const std::string& name : always) std::erase(said, name);
    EXPECT_EQ(join(said, ", "), each.spoken) << each.pointer << " = " << each.value;
  }
}

}  // namespace
}  // namespace raykeep::profile
