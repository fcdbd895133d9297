#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::doc {
namespace {

/// The documents as JSON, one a line; then the findings.
std::string read(std::string_view text) {
  ReadResult result = read_yaml(text, "f");
  std::string out;
  for (const Document& document : result.documents) out += write_json(document.value) + "\n";
  for (const Finding& finding : result.findings) out += to_string(finding) + "\n";
  return out;
}

Place place(std::string_view text, std::string_view pointer) {
  return read_yaml(text, "f").documents.at(0).place(pointer);
}

TEST(ReadYaml, ReadsAStreamAndLeavesOutEmptyDocuments) {
  EXPECT_EQ(read("a: 1\n---\n---\n# only a comment\n---\nnull\n---\nb: [x, {w: z}]\n...\n"),
            "{\"a\":1}\n{\"b\":[\"x\",{\"w\":\"z\"}]}\n");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a: 1"),
            "{\"a\":1}\n");
}

TEST(ReadYaml, ReadsJson) {
  EXPECT_EQ(read("{\"a\": [1, true, null], \"b\": {\"c\": \"\\u00e9\\/\"}}"),
            "{\"a\":[1,true,null],\"b\":{\"c\":\"\xc3\xa9/\"}}\n");
}

TEST(ReadYaml, NumbersOfWholeValueAreIntegers) {
  Value value =
      read_yaml("[1.0, 1e3, -0.0, 1.5, 1e19, 18446744073709551615]", "f").documents.at(0).value;
  EXPECT_TRUE(value.at(0).is_int64());
  EXPECT_TRUE(value.at(1).is_int64());
  EXPECT_TRUE(value.at(2).is_int64());
  EXPECT_TRUE(value.at(3).is_double());
  EXPECT_TRUE(value.at(4).is_double());
  EXPECT_TRUE(value.at(5).is_uint64());
}

TEST(ReadYaml, KnowsWhereEachValueStands) {
  constexpr std::string_view text =
      "spec:\n"
      "  größe: 1\n"
      "  list:\n"
      "  - a\n"
      "  - {ü: 2, b: 3}\n";
  EXPECT_EQ(place(text, ""), (Place{"f", 1, 1}));
  EXPECT_EQ(place(text, "/spec"), (Place{"f", 2, 3}));
  EXPECT_EQ(place(text, "/spec/größe"), (Place{"f", 2, 10}));
  EXPECT_EQ(place(text, "/spec/list/1"), (Place{"f", 5, 5}));
  EXPECT_EQ(place(text, "/spec/list/1/b"), (Place{"f", 5, 15}));
  Document document = read_yaml(text, "f").documents.at(0);
  EXPECT_EQ(document.places.of_key("/spec/list/1/b", "f"), (Place{"f", 5, 12}));
}

TEST(ReadYaml, PlacesAnAliasWhereItIsUsedAndItsInsideWhereItIsWritten) {
  constexpr std::string_view text = "a: &x\n  b: {c: 1}\nd: *x\n";
  EXPECT_EQ(place(text, "/d"), (Place{"f", 3, 4}));
  EXPECT_EQ(place(text, "/d/b/c"), (Place{"f", 2, 10}));
}

TEST(ReadYaml, PlacesMergedMembersWhereTheyAreWritten) {
  constexpr std::string_view text = "a: &x {b: 1, c: {d: 2}}\ne:\n  <<: *x\n  b: 3\n";
  EXPECT_EQ(place(text, "/e/c/d"), (Place{"f", 1, 21}));
  EXPECT_EQ(place(text, "/e/b"), (Place{"f", 4, 6}));
}

TEST(ReadYaml, FollowsAliasesAndMerges) {
  EXPECT_EQ(read("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\nf: {<<: [{b: 9}, *x], g: 1}\n"),
            "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":2},\"e\":{\"b\":1,\"c\":3},"
            "\"f\":{\"b\":9,\"c\":2,\"g\":1}}\n");
  EXPECT_EQ(read("&k key: 1\nb: {*k : 2}\n"), "{\"key\":1,\"b\":{\"key\":2}}\n");
  EXPECT_EQ(read("\"<<\": {a: 1}\n"), "{\"<<\":{\"a\":1}}\n");
}

TEST(ReadYaml, RefusesMergesThatReadersUnderstandDifferently) {
  EXPECT_EQ(read("a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n"),
            "f:4:3 RK1016 c: \"<<\" below the key \"b\": kubectl would take the merged value, "
            "other tools the "
            "written one; put \"<<\" first\n");
  EXPECT_EQ(read("a: {<<: 1}\n"),
            "f:1:9 RK1016 a: \"<<\" needs a map or a list of maps; write <<: *name\n");
}

TEST(ReadYaml, FindsEveryDuplicateKey) {
  EXPECT_EQ(read("a: 1\nb:\n  c: 1\n  \"c\": 2\na: 3\n1: x\n'1': y\n"),
            "f:4:3 RK1007 b.c: the key \"c\" is there twice; remove one: Kubernetes would silently "
            "take the last\n"
            "f:5:1 RK1007 a: the key \"a\" is there twice; remove one: Kubernetes would silently "
            "take the last\n"
            "f:7:1 RK1007 [1]: the key \"1\" is there twice; remove one: Kubernetes would silently "
            "take the last\n");
  EXPECT_EQ(read("x: {<<: {a: 1}, a: 2, a: 3}"),
            "f:1:23 RK1007 x.a: the key \"a\" is there twice; remove one: Kubernetes would "
            "silently take the last\n");
}

TEST(ReadYaml, RefusesKeysThatJsonCannotHave) {
  EXPECT_EQ(
      read("{{ .Values.name }}: 1\n"),
      "f:1:1 RK1008: a map cannot be a key; write text; put \"{...}\" of a template in quotes\n");
  EXPECT_EQ(read("~: 1\n"), "f:1:1 RK1008: \"~\" cannot be a key; put it in quotes\n");
  EXPECT_EQ(read("? \n: 1\n"), "f:1:2 RK1008: a key is missing before ':'; write a key\n");
}

TEST(ReadYaml, RefusesAliasesThatCannotBe) {
  EXPECT_EQ(read("a: *b\n").substr(0, 39), "f:1:4 RK1012: the alias *b is not known");
  EXPECT_EQ(read("a: &x [*x]\n"),
            "f:1:8 RK1011 a[0]: the alias *x contains itself; write out what it stands for\n");
}

TEST(ReadYaml, RefusesTagsAndNumbersWithoutMeaning) {
  EXPECT_EQ(read("a: !env X\n"),
            "f:1:4 RK1013 a: the tag \"!env\" means nothing in Kubernetes; remove it; quotes make "
            "a string\n");
  EXPECT_EQ(read("a: !!set {x}\n"),
            "f:1:4 RK1013 a: the tag !!set means nothing in Kubernetes; remove it\n");
  EXPECT_EQ(read("a: !!int x\n"),
            "f:1:4 RK1014 a: \"x\" cannot be read as !!int; remove the tag, or write a value that "
            "fits it\n");
  EXPECT_EQ(
      read("a: .inf\n"),
      "f:1:4 RK1015 a: .inf is not a number JSON knows; put it in quotes if it is meant as text\n");
}

TEST(ReadYaml, GoesOnAfterASyntaxErrorAtTheNextDocument) {
  EXPECT_EQ(read("a: 1\n---\nb: [1\n---\nc: \"x\n---\nd: 1\n---\n- e\nf\n"),
            "{\"a\":1}\n{\"d\":1}\n"
            "f:4:1 RK1005: a list in [ ] lacks a ',' or its ']'; write \"[a, b]\"\n"
            "f:5:4 RK1005: a quoted string has no end; close it with the same kind of quote\n"
            "f:10:1 RK1005: this line has no ': ' after its key; write \"key: value\", or check "
            "the indentation\n");
}

TEST(ReadYaml, SaysWhatIsWrongWithTheSyntax) {
  struct {
    const char* text;
    const char* finding;
  } table[] = {
      {"a: b: c\n",
       "f:1:5 RK1005: a ': ' stands where no key can be; put text with ': ' in quotes, or check "
       "the indentation\n"},
      {"a:\n\tb: 1\n", "f:2:1 RK1006: a tab cannot indent; use spaces\n"},
      {"a:\n  - b\n \t- c\n", "f:3:2 RK1006: a tab cannot indent; use spaces\n"},
      {"a: 1\n  b: 2\n",
       "f:2:4 RK1005: a ': ' stands where no key can be; put text with ': ' in quotes, or check "
       "the indentation\n"},
      {"a:\n    b: 1\n  c: 2\n",
       "f:3:3 RK1005: this does not line up with the keys of the map around it; indent it like the "
       "other keys\n"},
      {"a: @x\n",
       "f:1:4 RK1005: a value cannot begin with this character; put the value in quotes\n"},
      {"a: \"\\q\"\n",
       "f:1:5 RK1005: this escape is not known; write \"\\\\\" for a backslash, or use single "
       "quotes\n"},
      {"a: 'x\n",
       "f:1:4 RK1005: a quoted string has no end; close it with the same kind of quote\n"},
      {"a: {b: 1\n", "f:2:1 RK1005: a map in { } lacks a ',' or its '}'; write \"{a: 1, b: 2}\"\n"},
      {"a: !x!y z\n",
       "f:1:4 RK1005: this tag is not declared; remove it: tags mean nothing here\n"},
      {"a: *\n",
       "f:1:5 RK1005: '*' begins an alias, and this is none; put text that begins with '*' in "
       "quotes\n"},
  };
  for (const auto& row : table) EXPECT_EQ(read(row.text), row.finding) << row.text;
}

TEST(ReadYaml, RefusesTextThatIsNotUtf8OrNotPrintable) {
  EXPECT_EQ(read("a: \xe9\n"),
            "f:1:4 RK1003: byte 0xe9 is not valid UTF-8; save the file as UTF-8\n");
  EXPECT_EQ(read("\xff\xfe"
                 "a"),
            "f:1:1 RK1003: the file is UTF-16; save the file as UTF-8\n");
  EXPECT_EQ(read("é: 1\nü: \x1b[31m\n"),
            "f:2:4 RK1004: the character U+001B may not stand in YAML; write \"\\u001b\" in double "
            "quotes\n");
}

TEST(ReadYaml, CutsAPathThatNobodyReads) {
  std::string text = std::string(400, 'k') + ": {a: 1, a: 2}\n";
  ReadResult result = read_yaml("? " + text.replace(400, 1, "\n:"), "f");
  EXPECT_EQ(result.findings.at(0).path, std::string(300, 'k') + "...");
}

TEST(ReadYaml, CountsLinesAsEditorsDoWithCarriageReturns) {
  EXPECT_EQ(place("a: 1\r\nb:\r\n  c: 2\r\n", "/b/c"), (Place{"f", 3, 6}));
}

}  // namespace
}  // namespace raykeep::doc
