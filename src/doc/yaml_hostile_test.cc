// Texts made to hurt: each must be answered soon, with a finding, in bounded memory. The limit on
// time is generous for slow and sanitized machines; what is measured stands in the comments (ms on
// one core at 2.5 GHz, -O3).
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::doc {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  while (times-- > 0) out += text;
  return out;
}

/// The code of the first finding, or "none".
std::string code_of(const std::string& text) {
  // Of the processor, not of the wall: the machine may be busy.
  std::clock_t began = std::clock();
  ReadResult result = read_yaml(text, "f");
  double milliseconds = 1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  EXPECT_LT(milliseconds, 3000);
  if (std::getenv("RAYKEEP_TIMES")) {
    std::printf("  %8.2f ms, %8zu bytes, %zu documents, %s\n", milliseconds, text.size(),
                result.documents.size(),
                result.findings.empty() ? "" : to_string(result.findings.front()).c_str());
  }
  return result.findings.empty() ? "none" : result.findings.front().code;
}

TEST(HostileYaml, TenMegabytes) { EXPECT_EQ(code_of(std::string(10 << 20, 'a')), "RK1002"); }

TEST(HostileYaml, DeepNesting) {
  for (const char* opening : {"[", "{", "{a: ", "- ", "? ", "[{", "!!seq [", "&a ["}) {
    EXPECT_NE(code_of(repeat(opening, 100'000)), "none") << opening;
  }
  std::string steps;
  for (int i = 0; i < 2000; ++i) steps += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(code_of(steps), "RK1009");
}

TEST(HostileYaml, BillionLaughs) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last +
            repeat("," + last, 8) + "]\n";
  }
  EXPECT_EQ(code_of(text), "RK1011");
}

TEST(HostileYaml, BillionLaughsByMerge) {
  std::string text = "a0: &a0 {k: 1}\n";
  for (int i = 1; i < 30; ++i) {
    std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: [" + last + "," + last +
            "]}\n";
  }
  EXPECT_EQ(code_of(text), "RK1011");
}

TEST(HostileYaml, AliasesOfALongString) {
  EXPECT_EQ(code_of("a: &a \"" + std::string(1 << 20, 'x') + "\"\nb: [*a" + repeat(",*a", 10'000) +
                    "]\n"),
            "RK1011");
  EXPECT_EQ(code_of("a: &a {? " + std::string(1 << 20, 'x') + " : 1}\nb: [*a" +
                    repeat(",*a", 10'000) + "]\n"),
            "RK1011");
}

TEST(HostileYaml, AliasesThatNestDeeper) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 150; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_EQ(code_of(text), "RK1009");
}

TEST(HostileYaml, ManyOfEverything) {
  EXPECT_EQ(code_of("[" + repeat("1,", 2'000'000) + "]"), "RK1010");
  EXPECT_EQ(code_of(repeat("- a\n", 1'000'000)), "RK1010");
  EXPECT_EQ(code_of(repeat("a: 1\n", 100'000)), "RK1007");
  EXPECT_EQ(code_of(repeat("---\n", 1'000'000)), "RK1017");
  EXPECT_EQ(code_of(repeat("--- [\n", 500'000)), "RK1005");
  EXPECT_EQ(code_of(repeat("--- @\n", 500'000)), "RK1005");
  EXPECT_EQ(code_of(repeat("- *a\n", 500'000)), "RK1012");
  EXPECT_EQ(code_of(repeat("? {}\n", 150'000)), "RK1008");
  EXPECT_EQ(code_of(repeat("- &a\n", 700'000)), "RK1010");
  EXPECT_EQ(code_of(repeat("- !x\n", 700'000)), "RK1010");
}

TEST(HostileYaml, ManyTagDirectives) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "%TAG !" + std::to_string(i) + "! x\n";
  EXPECT_EQ(code_of(text + "---\na: 1\n"), "RK1018");
}

TEST(HostileYaml, LongTokens) {
  EXPECT_EQ(code_of("a: " + std::string(4'000'000, 'x')), "none");
  EXPECT_EQ(code_of("a: \"" + repeat("\\x41", 1'000'000) + "\""), "none");
  EXPECT_EQ(code_of("a: |\n" + repeat("  x\n", 1'000'000)), "none");
  EXPECT_EQ(code_of("a: >\n" + repeat("  x\n\n", 800'000)), "none");
  EXPECT_EQ(code_of("a:\n" + repeat("  x\n", 1'000'000)), "none");
  EXPECT_EQ(code_of("a: '" + repeat("\n", 4'000'000) + "'"), "none");
  EXPECT_EQ(code_of(repeat("#", 4'000'000)), "none");
  EXPECT_EQ(code_of(repeat("# x\n", 1'000'000)), "none");
  EXPECT_EQ(code_of(repeat(" ", 4'000'000)), "none");
  EXPECT_EQ(code_of(std::string(4'000'000, 'x') + ": 1\n"), "RK1005");
  EXPECT_EQ(code_of("\"" + std::string(4'000'000, 'x') + "\": 1\n"), "RK1005");
  EXPECT_EQ(code_of("&" + std::string(4'000'000, 'x') + " 1\n"), "none");
  EXPECT_EQ(code_of("!<" + std::string(4'000'000, 'x') + "> 1\n"), "RK1013");
  EXPECT_EQ(code_of("%" + std::string(4'000'000, 'x') + "\n"), "RK1005");
  EXPECT_EQ(code_of("a: " + std::string(4'000'000, '1') + "\n"), "none");
  EXPECT_EQ(code_of("? " + std::string(3'000'000, 'x') + "\n: " + repeat("{a: ", 99) + "1\n"),
            "RK1005");
}

TEST(OrdinaryYaml, OfFourMegabytesIsReadInLessThanASecond) {
  std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web, tier: "
      "\"1\"}\nspec:\n  containers:\n"
      "  - name: web\n    image: registry.example/team/web:1.2.3\n    args: [--port=80, "
      "--verbose]\n    env:\n"
      "    - name: LEVEL\n      value: \"3\"\n    command:\n    - /bin/sh\n    - -c\n    - |\n     "
      " set -e\n      exec web\n"
      "    resources:\n      limits: {cpu: 500m, memory: 1Gi}\n  volumes: []\n---\n";
  EXPECT_EQ(code_of(repeat(pod, 990)), "none");
  EXPECT_EQ(code_of(repeat(pod, 5'000)), "RK1017");
}

TEST(HostileYaml, FlowWithLongLines) {
  EXPECT_EQ(code_of(repeat("[", 90) + repeat("a, ", 150'000)), "RK1005");
  EXPECT_EQ(code_of(repeat("{a: ", 90) + repeat("b, ", 150'000)), "RK1005");
}

TEST(HostileYaml, BadBytesAtTheEndOfMuch) {
  EXPECT_EQ(code_of(repeat("# \xc3\xa9\n", 800'000) + "\xff"), "RK1003");
  EXPECT_EQ(code_of(repeat("# x\n", 1'000'000) + "\x01"), "RK1004");
}

}  // namespace
}  // namespace raykeep::doc
