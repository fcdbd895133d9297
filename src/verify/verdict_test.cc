#include "verify/verdict.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "verify/planned.h"

namespace raykeep::verify {
namespace {

using net::Fate;

struct World {
  testing::Planned planned = testing::planned();
  std::vector<doc::Value> live = testing::policies_of(planned.plan);
  std::vector<Place> places = {};
  Matrix made = {};
  Outcomes outcomes = {};
  std::map<std::size_t, std::string> not_run = {};

  World() {
    live.push_back(*doc::parse_json(
        R"({"kind":"NetworkPolicy","metadata":{"name":"default-deny","namespace":"ray"},
            "spec":{"podSelector":{},"policyTypes":["Ingress","Egress"]}})"));
    places = places_of({testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                        testing::pod("a", "worker", "cpu", "10.1.0.2"),
                        testing::pod("b", "worker", "cpu", "10.1.0.3")},
                       "demo");
    for (const char* ip : {"10.1.0.8", "10.1.0.9"})
      places.push_back({.kind = Place::Kind::stranger,
                        .pod = "s",
                        .container = "c",
                        .program = "/raykeep",
                        .ip = ip});
    made = matrix({planned.plan.flows, planned.plan.storage, places, {}});
    // All as it should be.
    for (std::size_t i = 0; i < made.attempts.size(); ++i)
      outcomes[i] = {.fate = made.attempts[i].wanted ? Fate::open : Fate::dropped};
  }

  void set(std::string_view from, std::string_view to, int port, Fate fate) {
    for (std::size_t i = 0; i < made.attempts.size(); ++i) {
      const Attempt& attempt = made.attempts[i];
      if (places[attempt.from].name() == from && attempt.to_name == to &&
          attempt.target.port == port)
        outcomes[i].fate = fate;
    }
  }

  Verification judged(const std::vector<doc::Value>& pods = {}) {
    Verification result;
    Standing now = standing(planned.plan, live, {});
    result.faults = judge_policies(planned.plan, now, pods);
    judge({planned.plan, now, places, made, outcomes, not_run, false}, result);
    return result;
  }

  std::string faults() {
    std::string text;
    for (const Fault& fault : judged().faults)
      text += fmt::format("{} {}\n", fault.code, fault.object);
    return text;
  }
};

TEST(Judge, IsContentWhenAllIsAsItShouldBe) {
  World world;
  Verification result = world.judged();
  EXPECT_TRUE(result.good()) << world.faults();
  EXPECT_EQ(result.flows.size(), world.planned.plan.flows.size());
  for (const FlowResult& flow : result.flows) EXPECT_FALSE(flow.permitted_by.empty()) << flow.id;
}

TEST(Judge, NamesTheFlowThatIsDroppedThoughPermitted) {
  World world;
  world.set("worker(cpu)", "head", 6379, Fate::dropped);
  EXPECT_EQ(world.faults(), "RK7006 worker(cpu)->head gcs-server\n");
  EXPECT_FALSE(world.judged().good());
}

TEST(Judge, NamesTheRuleInsteadWhereOneIsMissing) {
  World world;
  world.set("worker(cpu)", "head", 6379, Fate::dropped);
  std::erase_if(world.live, [](const doc::Value& policy) {
    return doc::find_string(policy, {"metadata", "name"}) == "demo-head";
  });
  std::string faults = world.faults();
  EXPECT_TRUE(faults.contains("RK7001 NetworkPolicy demo-head")) << faults;
  EXPECT_FALSE(faults.contains("RK7006")) << faults;
}

TEST(Judge, DoesNotTakeAFlowForOneWhoseNameBeginsLikeIt) {
  World world;
  for (doc::Value& policy : world.live) {
    if (doc::find_string(policy, {"metadata", "name"}) != "demo-head") continue;
    for (doc::Value& rule : policy.as_object()["spec"].as_object()["egress"].as_array()) {
      doc::Array& ports = rule.as_object()["ports"].as_array();
      auto tcp = std::ranges::find_if(ports, [](const doc::Value& port) {
        return port.at("port") == 53 && port.at("protocol") == "TCP";
      });
      if (tcp != ports.end()) ports.erase(tcp);
    }
  }
  for (const FlowResult& flow : world.judged().flows) {
    if (flow.id == "head->dns dns") EXPECT_TRUE(flow.good);
    if (flow.id == "head->dns dns-tcp") EXPECT_FALSE(flow.good);
  }
}

TEST(Judge, NamesWhatGetsThroughAndNoPolicyPermits) {
  World world;
  world.set("stranger", "head", 8265, Fate::open);
  EXPECT_EQ(world.faults(), "RK7007 stranger->head\n");
  world.set("stranger", "head", 8265, Fate::refused);
  EXPECT_EQ(world.faults(), "RK7007 stranger->head\n");
}

TEST(Judge, SaysOnceThatNothingIsEnforced) {
  World world;
  for (auto& [index, outcome] : world.outcomes) outcome.fate = Fate::refused;
  EXPECT_EQ(world.faults(), "RK7008 namespace ray\n");
}

TEST(Judge, BelievesNoSilenceThatProvesNothing) {
  World world;
  for (std::size_t i = 0; i < world.made.attempts.size(); ++i)
    if (world.made.attempts[i].control) world.outcomes[i].fate = Fate::dropped;
  EXPECT_EQ(world.faults(), "RK7009 stranger->stranger\n");
}

TEST(Judge, TellsWhatCouldNotBeTried) {
  World world;
  for (std::size_t i = 0; i < world.made.attempts.size(); ++i)
    if (world.made.attempts[i].from == 0) world.outcomes.erase(i);
  world.not_run[0] = "exec is forbidden";
  Verification result = world.judged();
  EXPECT_TRUE(result.good());
  for (const FlowResult& flow : result.flows)
    if (flow.from == "head") EXPECT_EQ(flow.result, "untested") << flow.id;
  EXPECT_TRUE(summary(result).contains("could not be tried")) << summary(result);
}

TEST(Judge, FindsAPodThatItsPolicyDoesNotFind) {
  World world;
  doc::Value lost = testing::pod("lost", "worker", "cpu", "10.1.0.4");
  lost.as_object()["metadata"].as_object()["labels"].as_object().erase("ray.io/node-type");
  std::vector<Fault> faults = world.judged({lost}).faults;
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].object, "Pod lost");
}

TEST(Verification, IsPrintedForMachinesWithEveryValueEscaped) {
  World world;
  world.set("worker(cpu)", "head", 6379, Fate::dropped);
  Verification result = world.judged();
  result.cluster = "a\"<b>&\x01";
  std::string xml = to_junit(result);
  EXPECT_TRUE(xml.contains("a&quot;&lt;b&gt;&amp; ")) << xml.substr(0, 200);
  EXPECT_TRUE(xml.contains("<failure message=\"dropped: dropped from a to tcp/10.1.0.1:6379\"/>"))
      << xml;
  EXPECT_EQ(doc::find_string(to_json(result), {"kind"}), "VerifyResult");
}

}  // namespace
}  // namespace raykeep::verify
