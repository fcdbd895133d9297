#include "doc/number.h"

#include <utility>

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

TEST(JsonNumber, IsWhatGoWrites) {
  for (auto [value, text] : std::initializer_list<std::pair<double, const char*>>{
           {0.0, "0"},
           {-0.0, "-0"},
           {1.0, "1"},
           {-1.5, "-1.5"},
           {0.1, "0.1"},
           {1e3, "1000"},
           {1e20, "100000000000000000000"},
           {1e21, "1e+21"},
           {123456789012345680000.0, "123456789012345680000"},
           {0.000001, "0.000001"},
           {0.0000001, "1e-7"},
           {1.25e-9, "1.25e-9"},
           {1.7976931348623157e308, "1.7976931348623157e+308"},
           {5e-324, "5e-324"},
           {3.0e-320, "3e-320"}}) {
    EXPECT_EQ(json_number(value), text);
  }
}

TEST(KeyNumber, IsWhatGoYamlWrites) {
  for (auto [value, text] : std::initializer_list<std::pair<double, const char*>>{
           {0.0, "0"},
           {1.5, "1.5"},
           {0.1, "0.1"},
           {123456.0, "123456"},
           {1234567.0, "1.234567e+06"},
           {1e10, "1e+10"},
           {1e-4, "0.0001"},
           {1e-5, "1e-05"},
           {1e39, ".inf"},
           {-1e39, "-.inf"},
           {3.4028234663852886e38, "3.4028235e+38"}}) {
    EXPECT_EQ(key_number(value), text);
  }
}

TEST(ParseDecimal, TakesExactlyDecimalLiterals) {
  EXPECT_EQ(parse_decimal("+.5"), 0.5);
  EXPECT_EQ(parse_decimal("-1."), -1.0);
  EXPECT_EQ(parse_decimal("1E+3"), 1000.0);
  EXPECT_EQ(parse_decimal("1e-400"), 0.0);
  EXPECT_EQ(parse_decimal("4.9e-324"), 5e-324);
  EXPECT_EQ(parse_decimal("9007199254740993"), 9007199254740992.0);
  for (const char* bad : {"", ".", "+", "1e", "1e+", "1e999", "-1e999", "1.2.3", "0x1", "inf",
                          "nan", "1 ", "--1", "+-1"}) {
    EXPECT_EQ(parse_decimal(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace raykeep::doc
