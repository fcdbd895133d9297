#include "preflight/place.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace std::chrono_literals;
using namespace testing;

const WallTime at = *parse_http_date("Fri, 27 Nov 2026 06:43:38 GMT");

TEST(Namespace, ThatIsNotThereOrGoingBlocks) {
  EXPECT_EQ(told(judge_namespace("bank", refusal(404, "not found"))), "RK6002 Namespace bank\n");
  EXPECT_EQ(told(judge_namespace("bank", answer("status: {phase: Terminating}"))),
            "RK6002 Namespace bank\n");
  EXPECT_TRUE(judge_namespace("bank", answer("status: {phase: Active}")).empty());
  Obstacles unreadable = judge_namespace("bank", refusal(403, "no"));
  ASSERT_EQ(unreadable.size(), 1u);
  EXPECT_EQ(unreadable[0].weight, Weight::unchecked);
}

TEST(DefaultDeny, IsAPolicyForEveryPodWithoutRules) {
  auto policies = objects(R"(
spec: {podSelector: {}, policyTypes: [Ingress]}
---
spec: {podSelector: {matchLabels: {a: b}}, policyTypes: [Egress]}
---
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}
)");
  EXPECT_TRUE(denies_by_default(policies, "Ingress"));
  EXPECT_FALSE(denies_by_default(policies, "Egress"));
  Obstacles told_of = judge_default_deny("bank", policies);
  ASSERT_EQ(told_of.size(), 1u);
  EXPECT_EQ(told_of[0].weight, Weight::notice);
  EXPECT_TRUE(told_of[0].what.contains("egress")) << told_of[0].what;
}

TEST(Mesh, IsKnownByTheLabelsOfEachKind) {
  EXPECT_EQ(mesh_of(object("metadata: {labels: {istio-injection: enabled}}")), "Istio");
  EXPECT_EQ(mesh_of(object("metadata: {labels: {istio.io/rev: stable}}")), "Istio");
  EXPECT_EQ(mesh_of(object("metadata: {labels: {istio.io/dataplane-mode: ambient}}")),
            "Istio ambient");
  EXPECT_EQ(mesh_of(object("metadata: {annotations: {linkerd.io/inject: enabled}}")), "Linkerd");
  EXPECT_EQ(mesh_of(object("metadata: {labels: {istio-injection: disabled}}")), "");
  spec::Site site = spec::default_site();
  doc::Value ns = object("metadata: {name: bank, labels: {istio-injection: enabled}}");
  EXPECT_EQ(told(judge_mesh(ns, site)), "RK6030 Namespace bank\n");
  site.tls_mode = spec::TlsMode::mesh;
  EXPECT_TRUE(judge_mesh(ns, site).empty());
}

TEST(Version, IsNewEnoughFrom127) {
  EXPECT_EQ(told(judge_version(answer("{major: '1', minor: 26+, gitVersion: v1.26.9}"))),
            "RK6020 API server\n");
  EXPECT_TRUE(judge_version(answer("{major: '1', minor: '27', gitVersion: v1.27.0}")).empty());
}

TEST(Clock, MayDifferByAFewSeconds) {
  const char* date = "Fri, 27 Nov 2026 06:43:38 GMT";
  EXPECT_TRUE(judge_clock(date, at + 5s).empty());
  Obstacles small = judge_clock(date, at - 30s);
  ASSERT_EQ(small.size(), 1u);
  EXPECT_EQ(small[0].weight, Weight::may_block);
  EXPECT_TRUE(small[0].what.contains("30 s behind")) << small[0].what;
  EXPECT_EQ(judge_clock(date, at + 120s).at(0).weight, Weight::blocks);
  EXPECT_TRUE(judge_clock("yesterday", at).empty());
}

TEST(Token, TellsWhenItEnds) {
  // {"alg":"none"}.{"exp":1795761818}
  auto ends = end_of_token("eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTU3NjE4MTh9.c2ln");
  ASSERT_TRUE(ends);
  EXPECT_EQ(*ends, at);
  for (const char* other : {"", "opaque", "a.b", "a.!!.c", "a.e30.c"})
    EXPECT_FALSE(end_of_token(other)) << other;
}

TEST(Credential, ThatEndsSoonIsTold) {
  EXPECT_TRUE(judge_credential(std::nullopt, at).empty());
  EXPECT_TRUE(judge_credential(at + 48h, at).empty());
  EXPECT_EQ(judge_credential(at + 2h, at).at(0).weight, Weight::notice);
  EXPECT_EQ(judge_credential(at + 10min, at).at(0).weight, Weight::may_block);
}

}  // namespace
}  // namespace raykeep::preflight
