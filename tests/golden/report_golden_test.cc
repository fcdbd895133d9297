// The report of cases/two-groups.yaml on its Site, by bytes. UPDATE_GOLDEN=1 writes it anew: read
// the diff, and look at the page, before committing it.
#include <gtest/gtest.h>

#include "golden.h"
#include "report/model.h"
#include "report/page.h"

namespace raykeep {
namespace {

using golden::cases;
using golden::only_document;

TEST(ReportGolden, PageIsTheSameToTheByte) {
  auto site = spec::parse_site(only_document(cases / "two-groups.site.yaml")).site;
  ASSERT_TRUE(site);
  site->raykeep_image = "raykeep:X.Y.Z";  // the next release is no difference
  auto cluster = spec::parse_ray_cluster(only_document(cases / "two-groups.yaml")).cluster;
  ASSERT_TRUE(cluster);
  plan::Plan plan = plan::plan(*cluster, *site, {.ns = "ray", .generation = "", .token = ""});
  report::Input input{.plan = plan,
                      .cluster = *cluster,
                      .site = *site,
                      .program = "X.Y.Z",
                      .at = "2026-11-27T07:30:00Z"};
  const std::string page = report::page(report::model(input));
  golden::expect_file(cases / "two-groups.report.html", page);
}

}  // namespace
}  // namespace raykeep
