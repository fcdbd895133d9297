#include "kube/client.h"

#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;
using Kind = Failure::Kind;

const Ref map{{"v1", "ConfigMap"}, "ray", "demo"};

doc::Value config_map() {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "demo"}, {"namespace", "ray"}}}};
}

TEST(Client, FindsAnObject) {
  ScriptedCluster cluster({{{.answer = http_answer(200, R"({"kind":"ConfigMap","data":{"a":"b"}})"),
                             .bytewise = true}}});
  auto found = cluster.run(cluster.client.find(map, cluster.soon()));
  ASSERT_TRUE(found);
  EXPECT_EQ(doc::find_string(*found, {"data", "a"}), "b");
  EXPECT_TRUE(cluster.request(0).starts_with(
      "GET /prefix/api/v1/namespaces/ray/configmaps/demo HTTP/1.1\r\n"))
      << cluster.request(0);
  EXPECT_TRUE(cluster.request(0).contains("User-Agent: raykeep/0.1\r\n"));
}

TEST(Client, FindsNothingWhenTheObjectIsAbsent) {
  ScriptedCluster cluster({{{.answer = refusal(404, "NotFound", "configmaps \"demo\" not found",
                                               R"("name":"demo","kind":"configmaps")")}}});
  EXPECT_FALSE(cluster.run(cluster.client.find(map, cluster.soon())));
}

TEST(Client, DoesNotTakeAnUnknownKindForAnAbsentObject) {
  for (auto answer :
       {refusal(404, "NotFound", "the server could not find the requested resource", ""),
        http_answer(404, "404 page not found\n")}) {
    ScriptedCluster cluster({{{.answer = answer}}});
    auto failure = cluster.failure(cluster.client.find(map, cluster.soon()));
    EXPECT_EQ(failure.kind(), Kind::invalid);
    EXPECT_TRUE(std::string(failure.what()).contains("does not know this kind")) << failure.what();
  }
}

TEST(Client, SendsNoCredentialInTheClear) {
  ScriptedCluster cluster({{{.answer = http_answer(200, "{}")}}});
  cluster.run(cluster.client.find(map, cluster.soon()));
  EXPECT_FALSE(cluster.request(0).contains("Authorization")) << cluster.request(0);
}

TEST(Client, AppliesWithItsFieldManagerStrictly) {
  ScriptedCluster cluster(
      {{{.answer = http_answer(201, "{}")}, {.answer = http_answer(200, "{}")}}});
  EXPECT_TRUE(cluster.run(cluster.client.apply(config_map(), {}, cluster.soon())).created);
  EXPECT_FALSE(cluster
                   .run(cluster.client.apply(
                       config_map(), {.field_manager = "raykeep", .force = false, .dry_run = true},
                       cluster.soon()))
                   .created);
  auto first = cluster.request(0);
  EXPECT_TRUE(
      first.starts_with("PATCH /prefix/api/v1/namespaces/ray/configmaps/demo?"
                        "fieldManager=raykeep&fieldValidation=Strict&force=true HTTP/1.1\r\n"))
      << first;
  EXPECT_TRUE(first.contains("Content-Type: application/apply-patch+yaml\r\n"));
  EXPECT_TRUE(cluster.request(1).contains("fieldValidation=Strict&dryRun=All HTTP"))
      << cluster.request(1);
}

TEST(Client, NamesTheOtherManagerOfAField) {
  ScriptedCluster cluster(
      {{{.answer = refusal(
             409, "Conflict", "Apply failed with 1 conflict",
             R"("causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".data.a"}])")}}});
  auto failure =
      cluster.failure(cluster.client.apply(config_map(), {.force = false}, cluster.soon()));
  EXPECT_EQ(failure.kind(), Kind::invalid);
  EXPECT_TRUE(std::string(failure.what()).contains(".data.a: conflict with \"kubectl\""))
      << failure.what();
}

TEST(Client, AppliesAgainAfterARace) {
  ScriptedCluster cluster(
      {{{.answer = refusal(409, "Conflict", "the object has been modified", "")},
        {.answer = http_answer(200, "{}")}}});
  EXPECT_FALSE(cluster.run(cluster.client.apply(config_map(), {}, cluster.soon())).created);
}

TEST(Client, CreatesOnceAndSaysWhenItIsThere) {
  ScriptedCluster cluster({{{.answer = http_answer(201, "{\"kind\":\"ConfigMap\"}")},
                            {.answer = refusal(409, "AlreadyExists", "exists",
                                               R"("name":"demo","kind":"configmaps")")}}});
  EXPECT_TRUE(cluster.run(cluster.client.create(config_map(), cluster.soon())));
  EXPECT_FALSE(cluster.run(cluster.client.create(config_map(), cluster.soon())));
  EXPECT_TRUE(cluster.request(0).starts_with("POST /prefix/api/v1/namespaces/ray/configmaps?"))
      << cluster.request(0);
}

TEST(Client, ReplaceSaysWhenSomebodyElseWasFaster) {
  ScriptedCluster cluster({{{.answer = refusal(409, "Conflict", "modified", "")}}});
  EXPECT_FALSE(cluster.run(cluster.client.replace(config_map(), cluster.soon())));
}

TEST(Client, RemovesWithPreconditions) {
  ScriptedCluster cluster(
      {{{.answer = http_answer(202, "{}")},
        {.answer = refusal(404, "NotFound", "gone", R"("name":"demo","kind":"configmaps")")},
        {.answer = refusal(409, "Conflict", "the UID in the precondition does not match", "")}}});
  EXPECT_TRUE(cluster.run(cluster.client.remove(map, {.uid = "u1"}, cluster.soon())));
  EXPECT_FALSE(cluster.run(cluster.client.remove(map, {}, cluster.soon())));
  EXPECT_FALSE(cluster.run(
      cluster.client.remove(map, {.uid = "u1", .grace = std::chrono::seconds(0)}, cluster.soon())));
  EXPECT_FALSE(cluster.request(0).contains("gracePeriodSeconds")) << "the pod's own";
  EXPECT_TRUE(cluster.request(2).contains(R"("gracePeriodSeconds":0)")) << cluster.request(2);
  EXPECT_TRUE(cluster.request(0).contains(R"("preconditions":{"uid":"u1"})")) << cluster.request(0);
  EXPECT_TRUE(cluster.request(1).contains(R"("propagationPolicy":"Background")"))
      << cluster.request(1);
}

std::string page(const std::string& names, const std::string& next,
                 const std::string& version = "7") {
  std::string items;
  for (char c : names)
    items += (items.empty() ? "" : ",") + std::string(R"({"metadata":{"name":")") + c + "\"}}";
  return chunked_answer({R"({"kind":"ConfigMapList","metadata":{"resourceVersion":")" + version +
                         "\",\"continue\":\"" + next + "\"},\"items\":[" + items + "]}"});
}

std::string names(const List& list) {
  std::string out;
  for (const auto& item : list.items) out += doc::find_string(item, {"metadata", "name"});
  return out;
}

TEST(Client, FollowsThePagesOfAList) {
  ScriptedCluster cluster({{{.answer = page("ab", "n/1=")}, {.answer = page("c", "")}}});
  auto list =
      cluster.run(cluster.client.list(map.kind, "ray", {.labels = "a=b,c"}, cluster.soon()));
  EXPECT_EQ(names(list), "abc");
  EXPECT_EQ(list.resource_version, "7");
  EXPECT_EQ(ref_of(list.items[0]).kind, map.kind);  // lists leave it out
  EXPECT_TRUE(cluster.request(0).contains("?limit=500&labelSelector=a%3Db%2Cc HTTP"))
      << cluster.request(0);
  EXPECT_TRUE(cluster.request(1).contains("&continue=n%2F1%3D&")) << cluster.request(1);
}

TEST(Client, BeginsAListAgainWhenItsContinuationExpired) {
  ScriptedCluster cluster(
      {{{.answer = page("ab", "n")},
        {.answer = refusal(410, "Expired", "the provided continue parameter is too old", "")},
        {.answer = page("xyz", "", "9")}}});
  auto list = cluster.run(cluster.client.list(map.kind, "ray", {}, cluster.soon()));
  EXPECT_EQ(names(list), "xyz");
  EXPECT_EQ(list.resource_version, "9");
}

TEST(Client, AListThatBreaksIsNoEmptyList) {
  auto whole = page("ab", "");
  for (std::size_t cut : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
    ScriptedCluster cluster({{{.answer = whole, .cut_after = cut}}});
    EXPECT_EQ(cluster.failure(cluster.client.list(map.kind, "ray", {}, cluster.soon())).kind(),
              Kind::disconnected);
  }
}

TEST(Client, WaitsAsLongAsTheServerAsks) {
  ScriptedCluster cluster({{{.answer = http_answer(429, "{}", "Retry-After: 0\r\n")},
                            {.answer = http_answer(503, "busy", "Retry-After: 0\r\n")},
                            {.answer = http_answer(200, "{}")}}});
  EXPECT_TRUE(cluster.run(cluster.client.find(map, cluster.soon())));
}

TEST(Client, DoesNotWaitBeyondTheDeadline) {
  ScriptedCluster cluster({{{.answer = http_answer(429, "{}", "Retry-After: 3600\r\n")}}});
  EXPECT_EQ(cluster.failure(cluster.client.find(map, cluster.soon())).kind(), Kind::overloaded);
}

TEST(Client, DoesNotCreateTwiceWhenTheServerFails) {
  ScriptedCluster cluster({{{.answer = http_answer(503, "busy", "Retry-After: 0\r\n")},
                            {.answer = http_answer(201, "{}")}}});
  EXPECT_EQ(cluster.failure(cluster.client.create(config_map(), cluster.soon())).kind(),
            Kind::overloaded);
}

TEST(Client, SaysWhatItWasDoingWhenNobodyAnswers) {
  ScriptedCluster cluster({});
  auto failure = cluster.failure(cluster.client.apply(config_map(), {}, cluster.soon()));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).starts_with("apply ConfigMap ray/demo: "))
      << failure.what();
}

TEST(Client, RefusesAnAnswerThatIsNotJson) {
  ScriptedCluster cluster({{{.answer = http_answer(200, "<html>")}}});
  EXPECT_EQ(cluster.failure(cluster.client.find(map, cluster.soon())).kind(), Kind::invalid);
}

TEST(Client, GivesTheBeginningOfALogOrItsTail) {
  std::string log(3000, 'a');
  log += "end";
  ScriptedCluster cluster(
      {{{.answer = chunked_answer({log})}}, {{.answer = chunked_answer({log})}}});
  LogOptions options{.container = "head", .limit_bytes = 1000};
  auto beginning = cluster.run(cluster.client.logs("ray", "p", options, cluster.soon()));
  EXPECT_EQ(beginning, std::string(1000, 'a'));
  options.tail_lines = 5;
  auto tail = cluster.run(cluster.client.logs("ray", "p", options, cluster.soon()));
  EXPECT_EQ(tail, std::string(997, 'a') + "end");
  EXPECT_TRUE(cluster.request(0).contains("/pods/p/log?container=head&limitBytes=1000 HTTP"))
      << cluster.request(0);
  EXPECT_TRUE(cluster.request(1).contains("/pods/p/log?container=head&tailLines=5 HTTP"))
      << cluster.request(1);
}

TEST(Client, ThereIsNoLogBeforeAContainerRan) {
  const std::string answers[] = {
      refusal(404, "NotFound", "pods \"p\" not found", R"("name":"p","kind":"pods")"),
      refusal(400, "BadRequest",
              "container \"c\" in pod \"p\" is waiting to start: ContainerCreating", ""),
      refusal(400, "BadRequest", "previous terminated container \"c\" in pod \"p\" not found", ""),
      refusal(400, "BadRequest", "pod p does not have a host assigned", ""),
  };
  for (const auto& answer : answers) {
    ScriptedCluster cluster({{{.answer = answer}}});
    EXPECT_FALSE(cluster.run(cluster.client.logs("ray", "p", {}, cluster.soon()))) << answer;
  }
  ScriptedCluster cluster(
      {{{.answer = refusal(400, "BadRequest", "container x is not valid for pod p", "")}}});
  EXPECT_EQ(cluster.failure(cluster.client.logs("ray", "p", {}, cluster.soon())).kind(),
            Kind::invalid);
}

TEST(Client, FollowsALogUntilToldToStop) {
  ScriptedCluster cluster({{{.answer = chunked_answer({"abc", "def", "ghi"}), .bytewise = true}}});
  std::string seen;
  cluster.run(cluster.client.follow_logs(
      "ray", "p", {}, [&](std::string_view chunk) { return (seen += chunk).size() < 5; },
      cluster.soon()));
  EXPECT_GE(seen.size(), 5u);
  EXPECT_TRUE(std::string("abcdefghi").starts_with(seen)) << seen;
}

}  // namespace
}  // namespace raykeep::kube
