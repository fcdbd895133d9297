#include "kube/informer.h"

#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;

std::string object(const std::string& name, const std::string& version) {
  return fmt::format(R"({{"metadata":{{"name":"{}","resourceVersion":"{}","managedFields":[1]}}}})",
                     name, version);
}

std::string listed(const std::vector<std::string>& items, const std::string& version) {
  return http_answer(200, fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"items":[{}]}})",
                                      version, fmt::join(items, ",")));
}

std::string event(const std::string& type, const std::string& name, const std::string& version) {
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object(name, version));
}

/// Runs an informer until `wanted` changes were told, or the server has nothing more to say.
struct Told {
  explicit Told(std::deque<Dialogue> dialogues, std::size_t wanted)
      : cluster(std::move(dialogues)) {
    Informer informer(cluster.client, cluster.clock,
                      {.kind = {"v1", "Pod"},
                       .ns = "ray",
                       .selector = {.labels = "a=b"},
                       .request_timeout = std::chrono::seconds(5),
                       .longest_pause = std::chrono::milliseconds(300)});
    auto told = [this, wanted, &informer](const doc::Value& each) {
      names.push_back(std::string(doc::find_string(each, {"metadata", "name"})));
      has_managed_fields |= doc::find(each, {"metadata", "managedFields"}) != nullptr;
      shown.clear();
      for (const auto& [name, value] : informer.objects()) shown += name;
      if (names.size() == wanted) throw Failure(Failure::Kind::cancelled, "enough");
    };
    auto failure = cluster.failure(
        informer.run(told, [this](const Failure& each) { troubles.push_back(each.what()); }));
    EXPECT_STREQ(failure.what(), "enough");
  }
  ScriptedCluster cluster;
  std::vector<std::string> names, troubles;
  std::string shown;
  bool has_managed_fields = false;
};

using Names = std::vector<std::string>;

TEST(Informer, ListsThenWatchesFromThere) {
  Told told({{{.answer = listed({object("a", "1"), object("b", "2")}, "10")},
              {.answer = chunked_answer({event("MODIFIED", "a", "11"), event("DELETED", "b", "12"),
                                         event("ADDED", "c", "13")})}}},
            5);
  EXPECT_EQ(told.names, (Names{"a", "b", "a", "b", "c"}));
  EXPECT_EQ(told.shown, "ac");
  EXPECT_FALSE(told.has_managed_fields);
  EXPECT_TRUE(told.cluster.request(1).contains("watch=1")) << told.cluster.request(1);
  EXPECT_TRUE(told.cluster.request(1).contains("resourceVersion=10&labelSelector=a%3Db"))
      << told.cluster.request(1);
}

TEST(Informer, GoesOnFromTheLastVersionWhenAConnectionBreaks) {
  auto whole = chunked_answer(
      {event("ADDED", "b", "11"), event("BOOKMARK", "", "20"), event("ADDED", "x", "21")});
  Told told({{{.answer = listed({object("a", "1")}, "10")},
              {.answer = whole, .cut_after = whole.size() - 20}},
             {{.answer = chunked_answer({event("ADDED", "c", "22")})}}},
            3);
  EXPECT_EQ(told.names, (Names{"a", "b", "c"}));
  EXPECT_EQ(told.troubles.size(), 1u);
  EXPECT_TRUE(told.cluster.request(2).contains("resourceVersion=20&")) << told.cluster.request(2);
}

TEST(Informer, ListsAgainWhenItsVersionIsTooOldAndTellsWhatChangedMeanwhile) {
  Told told({{{.answer = listed({object("a", "1"), object("b", "2"), object("c", "3")}, "10")},
              {.answer = refusal(410, "Expired", "too old", "")},
              {.answer = listed({object("a", "1"), object("b", "30"), object("d", "31")}, "40")}}},
            6);
  EXPECT_EQ(told.names, (Names{"a", "b", "c", "b", "d", "c"})) << "a is as it was; c is gone";
  EXPECT_EQ(told.shown, "abd");
}

TEST(Informer, TellsAnOutageOnceAndNeverTakesItForAnEmptyNamespace) {
  Told told({{{.answer = listed({object("a", "1")}, "10")},
              {.answer = refusal(410, "Expired", "too old", "")},
              {.answer = refusal(403, "Forbidden", "no", "")},
              {.answer = refusal(403, "Forbidden", "no", "")},
              {.answer = listed({object("a", "50")}, "60")}}},
            2);
  EXPECT_EQ(told.names, (Names{"a", "a"}));
  EXPECT_EQ(told.troubles.size(), 1u);
}

}  // namespace
}  // namespace raykeep::kube
