#include "kube/ask.h"

#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;

doc::Value service() {
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", "demo"}, {"namespace", "ray"}}}};
}

TEST(Ask, GivesARefusalAsItWasSaid) {
  ScriptedCluster cluster({{{.answer = refusal(403, "Forbidden", "denied: no ticket", "")}}});
  Said said = cluster.run(ask(cluster.client, dry_create(service()), cluster.soon()));
  EXPECT_EQ(said.code, 403);
  EXPECT_TRUE(said.denied());
  EXPECT_EQ(said.reason, "Forbidden");
  EXPECT_EQ(said.message, "denied: no ticket");
  EXPECT_TRUE(cluster.request(0).starts_with(
      "POST /prefix/api/v1/namespaces/ray/services?fieldManager=raykeep&fieldValidation=Strict&"
      "dryRun=All HTTP/1.1\r\n"))
      << cluster.request(0);
}

TEST(Ask, GivesTheServersDate) {
  ScriptedCluster cluster({{{.answer = http_answer(200, R"({"gitVersion":"v1.34.4"})",
                                                   "Date: Fri, 27 Nov 2026 06:43:38 GMT\r\n")}}});
  Said said = cluster.run(ask(cluster.client, {"GET", "/version"}, cluster.soon()));
  EXPECT_TRUE(said.good());
  EXPECT_EQ(doc::find_string(said.body, {"gitVersion"}), "v1.34.4");
  EXPECT_EQ(said.date, "Fri, 27 Nov 2026 06:43:38 GMT");
}

TEST(Ask, IsNoFailureWhereThereIsNoAnswer) {
  ScriptedCluster cluster({});
  Said said = cluster.run(ask(cluster.client, {"GET", "/version"}, cluster.soon()));
  EXPECT_EQ(said.code, 0);
  EXPECT_FALSE(said.message.empty());
}

TEST(Ask, NamesADryRunOfAnApplyByItsObject) {
  EXPECT_EQ(dry_apply(service()).path,
            "/api/v1/namespaces/ray/services/demo?fieldManager=raykeep&fieldValidation=Strict&"
            "force=true&dryRun=All");
  EXPECT_EQ(look_at({"v1", "Namespace"}, "", "ray").path, "/api/v1/namespaces/ray");
}

}  // namespace
}  // namespace raykeep::kube
