#include "doc/pointer.h"

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

TEST(Pointer, EscapesSlashAndTilde) { EXPECT_EQ(escape_step("ray.io/a~b"), "ray.io~1a~0b"); }

TEST(Pointer, SplitUndoesEscape) {
  EXPECT_EQ(split_pointer("/spec/workerGroupSpecs/1/a~1b~0~01"),
            (std::vector<std::string>{"spec", "workerGroupSpecs", "1", "a/b~~1"}));
  EXPECT_TRUE(split_pointer("").empty());
  EXPECT_EQ(split_pointer("/"), std::vector<std::string>{""});
}

TEST(Pointer, ReadsAsAPathThatPeopleWrite) {
  EXPECT_EQ(as_path(""), "");
  EXPECT_EQ(as_path("/spec/workerGroupSpecs/1/template"), "spec.workerGroupSpecs[1].template");
  EXPECT_EQ(as_path("/metadata/annotations/ray.io~1ft-enabled"),
            "metadata.annotations[\"ray.io/ft-enabled\"]");
  EXPECT_EQ(as_path("/spec/rayStartParams/num-cpus"), "spec.rayStartParams.num-cpus");
  EXPECT_EQ(as_path("/a/"), "a[\"\"]");
}

}  // namespace
}  // namespace raykeep::doc
