#include "plan/mesh_file.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "flow/controller_flows.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;

/// Plans and a Site that outlive what is made from them.
struct Scene {
  spec::Site site;
  Plan plan;
  MeshFileInput input() const {
    return {.site = site,
            .ns = "ray",
            .plans = {&plan},
            .controller = flow::controller_flows(site, {})};
  }
};

Scene scene(const std::string& mesh, const std::string& more = "",
            const std::string& document = std::string(kSmallCluster)) {
  auto site = spec::parse_site_text(
      "apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: s}\nspec:\n  tls: {mode: mesh, "
      "mesh: " +
      mesh + "}\n" + more);
  EXPECT_FALSE(has_errors(site.findings)) << spec::lines(site.findings);
  auto cluster = spec::parse_cluster(document);
  return {*site.site,
          plan(*cluster.cluster, *site.site, {.ns = "ray", .generation = "", .token = ""})};
}

std::vector<doc::Value> of_kind(const AdministratorFile& file, std::string_view kind) {
  std::vector<doc::Value> found;
  for (const DialectObject& each : file.objects) {
    if (doc::find_string(each.object, {"kind"}) == kind) found.push_back(each.object);
  }
  return found;
}

const doc::Value* named(const std::vector<doc::Value>& objects, std::string_view name) {
  auto found = std::ranges::find_if(objects, [&](const doc::Value& each) {
    return doc::find_string(each, {"metadata", "name"}) == name;
  });
  return found == objects.end() ? nullptr : &*found;
}

/// "principal or namespace: ports" of an AuthorizationPolicy's rules.
std::vector<std::string> rules_of(const doc::Value& policy) {
  std::vector<std::string> made;
  const doc::Array* rules = doc::find_array(policy, {"spec", "rules"});
  for (const doc::Value& rule : rules ? *rules : doc::Array{}) {
    std::string ports =
        doc::write_json(*doc::find(doc::find_array(rule, {"to"})->front(), {"operation", "ports"}));
    for (const doc::Value& from : *doc::find_array(rule, {"from"}))
      made.push_back(doc::write_json(*doc::find(from, {"source"})) + ' ' + ports);
  }
  return made;
}

TEST(MeshFile, NeverWeakensAMesh) {
  for (const char* mesh : {"istio-sidecar", "istio-ambient", "linkerd"}) {
    for (const char* redis :
         {"", "  redis: {managed: {}}\n",
          "  redis: {addresses: [\"redis.data.svc:6379\"], tls: {enabled: false}}\n"}) {
      Scene made = scene(mesh, redis);
      const std::string text = to_text(mesh_file(made.input()));
      for (const char* weak : {"PERMISSIVE", "DISABLE", "unauthenticated", "audit"})
        EXPECT_FALSE(text.contains(weak)) << mesh << redis << weak;
    }
  }
}

TEST(MeshFile, HasNotesAloneWithoutAMesh) {
  Scene made = scene("linkerd");
  made.site.mesh = spec::Mesh::none;
  EXPECT_TRUE(mesh_file(made.input()).objects.empty());
  EXPECT_FALSE(mesh_file(made.input()).notes.empty());
}

TEST(MeshFileIstio, IsStrictForEveryPodOfOurs) {
  Scene made = scene("istio-sidecar", "  redis: {managed: {}}\n");
  std::vector<doc::Value> strict = of_kind(mesh_file(made.input()), "PeerAuthentication");
  for (const char* name : {"demo-head", "demo-worker-small", "demo-redis", "raykeep-controller"}) {
    const doc::Value* found = named(strict, name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(doc::find_string(*found, {"spec", "mtls", "mode"}), "STRICT");
    EXPECT_FALSE(doc::find_object(*found, {"spec", "selector", "matchLabels"})->empty());
  }
}

TEST(MeshFileIstio, LetsInWhoTheTableNames) {
  Scene made =
      scene("istio-sidecar",
            "  pods: {serviceAccountName: ray}\n  redis: {managed: {}}\n"
            "  peers: {ingress: [{namespace: edge}], clients: [{podLabels: {app: notebook}}],\n"
            "    submitters: [{namespaceLabels: {team: ml}}], monitoring: [{cidr: 10.0.0.0/8}]}\n");
  std::vector<doc::Value> allowed = of_kind(mesh_file(made.input()), "AuthorizationPolicy");
  std::vector<std::string> head = rules_of(*named(allowed, "demo-head"));
  auto has = [&](const std::vector<std::string>& rules, const std::string& who,
                 const std::string& port) {
    return std::ranges::any_of(rules, [&](const std::string& rule) {
      return rule.contains(who) && rule.contains('"' + port + '"');
    });
  };
  EXPECT_TRUE(has(head, "cluster.local/ns/ray/sa/ray", "6379"));
  EXPECT_TRUE(has(head, "cluster.local/ns/ray/sa/ray", "10002"));
  EXPECT_TRUE(has(head, "cluster.local/ns/ray/sa/raykeep-controller", "52370"));
  EXPECT_TRUE(has(head, R"("namespaces":["edge"])", "8000"));
  EXPECT_TRUE(has(head, R"("namespaces":["ray"])", "10001"));
  EXPECT_TRUE(has(head, R"("principals":["*"])", "8265"));
  EXPECT_FALSE(has(head, "edge", "6379"));
  EXPECT_FALSE(has(head, R"("principals":["*"])", "6379"));
  EXPECT_FALSE(has(head, "raykeep-controller", "6379"));
  std::vector<std::string> redis = rules_of(*named(allowed, "demo-redis"));
  EXPECT_TRUE(has(redis, "sa/ray", "6379"));
  EXPECT_TRUE(has(redis, "sa/raykeep-controller", "6379"));
  // Nobody is named for the controller but addresses, which have no certificate.
  EXPECT_TRUE(rules_of(*named(allowed, "raykeep-controller")).empty());
  EXPECT_EQ(doc::find_string(*named(allowed, "raykeep-controller"), {"spec", "action"}), "ALLOW");
  EXPECT_TRUE(to_text(mesh_file(made.input())).contains("by address"));
}

TEST(MeshFileIstio, KeepsClientsFromSendingPlaintextAndScopesThem) {
  Scene made = scene("istio-sidecar",
                     "  redis: {addresses: [\"redis.data.svc:6380\", \"10.0.0.1:6380\"], peers: "
                     "[{namespace: data}], tls: {enabled: true}}\n");
  AdministratorFile file = mesh_file(made.input());
  std::vector<doc::Value> rules = of_kind(file, "DestinationRule");
  EXPECT_EQ(doc::find_string(*named(rules, "demo-nodes"), {"spec", "trafficPolicy", "tls", "mode"}),
            "ISTIO_MUTUAL");
  EXPECT_EQ(doc::find_string(*named(rules, "demo-head-svc"), {"spec", "host"}),
            "demo-head-svc.ray.svc.cluster.local");
  const doc::Value* redis = named(rules, "demo-redis-outside-1");
  ASSERT_NE(redis, nullptr);
  EXPECT_EQ(doc::find_string(*redis, {"spec", "host"}), "redis.data.svc.cluster.local");
  EXPECT_EQ(doc::find_string(*redis, {"spec", "trafficPolicy", "tls", "mode"}), "DISABLE");
  EXPECT_EQ(rules.size(), 3u);
  std::vector<doc::Value> scopes = of_kind(file, "Sidecar");
  ASSERT_EQ(scopes.size(), 1u);
  EXPECT_EQ(doc::write_json(*doc::find(scopes[0], {"spec", "egress"})),
            R"([{"hosts":["./*","data/*","istio-system/*","kube-system/*"]}])");
}

TEST(MeshFileIstio, OfAmbientHasNothingForSidecars) {
  Scene made = scene("istio-ambient");
  AdministratorFile file = mesh_file(made.input());
  EXPECT_TRUE(of_kind(file, "DestinationRule").empty());
  EXPECT_TRUE(of_kind(file, "Sidecar").empty());
  EXPECT_EQ(of_kind(file, "PeerAuthentication").size(), 3u);
}

TEST(MeshFileLinkerd, GuardsThePortsBehindWhichCodeIsRun) {
  Scene made = scene("linkerd",
                     "  redis: {managed: {}}\n  peers: {ingress: [{namespace: edge}], submitters: "
                     "[{namespaceLabels: {a: b}}]}\n");
  AdministratorFile file = mesh_file(made.input());
  std::vector<doc::Value> servers = of_kind(file, "Server"),
                          clients = of_kind(file, "MeshTLSAuthentication"),
                          policies = of_kind(file, "AuthorizationPolicy");
  for (const char* name : {"demo-head-6379", "demo-head-8265", "demo-head-8000", "demo-head-52370",
                           "demo-worker-small-8000", "demo-redis-6379"}) {
    ASSERT_NE(named(servers, name), nullptr) << name;
    EXPECT_EQ(doc::find_string(*named(servers, name), {"spec", "accessPolicy"}), "deny");
    EXPECT_NE(named(clients, name), nullptr) << name;
    EXPECT_EQ(doc::find_string(*named(policies, name), {"spec", "targetRef", "name"}), name);
  }
  EXPECT_EQ(named(servers, "demo-head-10002"), nullptr);
  EXPECT_EQ(doc::write_json(*doc::find(*named(clients, "demo-head-6379"), {"spec"})),
            R"({"identityRefs":[{"kind":"ServiceAccount","name":"default","namespace":"ray"}]})");
  EXPECT_EQ(doc::write_json(*doc::find(*named(clients, "demo-head-8000"), {"spec"})),
            R"({"identityRefs":[{"kind":"Namespace","name":"edge"}]})");
  EXPECT_EQ(doc::write_json(*doc::find(*named(clients, "demo-head-8265"), {"spec"})),
            R"({"identities":["*"]})");
}

}  // namespace
}  // namespace raykeep::plan
