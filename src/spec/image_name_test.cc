#include "spec/image_name.h"

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(ImageName, IsCompletedAsEveryRuntimeCompletesIt) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  for (const auto& [image, full] : std::vector<std::pair<std::string, std::string>>{
           {"redis", "docker.io/library/redis:latest"},
           {"redis:7.2", "docker.io/library/redis:7.2"},
           {"rayproject/ray:2.60.0", "docker.io/rayproject/ray:2.60.0"},
           {"docker.io/rayproject/ray:2.60.0", "docker.io/rayproject/ray:2.60.0"},
           {"index.docker.io/rayproject/ray:2", "docker.io/rayproject/ray:2"},
           {"registry:5000/a/b", "registry:5000/a/b:latest"},
           {"localhost/a:1", "localhost/a:1"},
           {"quay.io/a/b:1@" + digest, "quay.io/a/b:1"},
           {"quay.io/a/b@" + digest, "quay.io/a/b"}}) {
    EXPECT_EQ(full_image_name(image), full);
  }
  EXPECT_EQ(digest_of_image("a:1@" + digest), digest);
  EXPECT_EQ(digest_of_image("a:1"), "");
}

}  // namespace
}  // namespace raykeep::spec
