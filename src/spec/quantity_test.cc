#include "spec/quantity.h"

#include <limits>

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Quantity q(std::string_view text) {
  Result<Quantity> result = parse_quantity(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().text);
  return result.value_or(Quantity());
}

std::string problem(std::string_view text) {
  Result<Quantity> result = parse_quantity(text);
  return result ? "no error" : result.error().text;
}

TEST(Quantity, ParsesWhatKubernetesOwnTestsParse) {
  // TestQuantityParse of k8s.io/apimachinery, those whose value fits; second column: MilliValue().
  struct {
    const char* text;
    std::int64_t milli;
  } table[] = {
      {"0", 0},
      {"0n", 0},
      {"0Ki", 0},
      {"0.0", 0},
      {"00", 0},
      {"0E", 0},
      {"0e20", 0},
      {"-0", 0},
      {"1Ki", 1024000},
      {"8Ki", 8192000},
      {"7Mi", 7340032000},
      {"6Gi", 6442450944000},
      {"5Ti", 5497558138880000},
      {"4Pi", 4503599627370496000},
      {"10", 10000},
      {"100m", 100},
      {"5", 5000},
      {"1.0", 1000},
      {"8k", 8000000},
      {"50k", 50000000},
      {"0.01k", 10000},
      {"1e3", 1000000},
      {"1E6", 1000000000},
      {"1e-3", 1},
      {"1E+2", 100000},
      {"12.5e-1", 1250},
      {"1.5", 1500},
      {"0.5", 500},
      {".5", 500},
      {"5.", 5000},
      {"1.G", 1000000000000},
      {"+1", 1000},
      {"-1", -1000},
      {"-100m", -100},
      {"0001", 1000},
      {"0001.50", 1500},
      {"1.5Gi", 1610612736000},
      {"0.5Mi", 524288000},
      {"0.1Ki", 102400},
      {"1000000n", 1},
      {"1000u", 1},
      {"0.0000000000001M", 1},
      {"4.2M", 4200000000},
      {"18E0", 18000},
      {"9E15", 9000000000000000000},
  };
  for (const auto& row : table) EXPECT_EQ(q(row.text).milli(), row.milli) << row.text;
}

TEST(Quantity, SmallerThanANanoIsRoundedAwayFromZero) {
  EXPECT_EQ(q("0.1n"), q("1n"));
  EXPECT_EQ(q("1.1n"), q("2n"));
  EXPECT_EQ(q("0.000000000001"), q("1n"));
  EXPECT_EQ(q("1e-100"), q("1n"));
  EXPECT_EQ(q("1e-9223372036854775807"), q("1n"));
  EXPECT_EQ(q("-0.1n"), q("-1n"));
  EXPECT_EQ(q("0." + std::string(1000, '0') + "1"), q("1n"));
  EXPECT_EQ(q("0.00000000001Gi"), q("10737419n"));  // 10737418.24
}

TEST(Quantity, IsExactWhereDoublesAreNot) {
  EXPECT_EQ(q("0.1") + q("0.2"), q("0.3"));
  EXPECT_EQ(q("9007199254740993").ceil(), 9007199254740993);
  EXPECT_EQ(q("0.3"), q("300m"));
  EXPECT_EQ(q("1.5Gi"), q("1536Mi"));
  EXPECT_EQ(q("1024Ki"), q("1Mi"));
  EXPECT_EQ(q("12e6"), q("12M"));
}

TEST(Quantity, CeilAndMilliRoundUp) {
  EXPECT_EQ(q("500m").ceil(), 1);
  EXPECT_EQ(q("1n").ceil(), 1);
  EXPECT_EQ(q("1n").milli(), 1);
  EXPECT_EQ(q("1001m").ceil(), 2);
  EXPECT_EQ(q("2").ceil(), 2);
  EXPECT_EQ(q("0").ceil(), 0);
  EXPECT_EQ(q("-1500m").ceil(), -1);
  EXPECT_EQ(q("7E").milli(), most);
  EXPECT_EQ(Quantity::from_milli(1500).ceil(), 2);
  EXPECT_EQ(Quantity::from_milli(1500), q("1.5"));
}

TEST(Quantity, IsOrderedByAmount) {
  EXPECT_LT(q("999m"), q("1"));
  EXPECT_GT(q("1Gi"), q("1G"));
  EXPECT_LT(q("-1"), q("0"));
  EXPECT_TRUE(q("-1n").is_negative());
  EXPECT_TRUE(q("0.000").is_zero());
}

TEST(Quantity, ArithmeticSaturates) {
  EXPECT_EQ((q("7E") + q("7E")).ceil(), most);
  EXPECT_EQ((q("-7E") + q("-7E")).ceil(), -most);
  EXPECT_EQ((q("7E") * most).ceil(), most);
  EXPECT_EQ((q("7E") * -most).ceil(), -most);
  EXPECT_EQ((q("-7E") * -most).ceil(), most);
  EXPECT_EQ(q("250m") * 4, q("1"));
  EXPECT_EQ(q("250m") * 0, q("0"));
}

TEST(Quantity, TheLargestWholePartIsThatOfInt64) {
  EXPECT_EQ(q("9223372036854775807").ceil(), most);
  EXPECT_EQ(q("9223372036854775807.999").ceil(), most);
  EXPECT_EQ(q("7Ei").ceil(), 8070450532247928832);
  for (const char* large :
       {"9223372036854775808", "8Ei", "10E", "1e19", "1e30", "-1e19", "9999999999999999999999",
        "1e9223372036854775807", "9007199254740992Ki", "9223372036854775807.9999999999"}) {
    EXPECT_NE(problem(large).find("is too large"), std::string::npos) << large;
  }
}

TEST(Quantity, RefusesWhatKubernetesRefuses) {
  // TestQuantityParse's list of what is invalid, and more.
  for (const char* bad : {"",
                          "1.1.M",
                          "1+1.0M",
                          "0.1mi",
                          "0.1am",
                          "aoeu",
                          ".5i",
                          "1i",
                          "-3.01i",
                          "-3.01e-",
                          " 1",
                          "1 ",
                          "1 Gi",
                          "1,5",
                          "--1",
                          "+-1",
                          "1e",
                          "1E+",
                          "1ee3",
                          "1e3.5",
                          "1KI",
                          "1K",
                          "1gi",
                          "1GiB",
                          "0x10",
                          "1_000",
                          "1e3Gi",
                          "1m5",
                          "4 cores",
                          "1e9223372036854775808",
                          "1e-9223372036854775808",
                          "1.5.0"}) {
    EXPECT_NE(problem(bad), "no error") << bad;
  }
}

TEST(Quantity, RefusesATextWithoutDigits) {
  for (const char* bad : {"-", "+", ".", "Gi", "m", "e5", "-.", ".Ki"}) {
    EXPECT_NE(problem(bad).find("does not begin with a number"), std::string::npos) << bad;
  }
}

TEST(Quantity, SaysWhatToWriteInstead) {
  EXPECT_EQ(problem("8GB"),
            "\"8GB\" is not a quantity: \"GB\" is not a suffix; write \"G\" or \"Gi\"");
  EXPECT_NE(problem("8K").find("write \"k\" (1000) or \"Ki\" (1024)"), std::string::npos);
}

}  // namespace
}  // namespace raykeep::spec
