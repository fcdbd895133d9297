#include "oci/reference.h"

#include <gtest/gtest.h>

namespace raykeep::oci {
namespace {

TEST(Reference, IsCompleted) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  for (const auto& [text, full] : std::vector<std::pair<std::string, std::string>>{
           {"redis", "docker.io/library/redis:latest"},
           {"rayproject/ray:2.60.0", "docker.io/rayproject/ray:2.60.0"},
           {"index.docker.io/a/b", "docker.io/a/b:latest"},
           {"localhost/a", "localhost/a:latest"},
           {"r.example:5000/a/b/c:1", "r.example:5000/a/b/c:1"},
           {"[fd00::1]:5000/a:1", "[fd00::1]:5000/a:1"},
           {"a/b@" + digest, "docker.io/a/b@" + digest},
           {"a/b:1@" + digest, "docker.io/a/b:1@" + digest}}) {
    Result<Reference> read = Reference::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->text(), full);
    EXPECT_EQ(*Reference::parse(read->text()), *read);
  }
  EXPECT_EQ(Reference::parse("a/b:1@" + digest)->wanted(), digest);
}

TEST(Reference, WhatIsNoNameIsRefused) {
  for (const char* text :
       {"", "A", "a/B", "a//b", "/a", "a/", "a:", "a:-", "a@sha256:1", "a@b", "a b", "a/..", "a/b_",
        "a/___b", "a/b..c", "https://a/b", "a/b:1:2", "h\x01.x/a"}) {
    EXPECT_FALSE(Reference::parse(text)) << text;
  }
  EXPECT_FALSE(Reference::parse("a/" + std::string(300, 'b')));
  EXPECT_TRUE(is_repository("a/b--c/d__e/f.g"));
}

}  // namespace
}  // namespace raykeep::oci
