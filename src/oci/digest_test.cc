#include "oci/digest.h"

#include <gtest/gtest.h>

namespace raykeep::oci {
namespace {

constexpr char of_abc[] = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsSha256InLowerCase) {
  EXPECT_EQ(Digest::of("abc").text(), of_abc);  // FIPS 180-2, B.1
  EXPECT_EQ(Digest::parse(of_abc), Digest::of("abc"));
  EXPECT_EQ(Digest::of("abc").hex(), std::string_view(of_abc).substr(7));
}

TEST(Digest, OfPiecesIsThatOfTheWhole) {
  Hasher hasher;
  hasher.add("a");
  hasher.add("");
  hasher.add("bc");
  EXPECT_EQ(hasher.finish().text(), of_abc);
  hasher.add("abc");  // begun anew
  EXPECT_EQ(hasher.finish().text(), of_abc);
}

TEST(Digest, WhatIsNoneIsRefused) {
  for (std::string text : {"", "sha256", "sha256:", "sha256:ab", "abc", "md5:0123", "SHA256:00"}) {
    EXPECT_FALSE(Digest::parse(text).has_value()) << text;
  }
  std::string upper = of_abc;
  upper[7] = 'B';
  EXPECT_FALSE(Digest::parse(upper).has_value());
  EXPECT_FALSE(Digest::parse(of_abc + std::string("0")).has_value());
  EXPECT_FALSE(Digest::parse(of_abc + std::string(" ")).has_value());
  EXPECT_TRUE(Digest::parse("sha512:" + std::string(128, '0')).error().text.contains("sha512"));
}

}  // namespace
}  // namespace raykeep::oci
