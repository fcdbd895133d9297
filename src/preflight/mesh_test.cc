#include "preflight/mesh.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using testing::answer;
using testing::object;
using testing::refusal;
using testing::told;

spec::Site site_with(spec::Mesh mesh) {
  spec::Site site = spec::default_site();
  site.tls_mode = spec::TlsMode::mesh;
  site.mesh = mesh;
  return site;
}

/// "not checked", "may block" or nothing, of lists as YAML; "-" where they may not be read.
std::string said_of(std::string_view of_namespace, std::string_view of_mesh,
                    spec::Mesh mesh = spec::Mesh::istio_sidecar) {
  MeshSurvey seen;
  if (of_namespace != "-") seen.of_namespace = answer(of_namespace);
  if (of_mesh != "-") seen.of_mesh = answer(of_mesh);
  std::string text;
  for (const Obstacle& each : judge_strictness("bank", seen, site_with(mesh)))
    text += std::string(to_string(each.weight));
  return text;
}

TEST(Strictness, IsTheNamespacesElseTheMeshsElsePermissive) {
  const std::string none = "{items: []}", strict = "{items: [{spec: {mtls: {mode: STRICT}}}]}",
                    permissive = "{items: [{spec: {mtls: {mode: PERMISSIVE}}}]}",
                    unset = "{items: [{spec: {mtls: {mode: UNSET}}}]}";
  EXPECT_EQ(said_of(strict, "-"), "");
  EXPECT_EQ(said_of(none, strict), "");
  EXPECT_EQ(said_of(unset, strict), "");
  EXPECT_EQ(said_of(permissive, strict), "may block");
  EXPECT_EQ(said_of(none, permissive), "may block");
  EXPECT_EQ(said_of(none, none), "may block");
  EXPECT_EQ(said_of(none, "-"), "not checked");
  EXPECT_EQ(said_of("-", strict), "not checked");
  EXPECT_EQ(said_of(none, none, spec::Mesh::linkerd), "");
}

TEST(Strictness, IsLessWhereOnePolicyIsWeaker) {
  const std::string strict = "{metadata: {name: default}, spec: {mtls: {mode: STRICT}}}";
  EXPECT_EQ(said_of("{items: [" + strict +
                        ", {metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, mtls: "
                        "{mode: PERMISSIVE}}}]}",
                    "-"),
            "may block");
  EXPECT_EQ(said_of("{items: [" + strict +
                        ", {metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, "
                        "portLevelMtls: {\"8265\": {mode: DISABLE}}}}]}",
                    "-"),
            "may block");
  EXPECT_EQ(said_of("{items: [" + strict +
                        ", {metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, mtls: "
                        "{mode: STRICT}}}]}",
                    "-"),
            "");
}

TEST(Strictness, IsUnknownWhereTheServerRefuses) {
  MeshSurvey seen{refusal(403, "forbidden"), refusal(403, "forbidden")};
  EXPECT_EQ(told(judge_strictness("bank", seen, site_with(spec::Mesh::istio_ambient))),
            "RK6035 Namespace bank\n");
}

TEST(MeshKind, IsTheSites) {
  const doc::Value ambient =
      object("metadata: {name: bank, labels: {istio.io/dataplane-mode: ambient}}");
  EXPECT_EQ(told(judge_mesh_kind(ambient, site_with(spec::Mesh::istio_sidecar))),
            "RK6030 Namespace bank\n");
  EXPECT_TRUE(judge_mesh_kind(ambient, site_with(spec::Mesh::istio_ambient)).empty());
  EXPECT_TRUE(judge_mesh_kind(ambient, site_with(spec::Mesh::none)).empty());
  EXPECT_TRUE(
      judge_mesh_kind(object("metadata: {name: bank}"), site_with(spec::Mesh::linkerd)).empty());
}

TEST(Mesh, HasItsRootWhereItsControlPlaneIs) {
  spec::Site site = site_with(spec::Mesh::istio_sidecar);
  EXPECT_EQ(root_namespace(site), "istio-system");
  site.mesh_control_plane.push_back(
      {.name = "c",
       .namespace_labels = spec::StringMap{{"kubernetes.io/metadata.name", "mesh"}},
       .pod_labels = {},
       .cidr = {},
       .except = {}});
  EXPECT_EQ(root_namespace(site), "mesh");
  EXPECT_TRUE(list_peer_authentications("mesh").path.contains("/namespaces/mesh/"));
}

}  // namespace
}  // namespace raykeep::preflight
