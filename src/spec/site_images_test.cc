#include "spec/site_images.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

ParsedSite site_with(const std::string& images) {
  return parse_site_text(std::string(kSmallSite) + "  images: " + images + "\n");
}

const std::string a = "sha256:" + std::string(64, 'a'), b = "sha256:" + std::string(64, 'b');

TEST(SiteImages, HaveDigestsByFullName) {
  ParsedSite parsed = site_with("{digests: {\"ray:1\": \"" + a + "\"}}");
  ASSERT_TRUE(parsed.site) << lines(parsed.findings);
  EXPECT_EQ(parsed.site->image_digests.at("docker.io/library/ray:1"), a);
  EXPECT_EQ(codes_of(site_with("{digests: {\"ray:1\": \"sha256:1\"}}").findings), "RK3037");
  EXPECT_EQ(codes_of(site_with("{digests: {\"ray:1\": sha512-1}}").findings), "RK3037");
  EXPECT_EQ(codes_of(site_with("{digests: {\"Ray:1\": \"" + a + "\"}}").findings), "RK3036");
  EXPECT_EQ(codes_of(site_with("{digests: {\"ray@" + b + "\": \"" + a + "\"}}").findings),
            "RK3036");
  EXPECT_EQ(
      codes_of(site_with("{digests: {ray: \"" + a + "\", \"library/ray:latest\": \"" + b + "\"}}")
                   .findings),
      "RK3038");
}

TEST(SiteImages, HaveMirrors) {
  ParsedSite parsed = site_with(
      "{mirrors: [{registry: docker.io, mirrors: [\"hub.bank.example:5000/dh\", b.example]}]}");
  ASSERT_TRUE(parsed.site) << lines(parsed.findings);
  ASSERT_EQ(parsed.site->image_mirrors.size(), 1u);
  EXPECT_EQ(parsed.site->image_mirrors[0].mirrors,
            (std::vector<std::string>{"hub.bank.example:5000/dh", "b.example"}));
  EXPECT_EQ(codes_of(site_with("{mirrors: [{registry: \"https://a\", mirrors: [b]}]}").findings),
            "RK3032");
}

}  // namespace
}  // namespace raykeep::spec
