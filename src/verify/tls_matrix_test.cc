#include "verify/tls_matrix.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "verify/planned.h"

namespace raykeep::verify {
namespace {

using net::Words;

/// Two groups, and the short-lived pods that stand beside them.
struct World {
  testing::Planned planned;
  std::vector<Place> places;
  Listening listening;

  explicit World(std::string_view encryption) : planned(testing::planned()) {
    for (flow::Flow& flow : planned.plan.flows) {
      const bool grpc = flow.port_name == "gcs-server" || flow.port_name == "worker" ||
                        flow.port_name == "node-manager";
      if (grpc && flow.protocol == spec::Protocol::tcp) flow.encryption = encryption;
      if (flow.port_name == "serve") flow.encryption = "TLS (agent)";
    }
    places = places_of({testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                        testing::pod("a", "worker", "cpu", "10.1.0.2")},
                       "demo");
    places.push_back({.kind = Place::Kind::role,
                      .end = {flow::Role::worker, "cpu"},
                      .pod = "guest",
                      .program = "/raykeep",
                      .ip = "10.1.0.9",
                      .stand_in = true});
    places.push_back({.kind = Place::Kind::role,
                      .end = {flow::Role::ingress, ""},
                      .pod = "caller",
                      .program = "/raykeep",
                      .ip = "10.1.0.8",
                      .stand_in = true});
    listening = {{0, {6379, 8077, 8000, 10002, 10003, 40000}}, {1, {8077, 10002}}};
  }

  std::vector<std::string> tries() const {
    std::vector<std::string> made;
    for (const TlsTry& each : tls_matrix(planned.plan.flows, places, listening).tries)
      made.push_back(fmt::format("{} {}{} {}", places[each.from].pod, to_string(each.target),
                                 each.within_mesh ? " within" : "", fmt::join(each.flows, "+")));
    return made;
  }
};

TEST(TlsMatrix, TriesEachPortThatListensOnceFromWhereItIsPermitted) {
  EXPECT_EQ(World("mutual TLS (Ray)").tries(),
            (std::vector<std::string>{
                "a http2/10.1.0.1:6379 worker(cpu)->head gcs-server+worker(gpu)->head gcs-server",
                "caller http1/10.1.0.1:8000 ingress->head serve",
                "a http2/10.1.0.1:8077 worker(cpu)->head node-manager+worker(gpu)->head "
                "node-manager",
                "a http2/10.1.0.1:10002 worker(cpu)->head worker+worker(gpu)->head worker",
                "a http2/10.1.0.1:10003 worker(cpu)->head worker+worker(gpu)->head worker",
                "demo-head-0 http2/10.1.0.2:8077 head->worker(cpu) node-manager+worker(cpu)->"
                "worker(cpu) node-manager+worker(gpu)->worker(cpu) node-manager",
                "demo-head-0 http2/10.1.0.2:10002 head->worker(cpu) worker+worker(cpu)->"
                "worker(cpu) worker+worker(gpu)->worker(cpu) worker"}));
}

TEST(TlsMatrix, TriesAMeshFromOutsideAndFromWithin) {
  World world("mutual TLS (mesh)");
  world.listening = {{0, {6379}}, {1, {}}};
  EXPECT_EQ(world.tries(),
            (std::vector<std::string>{
                "guest http2/10.1.0.1:6379 worker(cpu)->head gcs-server+worker(gpu)->head "
                "gcs-server",
                "a http2/10.1.0.1:6379 within worker(cpu)->head gcs-server+worker(gpu)->head "
                "gcs-server"}));
}

TEST(TlsMatrix, APodIsTriedFromItselfWhereNobodyElseHasACertificate) {
  World world("mutual TLS (Ray)");
  world.places.resize(1);
  world.listening = {{0, {6379}}};
  ASSERT_EQ(world.tries().size(), 1u);
  EXPECT_TRUE(world.tries()[0].starts_with("demo-head-0 http2/10.1.0.1:6379")) << world.tries()[0];
}

TEST(TlsMatrix, SaysWhatIsNotTriedAndWhatIsInTheClear) {
  World world("mutual TLS (Ray)");
  world.listening.erase(1);
  const TlsMatrix made = tls_matrix(world.planned.plan.flows, world.places, world.listening);
  std::map<std::string, std::string> why;
  for (const Untried& each : made.untried) why[each.flow] = each.why;
  EXPECT_EQ(why["head->worker(gpu) worker"], "no pod of worker(gpu) runs");
  EXPECT_EQ(why["head->worker(cpu) worker"], "it is not known who listens in that range");
  std::vector<std::string> clear;
  for (const flow::Flow* flow : made.clear) clear.push_back(flow->id());
  EXPECT_NE(std::ranges::find(clear, "worker(cpu)->head dashboard"), clear.end());
  EXPECT_EQ(std::ranges::find(clear, "worker(cpu)->head gcs-server"), clear.end());
  EXPECT_EQ(std::ranges::find(clear, "head->outside(models) models"), clear.end());
}

TEST(TlsMatrix, ReadsTheGuardFromTheTablesWords) {
  EXPECT_EQ(guard_of("none"), Guard::none);
  EXPECT_EQ(guard_of("mutual TLS (Ray)"), Guard::mutual);
  EXPECT_EQ(guard_of("mutual TLS (mesh)"), Guard::mesh);
  EXPECT_EQ(guard_of("TLS (agent)"), Guard::server);
  EXPECT_EQ(guard_of("TLS"), Guard::server);
}

}  // namespace
}  // namespace raykeep::verify
