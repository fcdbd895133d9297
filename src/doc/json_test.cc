#include "doc/json.h"

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

std::string problem(std::string_view text, const Limits& limits = {}) {
  Result<Value> result = parse_json(text, limits);
  return result ? "no error" : result.error().text;
}

TEST(ParseJson, KeepsTheOrderOfMembers) {
  EXPECT_EQ(write_json(parse_json(R"( {"b": 1, "a": [true, null, "x"], "c": {}} )").value()),
            R"({"b":1,"a":[true,null,"x"],"c":{}})");
}

TEST(ParseJson, TellsIntegersFromDoubles) {
  EXPECT_TRUE(parse_json("1").value().is_int64());
  EXPECT_TRUE(parse_json("-9223372036854775808").value().is_int64());
  EXPECT_TRUE(parse_json("18446744073709551615").value().is_uint64());
  EXPECT_TRUE(parse_json("18446744073709551616").value().is_double());
  EXPECT_TRUE(parse_json("1.0").value().is_double());
}

TEST(ParseJson, ReadsDoublesToTheLastDigit) {
  // Boost.JSON 1.81 by itself is off by one unit in the last place here.
  for (const char* text : {"0.1", "1.7976931348623157e+308", "2.2250738585072014e-308", "9.095e-9",
                           "0.30000000000000004"}) {
    EXPECT_EQ(write_json(parse_json(text).value()), text);
  }
}

TEST(ParseJson, MinusZeroIsZero) {
  EXPECT_EQ(write_json(parse_json("[-0, -0.0, -1e-999]").value()), "[0,0,0]");
}

TEST(ParseJson, RefusesDuplicateKeysWithTheirPlace) {
  EXPECT_EQ(problem("{\"a\": 1,\n \"b\": {\"x\": 1, \"x\": 2}}"),
            "line 2, column 18: duplicate key \"x\"");
  EXPECT_EQ(problem(R"({"a": {"x": 1}, "b": {"x": 1}})"), "no error");
}

TEST(ParseJson, SaysWhereTheTextIsWrong) {
  EXPECT_EQ(problem(""), "line 1, column 1: the text ends too early");
  EXPECT_EQ(problem("{\"a\": [1, 2"), "line 1, column 12: the text ends too early");
  EXPECT_EQ(problem("1 2"), "line 1, column 3: there is more text after the value");
  EXPECT_TRUE(problem("\n\n  nope").starts_with("line 3, column ")) << problem("\n\n  nope");
  EXPECT_NE(problem("\"\xff\""), "no error");
  EXPECT_NE(problem("1e999"), "no error");
  EXPECT_NE(problem("[1,]"), "no error");
  EXPECT_NE(problem("NaN"), "no error");
}

TEST(ParseJson, IsBounded) {
  EXPECT_EQ(problem("[[[1]]]", {.depth = 3}), "no error");
  EXPECT_NE(problem("[[[[1]]]]", {.depth = 3}).find("too deep"), std::string::npos);
  EXPECT_NE(problem("[1,2,3]", {.nodes = 3}).find("too many values"), std::string::npos);
  EXPECT_NE(problem("[1,2,3]", {.bytes = 3}).find("7 bytes"), std::string::npos);
  EXPECT_NE(problem(std::string(100'000, '[')).find("too deep"), std::string::npos);
}

TEST(WriteJson, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(write_json(Value("a\"\\\n\r\t\x01é")), "\"a\\\"\\\\\\n\\r\\t\\u0001é\"");
}

TEST(WriteJson, WritesNumbersAsKubernetesDoes) {
  EXPECT_EQ(write_json(Value{1, -1, 18446744073709551615u, 1.0, 0.5, 1e21}),
            "[1,-1,18446744073709551615,1,0.5,1e+21]");
}

TEST(WriteJson, PrettyHasTwoSpacesAndAFinalNewline) {
  EXPECT_EQ(write_json_pretty(parse_json(R"({"a":[1,{}],"b":[]})").value()),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n");
}

TEST(Find, WalksObjectsAndStopsAtAnythingElse) {
  Value value = parse_json(R"({"spec": {"name": "x", "list": [1], "map": {"k": null}}})").value();
  EXPECT_EQ(find_string(value, {"spec", "name"}), "x");
  EXPECT_EQ(find_string(value, {"spec", "list"}), "");
  EXPECT_EQ(find_array(value, {"spec", "list"})->size(), 1u);
  EXPECT_EQ(find_object(value, {"spec", "map"})->size(), 1u);
  EXPECT_EQ(find_object(value, {"spec", "name"}), nullptr);
  EXPECT_EQ(find(value, {"spec", "name", "deeper"}), nullptr);
  EXPECT_TRUE(find(value, {"spec", "map", "k"})->is_null());
  EXPECT_EQ(find(value, {}), &value);
}

}  // namespace
}  // namespace raykeep::doc
