// What `controller install` makes, by bytes: tests/install/*.yaml. UPDATE_GOLDEN=1 writes them
// anew: read the diff before committing it.
#include "control/install.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "control/inventory.h"
#include "control/rights.h"
#include "control/testing.h"
#include "doc/document.h"
#include "kube/kind.h"

namespace raykeep::control {
namespace {

std::string path_of(const std::string& name) {
  return RAYKEEP_SOURCE_DIR "/tests/install/" + name + ".yaml";
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_golden(const std::string& name, const std::vector<doc::Value>& objects) {
  std::string text;
  for (const doc::Value& object : objects) text += "---\n" + doc::write_yaml(object);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path_of(name)) << text;
  EXPECT_EQ(text, contents(path_of(name))) << name;
}

InstallOptions options() { return {.ns = "ray", .image = "raykeep:0.1.0", .replicas = 2}; }

TEST(Install, IsTheseObjectsOnAPlainSite) {
  expect_golden("plain", controller_objects(options(), spec::default_site()));
}

TEST(Install, SignsWhereRayHasItsOwnTls) {
  spec::Site site = spec::default_site();
  site.tls_mode = spec::TlsMode::native;
  site.certificate_lifetime = std::chrono::hours(48);
  expect_golden("native", controller_objects(options(), site));
}

TEST(Install, FollowsTheSiteAndThePolicy) {
  doc::ReadResult read = doc::read_yaml(R"(
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  openshift: true
  tls: {mode: none}
  images: {registry: registry.bank.example/mirror, pullSecrets: [regcred], pullPolicy: Always}
  pods: {priorityClassName: high, labels: {team: ml}, annotations: {owner: ml}}
  peers:
    monitoring: [{name: prometheus, namespace: monitoring}]
)",
                                        "site");
  spec::ParsedSite site = spec::parse_site(read.documents.at(0));
  ASSERT_TRUE(site.site && !has_errors(site.findings)) << to_string(site.findings.at(0));
  InstallOptions given = options();
  given.replicas = 3;
  given.api_server = {*parse_outside_address("10.0.0.1/32:6443"),
                      *parse_outside_address("fd00::1/128")};
  given.redis = {*parse_outside_address("10.9.0.0/24"), *parse_outside_address("10.8.0.7/32:6380")};
  given.policy.image_prefixes = {"registry.bank.example/mirror/"};
  given.policy.service_accounts = {"ray"};
  given.policy.volume_kinds = {"emptyDir", "secret"};
  expect_golden("bank", controller_objects(given, *site.site));
}

TEST(Install, LetsTheControllerToTheSitesRedis) {
  doc::ReadResult read = doc::read_yaml(R"(
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  redis: {addresses: ["10.7.0.9:6380"], tls: {enabled: false}}
)",
                                        "site");
  spec::ParsedSite site = spec::parse_site(read.documents.at(0));
  ASSERT_TRUE(site.site);
  std::string text;
  for (const doc::Value& object : controller_objects(options(), *site.site))
    text += doc::write_json(object);
  EXPECT_TRUE(text.contains(R"("ipBlock":{"cidr":"10.7.0.9/32"})")) << text;
  EXPECT_TRUE(text.contains(R"("ports":[{"protocol":"TCP","port":6380}])")) << text;
}

TEST(Install, RunsAsAnAccountThatIsThereWithoutGrantingIt) {
  InstallOptions given = options();
  given.service_account = "tenant";
  for (const doc::Value& object : controller_objects(given, spec::default_site())) {
    EXPECT_TRUE(object.at("kind") != "Role" && object.at("kind") != "RoleBinding" &&
                object.at("kind") != "ServiceAccount");
    if (object.at("kind") == "Deployment")
      EXPECT_TRUE(doc::write_json(object).contains(R"("serviceAccountName":"tenant")"));
  }
}

TEST(Install, RefusesWhatIsNoAddressForAPolicy) {
  for (const char* text : {"10.0.0.1", "10.0.0.1/33", "10.0.0.1/32:", "10.0.0.1/32:99999", "redis"})
    EXPECT_FALSE(parse_outside_address(text)) << text;
}

/// A row of the table for that group and resource.
const Right* find_right(std::string_view group, std::string_view resource) {
  for (const Right& right : controller_rights()) {
    if (right.group == group && right.resource == resource) return &right;
  }
  return nullptr;
}

TEST(Rights, CoverEveryKindThatIsKept) {
  for (const kube::Kind& kind : listed_kinds()) {
    const kube::KindInfo& info = kube::info_of(kind);
    const Right* right = find_right(kube::group_of(info.api_version), info.plural);
    ASSERT_NE(right, nullptr) << kind.kind;
    for (std::string_view verb : {"get", "list", "watch", "create", "patch"})
      EXPECT_EQ(std::ranges::count(right->verbs, verb), 1) << kind.kind << ' ' << verb;
  }
}

TEST(Rights, AreNarrow) {
  for (const Right& right : controller_rights()) {
    EXPECT_FALSE(right.why.empty());
    for (std::string_view verb : right.verbs) {
      EXPECT_NE(verb, "*");
      EXPECT_NE(verb, "deletecollection");
      if (right.resource == "secrets")
        EXPECT_TRUE(verb != "list" && verb != "watch" && verb != "delete");
      if (right.resource == "pods") EXPECT_TRUE(verb != "create" && verb != "update");
      if (right.resource == "persistentvolumeclaims") EXPECT_NE(verb, "delete");
    }
    EXPECT_EQ(right.resource.find('/'), std::string_view::npos) << "no exec, no port-forward";
    EXPECT_FALSE(right.group == "rbac.authorization.k8s.io");
  }
}

}  // namespace
}  // namespace raykeep::control
