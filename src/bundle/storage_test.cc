#include "bundle/storage.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bundle/testing.h"

namespace raykeep::bundle {
namespace {

using testing::Folder;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Storage, AFileHasItsNameWhenItIsWhole) {
  const Folder folder;
  const std::string path = folder.path() / "b";
  Target target(path, 100);
  target.write(5, "later");
  target.write(0, "first");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(target.finish(10, 0), std::vector<std::string>{path});
  EXPECT_EQ(content(path), "firstlater");
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST(Storage, TwoRunsDoNotWriteOneFile) {
  const Folder folder;
  const std::string path = folder.path() / "b";
  const Target first(path, 1);
  EXPECT_THROW(Target(path, 1), Failure);
}

TEST(Storage, PartsAreReadAsOne) {
  const Folder folder;
  const std::string path = folder.path() / "b";
  Target target(path, 100);
  target.write(0, "0123456789");
  const std::vector<std::string> paths = target.finish(10, 4);
  EXPECT_EQ(paths.size(), 4u);  // three parts and their sums
  EXPECT_EQ(content(path + ".003"), "89");
  const Source source(path);
  EXPECT_EQ(source.size(), 10u);
  EXPECT_EQ(source.read(2, 7), "2345678");
  EXPECT_EQ(source.place_of(5), "b.002, byte 1");
  EXPECT_THROW(source.read(8, 3), Failure);
}

TEST(Storage, WhatAnEarlierRunHasWrittenIsFoundAgain) {
  const Folder folder;
  const std::string path = folder.path() / "b";
  constexpr std::uint64_t far = 1u << 20;
  {
    Target target(path, 2 * far);
    target.write(0, std::string(100'000, 'a'));
    target.write(far, std::string(50'000, 'b'));
  }
  const Target again(path, 2 * far);
  const std::uint64_t sure = again.written_from(0, 200'000);
  EXPECT_LE(sure, 100'000u);
  EXPECT_GE(sure, 100'000u - 2 * 4096);
  EXPECT_EQ(again.written_from(0, 50'000), 50'000u);
  EXPECT_EQ(again.written_from(far, far), 50'000u);  // what was written last
  EXPECT_EQ(again.written_from(far / 2, 1000), 0u);
  EXPECT_EQ(again.written_from(3 * far, 1000), 0u);
}

TEST(Storage, RoomThatIsNotThereIsSaidAtOnce) {
  const Folder folder;
  try {
    Target(folder.path() / "b", std::uint64_t{1} << 60);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_TRUE(std::string_view(failure.what()).contains("MiB free")) << failure.what();
  }
}

}  // namespace
}  // namespace raykeep::bundle
