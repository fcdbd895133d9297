#include "plan/air_gap.h"

#include <gtest/gtest.h>

#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::kSmallSite;

Plan plan_on(const std::string& more) {
  auto parsed = spec::parse_cluster(kSmallCluster);
  auto place = spec::parse_site_text(std::string(kSmallSite) + more);
  EXPECT_FALSE(has_errors(place.findings)) << spec::lines(place.findings);
  return plan(*parsed.cluster, *place.site, {.ns = "ray", .generation = "", .token = ""});
}

/// How many findings of a code there are.
auto count(const Plan& made, std::string_view code) {
  return std::ranges::count(made.findings, code, &Finding::code);
}

TEST(AirGap, IsNothingToASiteThatHasNone) {
  const Plan made = plan_on("  images: {pullPolicy: Always}\n");
  for (const char* code : {image_by_tag, images_outside, always_pulled})
    EXPECT_EQ(count(made, code), 0) << code;
}

TEST(AirGap, RefusesImagesByTag) {
  const Plan made = plan_on("  airGapped: true\n  images: {pullPolicy: Always}\n");
  // Each image once, whoever uses it.
  EXPECT_EQ(count(made, image_by_tag), std::ssize(images_of(made.objects)));
  EXPECT_EQ(count(made, images_outside), 1);
  EXPECT_GT(count(made, always_pulled), 1);
}

TEST(AirGap, TakesThemByTheDigestsOfTheSite) {
  std::string digests;
  for (const std::string& image : images_of(plan_on("").objects))
    digests += "\"" + image + "\": \"sha256:" + std::string(64, 'c') + "\", ";
  const Plan made =
      plan_on("  airGapped: true\n  images: {registry: r.example/m, digests: {" + digests + "}}\n");
  EXPECT_EQ(spec::codes_of(made.findings), "");
  for (const std::string& image : images_of(made.objects)) EXPECT_TRUE(image.contains("@sha256:"));
}

}  // namespace
}  // namespace raykeep::plan
