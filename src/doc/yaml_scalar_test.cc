// A table of what is surprising; tests/yaml compares thousands of scalars with Kubernetes' own
// reader.
#include "doc/yaml_scalar.h"

#include <gtest/gtest.h>

#include "doc/yaml_string.h"

namespace raykeep::doc {
namespace {

std::string value(std::string_view text, bool plain = true, std::string_view tag = "") {
  ScalarResult<Value> result = scalar_value({text, plain, tag});
  return result ? write_json(*result) : result.error().code;
}

std::string key(std::string_view text) {
  ScalarResult<std::string> result = scalar_key({text, true, ""});
  return result ? *result : result.error().code;
}

TEST(Scalar, BooleansAreThoseOfYaml11) {
  for (const char* text :
       {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"}) {
    EXPECT_EQ(value(text), "true") << text;
  }
  for (const char* text :
       {"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"}) {
    EXPECT_EQ(value(text), "false") << text;
  }
  EXPECT_EQ(value("yEs"), "\"yEs\"");
  EXPECT_EQ(value("yes", false), "\"yes\"");
}

TEST(Scalar, NullsAreTheEmptyTextTildeAndNull) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_EQ(value(text), "null") << text;
  EXPECT_EQ(value("", false), "\"\"");
  EXPECT_EQ(value("nULL"), "\"nULL\"");
}

TEST(Scalar, IntegersComeInFourBases) {
  for (auto [text, json] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0644", "420"},
           {"0o644", "420"},
           {"-0644", "-420"},
           {"0x1F", "31"},
           {"0b101", "5"},
           {"0b-11", "-3"},
           {"1_000", "1000"},
           {"+12", "12"},
           {"08", "8"},
           {"09.5", "9.5"},
           {"18446744073709551615", "18446744073709551615"},
           {"+18446744073709551615", "18446744073709552000"},
           {"18446744073709551616", "18446744073709552000"},
           {"-9223372036854775809", "-9223372036854776000"},
           {"0x10000000000000000", "\"0x10000000000000000\""}}) {
    EXPECT_EQ(value(text), json) << text;
  }
}

TEST(Scalar, FloatsAreDecimal) {
  for (auto [text, json] : std::initializer_list<std::pair<const char*, const char*>>{
           {".5", "0.5"},
           {"1.", "1"},
           {"1e3", "1000"},
           {"-1.5E-3", "-0.0015"},
           {".5_0", "0.5"},
           {"1e999", "\"1e999\""},
           {"1e-999", "0"},
           {"1.2.3", "\"1.2.3\""},
           {"1:30", "\"1:30\""},
           {"0x1p3", "\"0x1p3\""},
           {"500m", "\"500m\""},
           {"-0.0", "0"},
           {"100000000000000016.0", "100000000000000020"}}) {
    EXPECT_EQ(value(text), json) << text;
  }
}

TEST(Scalar, InfinityAndNanAreRefused) {
  for (const char* text : {".inf", "-.INF", "+.Inf", ".nan", ".NaN"})
    EXPECT_EQ(value(text), "RK1015") << text;
  EXPECT_EQ(value(".iNF"), "\".iNF\"");
}

TEST(Scalar, TimestampsStayStrings) { EXPECT_EQ(value("2001-12-14"), "\"2001-12-14\""); }

TEST(Scalar, ATagDecides) {
  EXPECT_EQ(value("1", true, "tag:yaml.org,2002:str"), "\"1\"");
  EXPECT_EQ(value("0x10", false, "tag:yaml.org,2002:int"), "16");
  EXPECT_EQ(value("1", true, "tag:yaml.org,2002:float"), "1");
  EXPECT_EQ(value("aGk=", true, "tag:yaml.org,2002:binary"), "\"hi\"");
  EXPECT_EQ(value("/+8=", true, "tag:yaml.org,2002:binary"), "RK1014");
  EXPECT_EQ(value("x", true, "tag:yaml.org,2002:int"), "RK1014");
  EXPECT_EQ(value("1", true, "!mine"), "RK1013");
  EXPECT_EQ(value("1", true, "!"), "\"1\"");
}

TEST(Scalar, KeysBecomeText) {
  for (auto [text, expected] : std::initializer_list<std::pair<const char*, const char*>>{
           {"1", "1"},
           {"0x10", "16"},
           {"yes", "true"},
           {"1.50", "1.5"},
           {"1e10", "1e+10"},
           {".inf", ".inf"},
           {"~", "RK1008"},
           {"18446744073709551615", "RK1008"},
           {"2001-01-01", "2001-01-01"}}) {
    EXPECT_EQ(key(text), expected) << text;
  }
}

TEST(SurelyString, IsFalseForWhateverSomeReaderTakesForSomethingElse) {
  for (const char* text : {"",
                           "~",
                           "yes",
                           "yEs",
                           "No",
                           "null",
                           "1",
                           "0x1f",
                           "0o8",
                           "1e3",
                           "1e999",
                           "1:30",
                           "1:30.5",
                           "190:20:30",
                           "2001-01-01",
                           "2001-1-1T00:00:00Z",
                           ".5",
                           ".inf",
                           "=",
                           "<<",
                           "1_000",
                           "0b2",
                           "0xfffffffffffffffffffff"}) {
    EXPECT_FALSE(is_surely_string(text)) << text;
  }
  for (const char* text : {"a", "1.2.3", "10.0.0.1", "v1", "500m", "1Gi", "--block", "yesterday",
                           "2.53.0", "12abc", "_1", "-"}) {
    EXPECT_TRUE(is_surely_string(text)) << text;
  }
}

}  // namespace
}  // namespace raykeep::doc
