#include <array>

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::doc {
namespace {

std::string written(std::string_view json) { return write_yaml(parse_json(json).value()); }

/// What comes back when it is read again, as JSON.
std::string round_trip(const Value& value) {
  ReadResult result = read_yaml(write_yaml(value), "f");
  for (const Finding& finding : result.findings) ADD_FAILURE() << to_string(finding);
  return result.documents.size() == 1 ? write_json(result.documents[0].value) : "not one document";
}

TEST(WriteYaml, LooksAsKubectlWritesIt) {
  EXPECT_EQ(
      written(
          R"({"kind":"Pod","metadata":{"labels":{},"name":"web"},"spec":{"containers":[{"args":["--port=80","-x"],
                       "env":[{"name":"A","value":"1"}],"name":"web"},{"name":"b"}],"tolerations":[],"x":null,"yy":true,"z":1.5}})"),
      "kind: Pod\n"
      "metadata:\n"
      "  labels: {}\n"
      "  name: web\n"
      "spec:\n"
      "  containers:\n"
      "  - args:\n"
      "    - --port=80\n"
      "    - -x\n"
      "    env:\n"
      "    - name: A\n"
      "      value: \"1\"\n"
      "    name: web\n"
      "  - name: b\n"
      "  tolerations: []\n"
      "  x: null\n"
      "  yy: true\n"
      "  z: 1.5\n");
}

TEST(WriteYaml, WritesListsInLists) {
  EXPECT_EQ(written("[[1,[2]],[],{\"a\":[3]}]"), "- - 1\n  - - 2\n- []\n- a:\n  - 3\n");
}

TEST(WriteYaml, QuotesWhatWouldNotBeReadAsThatString) {
  for (auto [text, yaml] :
       std::initializer_list<std::pair<const char*, const char*>>{{"", "\"\""},
                                                                  {"1", "\"1\""},
                                                                  {"no", "\"no\""},
                                                                  {"nO", "\"nO\""},
                                                                  {"1:30", "\"1:30\""},
                                                                  {"2020-01-01", "\"2020-01-01\""},
                                                                  {"a: b", "'a: b'"},
                                                                  {"a #b", "'a #b'"},
                                                                  {"it's: x", "'it''s: x'"},
                                                                  {"- a", "'- a'"},
                                                                  {"-", "'-'"},
                                                                  {"a:", "'a:'"},
                                                                  {"*a", "'*a'"},
                                                                  {"{{ x }}", "'{{ x }}'"},
                                                                  {" a", "' a'"},
                                                                  {"a\tb", "\"a\\tb\""},
                                                                  {"a\x1b", "\"a\\x1b\""},
                                                                  {"\xef\xbb\xbf"
                                                                   "a",
                                                                   "\"\\ufeffa\""},
                                                                  {"a\xe2\x80\xa8", "\"a\\u2028\""},
                                                                  {"a\xc2\x85", "\"a\\x85\""},
                                                                  {"10.0.0.1", "10.0.0.1"},
                                                                  {"--block", "--block"},
                                                                  {"a:b", "a:b"},
                                                                  {"a#b", "a#b"},
                                                                  {"500m", "500m"},
                                                                  {"größe 😀", "größe 😀"}}) {
    EXPECT_EQ(write_yaml(Value(text)), std::string(yaml) + "\n");
  }
}

TEST(WriteYaml, WritesSeveralLinesAsALiteral) {
  EXPECT_EQ(written(R"({"a":{"b":"one\ntwo\n"}})"), "a:\n  b: |\n    one\n    two\n");
  EXPECT_EQ(written(R"(["one\ntwo"])"), "- |-\n  one\n  two\n");
  EXPECT_EQ(written(R"(["one\n\n\n"])"), "- |+\n  one\n\n\n");
  EXPECT_EQ(written(R"({"a":"  one\ntwo"})"), "a: |2-\n    one\n  two\n");
  EXPECT_EQ(written(R"("one\n\ntwo")"), "|-\n  one\n\n  two\n");
  EXPECT_EQ(written(R"("\n\n")"), "\"\\n\\n\"\n");
}

TEST(WriteYaml, WritesNumbersThatYaml11ReadsAsNumbers) {
  EXPECT_EQ(written("[1e21, 1e-7, 1.5e300, 1e20]"),
            "- 1.0e+21\n- 1.0e-7\n- 1.5e+300\n- 100000000000000000000\n");
}

TEST(WriteYaml, WritesKeysTooLongForAColonBehindThem) {
  std::string key(2000, 'k');
  Value value{{key, {{"a", Array{1}}}}, {key + "2", Array{1}}, {key + "3", "x\ny"}};
  EXPECT_TRUE(write_yaml(value).starts_with("? kkk"));
  EXPECT_EQ(round_trip(value), write_json(value));
}

TEST(WriteYaml, RoundTripsEveryStringOfAFewDifficultCharacters) {
  constexpr std::array<std::string_view, 12> parts{"a", " ", "\n", "\t", ":",  "-",
                                                   "#", "'", "\"", "1",  "\\", "\xc2\x85"};
  for (std::size_t n = 0; n < 12 * 12 * 12; ++n) {
    std::string text;
    for (std::size_t rest = n; rest > 0; rest /= 12) text += parts[rest % 12];
    Value value{{"k", {text, {{text, text}}}}};
    ASSERT_EQ(round_trip(value), write_json(value));
  }
}

TEST(WriteYaml, IsStable) {
  Value value = parse_json(R"({"b":"x\ny","a":[{"c":1}]})").value();
  std::string once = write_yaml(value);
  EXPECT_EQ(write_yaml(read_yaml(once, "f").documents.at(0).value), once);
}

}  // namespace
}  // namespace raykeep::doc
