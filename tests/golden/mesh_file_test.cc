// What `raykeep site mesh` prints for each case that has a NAME.mesh.yaml, by bytes.
// UPDATE_GOLDEN=1 writes them anew: read the diff before committing it.
#include <gtest/gtest.h>

#include <algorithm>

#include "flow/controller_flows.h"
#include "golden.h"
#include "plan/mesh_file.h"

namespace raykeep {
namespace {

using golden::cases;
using golden::only_document;

class MeshFileGolden : public testing::TestWithParam<const char*> {};

TEST_P(MeshFileGolden, IsTheSameToTheByte) {
  const std::string name = GetParam();
  auto site = spec::parse_site(only_document(cases / (name + ".site.yaml"))).site;
  auto cluster = spec::parse_ray_cluster(only_document(cases / (name + ".yaml"))).cluster;
  ASSERT_TRUE(site && cluster);
  plan::Plan plan = plan::plan(*cluster, *site, {.ns = "ray", .generation = "", .token = ""});
  plan::MeshFileInput input{.site = *site,
                            .ns = "ray",
                            .plans = {&plan},
                            .controller = flow::controller_flows(*site, {})};
  const std::string text = plan::to_text(plan::mesh_file(input));
  golden::expect_file(cases / (name + ".mesh.yaml"), text);
}

INSTANTIATE_TEST_SUITE_P(Meshes, MeshFileGolden,
                         testing::Values("mesh-istio-sidecar", "mesh-istio-ambient",
                                         "mesh-linkerd"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace raykeep
