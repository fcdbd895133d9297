#include "plan/image.h"

#include <gtest/gtest.h>

namespace raykeep::plan {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

TEST(Image, IsTakenFromTheSitesRegistry) {
  spec::Site site;
  EXPECT_EQ(image_on_site("rayproject/ray:1", site), "rayproject/ray:1");
  site.registry = "registry.bank.example/mirror/";
  EXPECT_EQ(image_on_site("rayproject/ray:1", site),
            "registry.bank.example/mirror/rayproject/ray:1");
  EXPECT_EQ(image_on_site("quay.io/a/b:1", site), "registry.bank.example/mirror/a/b:1");
  EXPECT_EQ(image_on_site("registry.bank.example/mirror/a:1", site),
            "registry.bank.example/mirror/a:1");
}

TEST(Image, GetsTheDigestThatTheSiteHasForIt) {
  spec::Site site;
  site.registry = "r.example/m";
  site.image_digests["docker.io/rayproject/ray:1"] = digest;
  EXPECT_EQ(image_on_site("rayproject/ray:1", site), "r.example/m/rayproject/ray:1@" + digest);
  EXPECT_EQ(image_on_site("rayproject/ray:2", site), "r.example/m/rayproject/ray:2");
  EXPECT_EQ(image_on_site("rayproject/ray", site), "r.example/m/rayproject/ray");
  const std::string own = "sha256:" + std::string(64, 'b');
  EXPECT_EQ(image_on_site("rayproject/ray:1@" + own, site), "r.example/m/rayproject/ray:1@" + own);
  site.image_digests["r.example/m/x:1"] = digest;
  EXPECT_EQ(image_on_site("x:1", site), "r.example/m/x:1@" + digest);
}

}  // namespace
}  // namespace raykeep::plan
