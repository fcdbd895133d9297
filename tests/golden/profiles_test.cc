// Our own plans under every policy profile: nothing to find, but for what is listed here with its
// reason. A line that nothing says any more is a fault, too.
#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "doc/document.h"
#include "profile/violations.h"

namespace raykeep {
namespace {

namespace fs = std::filesystem;

std::vector<doc::Value> objects_of(const fs::path& path) {
  auto read = doc::read_file(path);
  EXPECT_TRUE(read.findings.empty()) << path;
  std::vector<doc::Value> objects;
  for (doc::Document& document : read.documents) objects.push_back(std::move(document.value));
  EXPECT_FALSE(objects.empty()) << path;
  return objects;
}

/// A plan for OpenShift is one in which nobody is given an id.
bool is_for_openshift(const std::vector<doc::Value>& objects) {
  return std::ranges::none_of(objects, [](const doc::Value& object) {
    return doc::find(object, {"spec", "template", "spec", "securityContext", "runAsUser"}) !=
           nullptr;
  });
}

/// "sample gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget raycluster-kuberay-head", each
/// once. OpenShift's rules are for plans for OpenShift, and Google's range of ids is for others.
std::set<std::string> said_of(const fs::path& path) {
  using profile::Profile;
  const std::vector<doc::Value> objects = objects_of(path);
  const bool openshift = is_for_openshift(objects);
  std::vector<Profile> profiles{Profile::pss_baseline, Profile::pss_restricted, Profile::kyverno,
                                Profile::gatekeeper, Profile::nsa_cisa};
  if (openshift) profiles.push_back(Profile::openshift_restricted_v2);
  std::set<std::string> said;
  for (const profile::Violation& each : profile::find_violations(objects, profiles)) {
    if (openshift && each.rule == "nsa-cisa-k8s-v1.2-running-as-non-root") continue;
    std::string name = path.stem();
    said.insert(name.substr(0, name.find('.')) + " " +
                std::string(profile::info(each.profile).name) + " " + each.rule + ": " +
                each.object + " " + each.pointer);
  }
  return said;
}

const std::set<std::string> expected = {
    // A head that keeps its state in memory takes the cluster's with it when it goes: nobody may
    // evict it. With a Redis or a volume the budget is 1, and there is no finding.
    "habits gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget habits-head "
    "/spec/maxUnavailable",
    "https gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget demo-head /spec/maxUnavailable",
    "old-enforcer gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget narrow-head "
    "/spec/maxUnavailable",
    "own-way gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget own-head /spec/maxUnavailable",
    "sample gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget raycluster-kuberay-head "
    "/spec/maxUnavailable",
    "two-groups gatekeeper K8sPodDisruptionBudget: PodDisruptionBudget mixed-head "
    "/spec/maxUnavailable",
    // The document asks for the port of every node.
    "own-way gatekeeper K8sBlockNodePort: Service my-head /spec/type",
    "own-way kyverno restrict-nodeport/validate-nodeport: Service my-head /spec/type",
    "own-way nsa-cisa nsa-cisa-k8s-v1.2-block-all-ingress: Service my-head /spec/type",
    // The document's emptyDirs have no sizeLimit, so that a limit would be a guess.
    "habits gatekeeper K8sContainerEphemeralStorageLimit: Deployment habits-worker-chips "
    "/spec/template/spec/containers/0/resources/limits/ephemeral-storage",
    "habits gatekeeper K8sContainerEphemeralStorageLimit: Deployment habits-worker-chips "
    "/spec/template/spec/initContainers/0/resources/limits/ephemeral-storage",
    "habits gatekeeper K8sContainerEphemeralStorageLimit: Deployment habits-worker-chips "
    "/spec/template/spec/initContainers/1/resources/limits/ephemeral-storage",
    "habits gatekeeper K8sContainerEphemeralStorageLimit: StatefulSet habits-head "
    "/spec/template/spec/containers/0/resources/limits/ephemeral-storage",
    "habits gatekeeper K8sContainerEphemeralStorageLimit: StatefulSet habits-head "
    "/spec/template/spec/initContainers/0/resources/limits/ephemeral-storage",
    "habits gatekeeper K8sContainerEphemeralStorageLimit: StatefulSet habits-head "
    "/spec/template/spec/initContainers/1/resources/limits/ephemeral-storage",
    "own-way gatekeeper K8sContainerEphemeralStorageLimit: StatefulSet own-head "
    "/spec/template/spec/containers/0/resources/limits/ephemeral-storage",
    "own-way gatekeeper K8sContainerEphemeralStorageLimit: StatefulSet own-head "
    "/spec/template/spec/initContainers/0/resources/limits/ephemeral-storage",
    // The document's sidecar has no probes.
    "two-groups gatekeeper K8sRequiredProbes: StatefulSet mixed-head "
    "/spec/template/spec/containers/1/livenessProbe",
    "two-groups gatekeeper K8sRequiredProbes: StatefulSet mixed-head "
    "/spec/template/spec/containers/1/readinessProbe",
    "two-groups kyverno require-pod-probes/validate-probes: StatefulSet mixed-head "
    "/spec/template/spec/containers/1",
};

TEST(Profiles, FindNothingInOurPlansButWhatIsMeant) {
  std::set<std::string> said;
  int plans = 0, openshift = 0;
  for (std::string folder : {"/tests/golden/cases", "/tests/install"}) {
    for (const auto& entry : fs::directory_iterator(RAYKEEP_SOURCE_DIR + folder)) {
      std::string name = entry.path().filename();
      if (folder == "/tests/golden/cases" && !name.ends_with(".plan.yaml")) continue;
      ++plans;
      openshift += is_for_openshift(objects_of(entry.path()));
      said.merge(said_of(entry.path()));
    }
  }
  EXPECT_GE(plans, 15);
  EXPECT_GE(openshift, 1);
  for (const std::string& each : said) EXPECT_TRUE(expected.contains(each)) << "found: " << each;
  for (const std::string& each : expected)
    EXPECT_TRUE(said.contains(each)) << "not found any more: " << each;
}

}  // namespace
}  // namespace raykeep
