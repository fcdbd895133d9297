#include "doc/document.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

TEST(Places, KnowTheNearestEnclosingValue) {
  Places places;
  places.add("", 1, 1, 0, 0);
  places.add("/spec", 2, 3, 1, 1);
  places.add("/spec/list/0", 5, 7, 0, 0);
  EXPECT_EQ(places.of("/spec", "f"), (Place{"f", 2, 3}));
  EXPECT_EQ(places.of_key("/spec", "f"), (Place{"f", 1, 1}));
  EXPECT_EQ(places.of("/spec/absent/deeper", "f"), (Place{"f", 2, 3}));
  EXPECT_EQ(places.of("/spec/list", "f"), (Place{"f", 2, 3}));
  EXPECT_EQ(places.of("/spec/list/0/x", "f"), (Place{"f", 5, 7}));
  EXPECT_EQ(places.of_key("/spec/list/0", "f"), (Place{"f", 5, 7}));
}

TEST(Places, OfNothingAreUnknown) { EXPECT_EQ(Places().of("/a", "f"), (Place{"f", 0, 0})); }

TEST(ReadFile, SaysWhyAFileCannotBeRead) {
  ReadResult absent = read_file("/nonexistent/cluster.yaml");
  ASSERT_EQ(absent.findings.size(), 1u);
  EXPECT_EQ(to_string(absent.findings[0]),
            "/nonexistent/cluster.yaml RK1001: cannot be read: No such file or directory");
  ReadResult folder = read_file("/");
  ASSERT_EQ(folder.findings.size(), 1u);
  EXPECT_EQ(folder.findings[0].code, "RK1001");
}

TEST(ReadFile, ReadsNoMoreThanAllowed) {
  std::string path = testing::TempDir() + "doc_read_file.yaml";
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("a: 1\n", file);
  std::fclose(file);
  EXPECT_EQ(read_file(path, {.bytes = 5}).documents.size(), 1u);
  EXPECT_EQ(read_file(path, {.bytes = 4}).findings.at(0).code, "RK1002");
  EXPECT_EQ(read_file(path).documents.at(0).file, path);
}

}  // namespace
}  // namespace raykeep::doc
