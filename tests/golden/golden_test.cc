// The plan of each document in cases/, by bytes. NAME.yaml is the document, NAME.site.yaml its Site
// if it has one, NAME.plan.yaml the objects. UPDATE_GOLDEN=1 writes the plans anew: read the diff
// before committing it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "doc/document.h"
#include "plan/plan.h"

namespace raykeep {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string all(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += to_string(finding) + '\n';
  return text;
}

doc::Document only_document(const fs::path& path) {
  auto read = doc::read_yaml(contents(path), path.filename());
  EXPECT_EQ(all(read.findings), "");
  if (read.documents.size() != 1) ADD_FAILURE() << path << " has not one document";
  return read.documents.empty() ? doc::Document{} : std::move(read.documents.front());
}

std::string planned(const fs::path& document) {
  spec::Site site = spec::default_site();
  fs::path site_path = document;
  site_path.replace_extension(".site.yaml");
  if (fs::exists(site_path)) {
    auto parsed = spec::parse_site(only_document(site_path));
    EXPECT_FALSE(has_errors(parsed.findings)) << all(parsed.findings);
    if (parsed.site) site = *parsed.site;
  }
  // The next release is no difference.
  if (site.raykeep_image == spec::default_site().raykeep_image)
    site.raykeep_image = "raykeep:X.Y.Z";
  auto parsed = spec::parse_ray_cluster(only_document(document));
  EXPECT_FALSE(has_errors(parsed.findings)) << all(parsed.findings);
  if (!parsed.cluster) return "";
  auto made = plan::plan(*parsed.cluster, site, {.ns = "ray", .generation = "", .token = ""});
  EXPECT_FALSE(has_errors(made.findings)) << all(made.findings);

  std::string text;
  for (const Finding& finding : made.findings) text += "# " + to_string(finding) + '\n';
  for (const flow::Flow& flow : made.flows) {
    text += "# " + flow.id() + ' ' + std::to_string(flow.ports.first);
    if (flow.ports.last != flow.ports.first) text += '-' + std::to_string(flow.ports.last);
    text += '\n';
  }
  for (const plan::PlannedSecret& secret : made.secrets) text += "# Secret " + secret.name + '\n';
  for (const doc::Value& object : made.objects) text += "---\n" + doc::write_yaml(object);
  return text;
}

/// What is wrong with a pod by the "restricted" standard and by what reviewers ask beyond it.
std::string lax(const doc::Value& pod) {
  std::string wrong;
  auto want = [&wrong](bool good, std::string what) {
    if (!good) wrong += what + '\n';
  };
  auto is_false = [](const doc::Value* value) { return value && *value == doc::Value(false); };
  auto is_true = [](const doc::Value* value) { return value && *value == doc::Value(true); };
  want(is_true(doc::find(pod, {"securityContext", "runAsNonRoot"})), "runAsNonRoot");
  want(doc::find_string(pod, {"securityContext", "seccompProfile", "type"}) == "RuntimeDefault",
       "seccomp");
  want(is_false(doc::find(pod, {"automountServiceAccountToken"})), "automountServiceAccountToken");
  want(is_false(doc::find(pod, {"enableServiceLinks"})), "enableServiceLinks");
  for (std::string_view list : {"initContainers", "containers"}) {
    const doc::Array* containers = doc::find_array(pod, {list});
    for (const doc::Value& container : containers ? *containers : doc::Array{}) {
      std::string name(doc::find_string(container, {"name"}));
      want(is_false(doc::find(container, {"securityContext", "allowPrivilegeEscalation"})),
           name + " escalation");
      want(is_true(doc::find(container, {"securityContext", "readOnlyRootFilesystem"})),
           name + " root filesystem");
      const doc::Array* drop =
          doc::find_array(container, {"securityContext", "capabilities", "drop"});
      want(drop && !drop->empty() && drop->front() == "ALL", name + " capabilities");
      for (std::string_view kind : {"requests", "limits"}) {
        for (std::string_view resource : {"cpu", "memory"}) {
          want(doc::find(container, {"resources", kind, resource}) != nullptr,
               name + ' ' + std::string(kind) + ' ' + std::string(resource));
        }
      }
      bool runs_on = list == "containers" && name != "sidecar";
      want(!runs_on || doc::find(container, {"livenessProbe"}), name + " livenessProbe");
      want(!runs_on || doc::find(container, {"readinessProbe"}), name + " readinessProbe");
    }
  }
  return wrong;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, PlanIsTheSameToTheByte) {
  fs::path expected = GetParam();
  expected.replace_extension(".plan.yaml");
  const std::string text = planned(GetParam());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << text;
  EXPECT_EQ(text, contents(expected));
  EXPECT_EQ(text, planned(GetParam())) << "planned twice, it is another plan";
}

TEST_P(Golden, EveryContainerIsRestricted) {
  int pods = 0;
  for (const doc::Document& object : doc::read_yaml(planned(GetParam()), "plan").documents) {
    const doc::Value* pod = doc::find(object.value, {"spec", "template", "spec"});
    if (pod == nullptr) continue;
    ++pods;
    EXPECT_EQ(lax(*pod), "") << doc::find_string(object.value, {"metadata", "name"});
  }
  EXPECT_GE(pods, 1);
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(RAYKEEP_SOURCE_DIR "/tests/golden/cases")) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".yaml") && !name.ends_with(".site.yaml") && !name.ends_with(".plan.yaml") &&
        !name.ends_with(".mesh.yaml")) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param.stem();
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace raykeep

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
