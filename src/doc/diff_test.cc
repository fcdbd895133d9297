#include "doc/diff.h"

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

/// "/a: 1 -> 2", "/b: + 3", "/c: - 4".
std::vector<std::string> changes(std::string_view a, std::string_view b) {
  std::vector<std::string> lines;
  for (const Change& change : diff(parse_json(a).value(), parse_json(b).value())) {
    std::string before = change.before ? write_json(*change.before) : "";
    std::string after = change.after ? write_json(*change.after) : "";
    lines.push_back(change.pointer + ": " +
                    (!change.before  ? "+ " + after
                     : !change.after ? "- " + before
                                     : before + " -> " + after));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Diff, OfEqualValuesIsEmpty) {
  EXPECT_EQ(changes(R"({"a": 1, "b": [1, {"c": 2}]})", R"({"b": [1, {"c": 2.0}], "a": 1})"),
            Lines{});
}

TEST(Diff, NamesTheSmallestPartThatDiffers) {
  EXPECT_EQ(changes(R"({"spec": {"a": 1, "gone": 2}})", R"({"spec": {"a": 3, "ray.io/new": 4}})"),
            (Lines{"/spec/a: 1 -> 3", "/spec/ray.io~1new: + 4", "/spec/gone: - 2"}));
  EXPECT_EQ(changes(R"({"a": {"b": 1}})", R"({"a": [1]})"), Lines{R"(/a: {"b":1} -> [1])"});
}

TEST(Diff, MatchesNamedListItemsByTheirName) {
  EXPECT_EQ(
      changes(
          R"({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]})",
          R"({"env": [{"name": "NEW", "value": "0"}, {"name": "A", "value": "1"}, {"name": "B", "value": "3"}]})"),
      (Lines{R"(/env/0: + {"name":"NEW","value":"0"})", R"(/env/2/value: "2" -> "3")"}));
  EXPECT_EQ(changes(R"([{"containerPort": 1}, {"containerPort": 2}])", R"([{"containerPort": 2}])"),
            Lines{R"(/0: - {"containerPort":1})"});
}

TEST(Diff, OfOneVolumeMountedTwiceGoesByPath) {
  EXPECT_EQ(
      changes(
          R"([{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}])",
          R"([{"name": "v", "mountPath": "/b", "readOnly": true}, {"name": "v", "mountPath": "/c"}])"),
      (Lines{"/0/readOnly: + true", R"(/1: + {"name":"v","mountPath":"/c"})",
             R"(/0: - {"name":"v","mountPath":"/a"})"}));
}

TEST(Diff, ANewOrderOfNamedItemsIsAChange) {
  EXPECT_EQ(
      changes(R"([{"name": "a"}, {"name": "b"}])", R"([{"name": "b"}, {"name": "a"}])").size(), 1u);
}

TEST(Diff, OtherListsGoByIndex) {
  EXPECT_EQ(changes("[1,2,3]", "[1,4]"), (Lines{"/1: 2 -> 4", "/2: - 3"}));
  EXPECT_EQ(changes(R"([{"name": "a"}, {"name": "a", "x": 1}])",
                    R"([{"name": "a"}, {"name": "a", "x": 2}])"),
            Lines{"/1/x: 1 -> 2"});
}

}  // namespace
}  // namespace raykeep::doc
