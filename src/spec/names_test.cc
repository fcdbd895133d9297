#include "spec/names.h"

#include <string>

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(Names, OfObjectsAreDnsLabels) {
  for (const char* good : {"a", "ray-1", "0a", "a--b"})
    EXPECT_EQ(wrong_with_dns_label(good), "") << good;
  for (const char* bad : {"", "-a", "a-", "A", "a_b", "a.b", "ä"})
    EXPECT_NE(wrong_with_dns_label(bad), "") << bad;
  EXPECT_EQ(wrong_with_dns_label(std::string(63, 'a')), "");
  EXPECT_EQ(wrong_with_dns_label(std::string(64, 'a')), "has 64 characters, more than 63");
}

TEST(Names, OfServicesBeginWithALetter) {
  EXPECT_EQ(wrong_with_service_name("ray"), "");
  EXPECT_EQ(wrong_with_service_name("1ray"), "does not begin with a letter");
}

TEST(Names, OfLabelsHaveAnOptionalPrefix) {
  for (const char* good : {"a", "ray.io/cluster", "A_b.c", "x/Y"})
    EXPECT_EQ(wrong_with_label_key(good), "") << good;
  for (const char* bad : {"", "/a", "a/", "a/b/c", "-a", "A.io/x", "a b"})
    EXPECT_NE(wrong_with_label_key(bad), "") << bad;
}

TEST(Names, OfLabelValuesMayBeEmpty) {
  for (const char* good : {"", "a", "A-1_x.y"}) EXPECT_EQ(wrong_with_label_value(good), "") << good;
  for (const char* bad : {"-", "a/b", "a b", "a-"})
    EXPECT_NE(wrong_with_label_value(bad), "") << bad;
}

TEST(Names, OfPortsAreShortAndHaveALetter) {
  for (const char* good : {"gcs", "http-1", "9p"})
    EXPECT_EQ(wrong_with_port_name(good), "") << good;
  for (const char* bad : {"", "123", "a--b", "-a", "A", "sixteen-letters-"})
    EXPECT_NE(wrong_with_port_name(bad), "") << bad;
}

TEST(Names, OfImagesFollowTheReferenceGrammar) {
  std::string digest = "sha256:" + std::string(64, 'a');
  for (const std::string& good : {std::string("ray"), std::string("rayproject/ray:2.52.0"),
                                  std::string("reg.example:5000/a/b__c:T-1"),
                                  std::string("localhost/x"), "a/b@" + digest, "a:1@" + digest}) {
    EXPECT_EQ(wrong_with_image(good), "") << good;
  }
  for (const char* bad :
       {"", "Ray", "a//b", "a:", "a:b c", "https://reg.example/a", "a@sha256:abc", "a/-b", " a"}) {
    EXPECT_NE(wrong_with_image(bad), "") << bad;
  }
}

TEST(Names, AreMendedToTheNearestLabel) {
  EXPECT_EQ(as_dns_label("Small_Group"), "small-group");
  EXPECT_EQ(as_dns_label("--x--"), "x");
  EXPECT_EQ(as_dns_label("___"), "");
}

}  // namespace
}  // namespace raykeep::spec
