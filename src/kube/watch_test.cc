#include <gtest/gtest.h>

#include "kube/lines.h"
#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;
using FailureKind = Failure::Kind;

const Kind pods{"v1", "Pod"};

std::string event(const std::string& type, const std::string& name) {
  return R"({"type":")" + type + R"(","object":{"kind":"Pod","metadata":{"name":")" + name +
         "\"}}}\n";
}

struct Seen {
  std::string text;
  bool go_on(const Event& event) {
    text += "amdb"[static_cast<int>(event.type)];
    text += doc::find_string(event.object, {"metadata", "name"});
    return !text.ends_with("stop");
  }
};

bool watch(ScriptedCluster& cluster, Seen& seen) {
  return cluster.run(cluster.client.watch(
      pods, "ray", {}, "5", [&](Event event) { return seen.go_on(event); }, cluster.soon()));
}

TEST(Watch, HandsOverEventsWhereverTheyAreCut) {
  auto text = event("ADDED", "1") + event("MODIFIED", "2") + "\n" + event("DELETED", "3") +
              event("BOOKMARK", "");
  for (std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{70}, text.size()}) {
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < text.size(); at += size) chunks.push_back(text.substr(at, size));
    ScriptedCluster cluster({{{.answer = chunked_answer(chunks), .bytewise = size == 7}}});
    Seen seen;
    EXPECT_TRUE(watch(cluster, seen));
    EXPECT_EQ(seen.text, "a1m2d3b");
    EXPECT_TRUE(cluster.request(0).contains(
        "/api/v1/namespaces/ray/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds="))
        << cluster.request(0);
    EXPECT_TRUE(cluster.request(0).contains("&resourceVersion=5 HTTP")) << cluster.request(0);
  }
}

TEST(Watch, StopsWhenToldSo) {
  ScriptedCluster cluster(
      {{{.answer = chunked_answer({event("ADDED", "stop") + event("ADDED", "more")}).substr(0, 200),
         .stall = true}}});
  Seen seen;
  EXPECT_TRUE(watch(cluster, seen));
  EXPECT_EQ(seen.text, "astop");
}

TEST(Watch, SaysWhenTheVersionIsTooOld) {
  const std::string gone =
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})";
  for (auto answer :
       {refusal(410, "Gone", "too old", ""), chunked_answer({event("ADDED", "1"), gone + "\n"})}) {
    ScriptedCluster cluster({{{.answer = answer}}});
    Seen seen;
    EXPECT_FALSE(watch(cluster, seen));
  }
}

TEST(Watch, ABrokenConnectionIsAFailure) {
  auto whole = chunked_answer({event("ADDED", "1"), event("ADDED", "2")});
  ScriptedCluster cluster({{{.answer = whole, .cut_after = whole.size() - 20}}});
  Seen seen;
  auto failure = cluster.failure(cluster.client.watch(
      pods, "ray", {}, "5", [&](Event e) { return seen.go_on(e); }, cluster.soon()));
  EXPECT_EQ(failure.kind(), FailureKind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).starts_with("watch pods in namespace ray: "))
      << failure.what();
  EXPECT_EQ(seen.text, "a1");
}

TEST(Watch, EndsQuietlyAtTheDeadline) {
  ScriptedCluster cluster(
      {{{.answer = chunked_answer({event("ADDED", "1")}).substr(0, 120), .stall = true}}});
  Seen seen;
  EXPECT_TRUE(cluster.run(cluster.client.watch(
      pods, "ray", {}, "5", [&](Event e) { return seen.go_on(e); }, near(cluster.clock))));
}

TEST(Watch, RefusesWhatIsNoEvent) {
  for (std::string text : {"garbage\n", "[]\n", "{\"type\":\"ADDED\"}\n",
                           "{\"type\":\"NEW\",\"object\":{}}\n", "{}\n"}) {
    ScriptedCluster cluster({{{.answer = chunked_answer({text})}}});
    auto failure = cluster.failure(
        cluster.client.watch(pods, "ray", {}, "5", [](Event) { return true; }, cluster.soon()));
    EXPECT_EQ(failure.kind(), FailureKind::invalid) << text;
  }
}

TEST(Watch, FailsWhenTheStreamEndsInTheMiddleOfAnEvent) {
  ScriptedCluster cluster({{{.answer = chunked_answer({"{\"type\":"})}}});
  auto failure = cluster.failure(
      cluster.client.watch(pods, "ray", {}, "5", [](Event) { return true; }, cluster.soon()));
  EXPECT_EQ(failure.kind(), FailureKind::disconnected);
}

TEST(Lines, GivesEachLineOnce) {
  Lines lines(10);
  lines.feed("one\ntw");
  EXPECT_EQ(lines.next(), "one");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_TRUE(lines.has_rest());
  lines.feed("o\n\nx\n");
  EXPECT_EQ(lines.next(), "two");
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next(), "x");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_FALSE(lines.has_rest());
}

TEST(Lines, NoticesALineWithoutEnd) {
  Lines lines(10);
  lines.feed("0123456789");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_FALSE(lines.overflows());
  lines.feed("x");
  EXPECT_TRUE(lines.overflows());
}

}  // namespace
}  // namespace raykeep::kube
