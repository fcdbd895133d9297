#include "oci/image_config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace raykeep::oci {
namespace {

TEST(ImageConfig, SaysForWhatAndWhenItWasMade) {
  auto config = parse_image_config(fmt::format(
      R"({{"os":"linux","architecture":"arm64","variant":"v8","created":"2024-02-29T23:59:58.7Z",)"
      R"("rootfs":{{"diff_ids":["{}"]}}}})",
      Digest::of("layer").text()));
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->platform.text(), "linux/arm64/v8");
  using namespace std::chrono;
  EXPECT_EQ(config->created, sys_days(year(2024) / 2 / 29) + hours(23) + minutes(59) + seconds(58));
  EXPECT_EQ(config->unpacked, std::vector<Digest>{Digest::of("layer")});
}

TEST(ImageConfig, ATimeThatIsNoneIsNone) {
  for (const char* text : {"", "2024-02-30T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00+02:00",
                           "2024-13-01T00:00:00Z", "2024-01-01 00:00:00Z"}) {
    auto config = parse_image_config(fmt::format(R"({{"created":"{}"}})", text));
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->created) << text;
  }
}

TEST(ImageConfig, WhatIsWrongIsSaid) {
  for (const char* text :
       {"", "[]", R"({"rootfs":{"diff_ids":[7]}})", R"({"rootfs":{"diff_ids":["md5:1"]}})"}) {
    EXPECT_FALSE(parse_image_config(text)) << text;
  }
}

}  // namespace
}  // namespace raykeep::oci
