#include "spec/images_lock.h"

#include <gtest/gtest.h>

#include "spec/site.h"
#include "spec/testing.h"

namespace raykeep::spec {
namespace {

const std::string a = "sha256:" + std::string(64, 'a'), b = "sha256:" + std::string(64, 'b');

doc::Document read(const std::string& text) {
  doc::ReadResult made = doc::read_yaml(text, "images.lock");
  EXPECT_EQ(made.documents.size(), 1u) << lines(made.findings);
  return std::move(made.documents.at(0));
}

ImagesLock example() {
  return {.bundle = b,
          .images = {{"docker.io/rayproject/ray:2", a, "r.example/m/rayproject/ray:2"},
                     {"docker.io/library/redis:7.2", b, "r.example/m/redis:7.2"}}};
}

TEST(ImagesLock, IsReadAsItWasWritten) {
  const std::string text = write_images_lock(example());
  ParsedImagesLock parsed = parse_images_lock(read(text));
  EXPECT_EQ(parsed.findings, Findings{});
  EXPECT_EQ(write_images_lock(parsed.lock), text);
  EXPECT_EQ(parsed.lock.images[1], example().images[0]);  // sorted by name
}

TEST(ImagesLock, BecomesPartOfTheSite) {
  doc::Document site = read(std::string(kSmallSite));
  EXPECT_EQ(lock_site(example(), "images.lock", site), Findings{});
  ParsedSite parsed = parse_site(site);
  ASSERT_TRUE(parsed.site);
  EXPECT_EQ(parsed.site->image_digests.at("docker.io/rayproject/ray:2"), a);
  // What is stored with the cluster has them, too.
  EXPECT_TRUE(doc::write_json(parsed.site->document).contains(a));
}

TEST(ImagesLock, DoesNotOverruleTheSite) {
  doc::Document site = read(std::string(kSmallSite) +
                            "  images: {digests: {\"rayproject/ray:2\": \"" + b + "\"}}\n");
  EXPECT_EQ(codes_of(lock_site(example(), "images.lock", site)), "RK3073");
  doc::Document same = read(std::string(kSmallSite) +
                            "  images: {digests: {\"rayproject/ray:2\": \"" + a + "\"}}\n");
  EXPECT_EQ(codes_of(lock_site(example(), "images.lock", same)), "");
}

TEST(ImagesLock, WhatIsNoneIsRefused) {
  const std::string head = "apiVersion: raykeep.io/v1\nkind: ImagesLock\n";
  for (const auto& [text, codes] : std::vector<std::pair<std::string, std::string>>{
           {"kind: Site\n", "RK3070"},
           {head, "RK3072"},
           {head + "images: []\n", "RK3072"},
           {head + "images: [{name: a, digest: \"sha256:1\"}]\n", "RK3071"},
           {head + "images: [{name: \"a@" + a + "\", digest: \"" + a + "\"}]\n", "RK3071"},
           {head + "images: [{digest: \"" + a + "\"}]\n", "RK3071"}}) {
    EXPECT_EQ(codes_of(parse_images_lock(read(text)).findings), codes) << text;
  }
}

}  // namespace
}  // namespace raykeep::spec
