#include "spec/shape.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

TEST(Shapes, NameOnlyTypesThatExist) {
  for (const auto& [name, shape] : shapes()) {
    EXPECT_TRUE(shape.words.empty() || shape.fields.empty()) << name;
    for (const Field& field : shape.fields) {
      std::string_view type = field.type;
      while (type.ends_with("[]") || type.ends_with("{}")) type.remove_suffix(2);
      bool built_in = false;
      for (const char* known : {"string", "int32", "int64", "count", "bool", "quantity",
                                "int_or_string", "object", "port", "number", "any"}) {
        built_in |= type == known;
      }
      EXPECT_TRUE(built_in || shapes().contains(type)) << name << '.' << field.name << ' ' << type;
      if (!field.filled_in.empty())
        EXPECT_TRUE(doc::parse_json(field.filled_in)) << name << '.' << field.name;
    }
  }
}

TEST(Shapes, HaveADescriptionForEveryFieldOfOurOwn) {
  for (const char* name : {"RayClusterSpec", "HeadGroupSpec", "WorkerGroupSpec", "AuthOptions",
                           "SiteSpec", "SitePods", "SitePeer"}) {
    for (const Field& field : shapes().at(name).fields)
      EXPECT_FALSE(field.about.empty()) << name << '.' << field.name;
  }
}

struct Case {
  const char* from;
  const char* to;
  const char* finding;  // after "cluster.yaml:line:col "
};

class ShapeFinding : public testing::TestWithParam<Case> {};

TEST_P(ShapeFinding, SaysWhatAndWhatInstead) {
  const Case& c = GetParam();
  Findings findings = parse_cluster(replaced(kSmallCluster, c.from, c.to)).findings;
  EXPECT_TRUE(lines(findings).contains(std::string(" ") + c.finding + "\n")) << c.finding << "\n"
                                                                             << lines(findings);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ShapeFinding,
    testing::Values(
        Case{"replicas: 2", "replcas: 2",
             "RK2001 spec.workerGroupSpecs[0].replcas: there is no field \"replcas\" here; did you "
             "mean replicas?"},
        Case{"resources:", "resource:",
             "RK2001 spec.headGroupSpec.template.spec.containers[0].resource: there is no field "
             "\"resource\" here; did you mean resources?"},
        Case{"  headGroupSpec:", "  zzz: 1\n  headGroupSpec:",
             "RK2001 spec.zzz: there is no field \"zzz\" here; remove it or move it to where it "
             "belongs"},
        Case{"replicas: 2", "replicas: \"2\"",
             "RK2002 spec.workerGroupSpecs[0].replicas: takes a whole number, not \"2\"; write 2 "
             "without quotes"},
        Case{"replicas: 2", "replicas: 2.5",
             "RK2002 spec.workerGroupSpecs[0].replicas: 2.5 is not a whole number"},
        Case{"replicas: 2", "replicas: -1",
             "RK2005 spec.workerGroupSpecs[0].replicas: -1 is not between 0 and 2147483647"},
        Case{"replicas: 2", "replicas: 99999999999999999999",
             "RK2005 spec.workerGroupSpecs[0].replicas: 100000000000000000000 is too large"},
        Case{"replicas: 2", "suspend: \"true\"",
             "RK2002 spec.workerGroupSpecs[0].suspend: takes true or false, not \"true\"; write "
             "true without quotes"},
        Case{
            "dashboard-host: \"0.0.0.0\"", "block: true",
            "RK2002 spec.headGroupSpec.rayStartParams.block: takes text, not true; write \"true\""},
        Case{"dashboard-host: \"0.0.0.0\"", "block:",
             "RK2002 spec.headGroupSpec.rayStartParams.block: has no value; write \"\" if it is "
             "meant to be empty, or remove it"},
        Case{"{cpu: \"1\", memory: 4Gi}", "{cpu: 1.5, memory: 4Gi}",
             "RK2002 spec.headGroupSpec.template.spec.containers[0].resources.limits.cpu: takes a "
             "whole number or text, not 1.5; write \"1.5\""},
        Case{"image: rayproject/ray:2.52.0", "imagePullPolicy: always",
             "RK2203 spec.headGroupSpec.template.spec.containers[0]: the container has no image; "
             "write image"},
        Case{"- groupName: small", "- suspend: false",
             "RK2003 spec.workerGroupSpecs[0]: groupName is missing"}));

TEST(Shapes, GuessTheUnitThatWasMeant) {
  for (const auto& [written, better] : {std::pair{"4GB", "\"4G\""},
                                        {"512 MiB", "\"512Mi\""},
                                        {"2gb", "\"2G\""},
                                        {"1kb", "\"1k\""}}) {
    Findings findings =
        parse_cluster(replaced(kSmallCluster, "memory: 4Gi", std::string("memory: ") + written))
            .findings;
    ASSERT_FALSE(findings.empty()) << written;
    EXPECT_EQ(findings[0].code, "RK2007");
    EXPECT_EQ(findings[0].remedy, std::string("write ") + better);
  }
}

TEST(Shapes, StopAfterAFewHundredFindings) {
  std::string hostile(kSmallCluster);
  for (int i = 0; i < 5000; ++i) hostile += "unknown" + std::to_string(i) + ": 1\n";
  Findings findings = parse_cluster(hostile).findings;
  EXPECT_EQ(findings.size(), kMostFindings + 1);
  EXPECT_TRUE(has_errors(findings));
  EXPECT_EQ(std::ranges::count(findings, "RK2000", &Finding::code), 1);
}

}  // namespace
}  // namespace raykeep::spec
