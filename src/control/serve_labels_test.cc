#include "control/serve_labels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

doc::Value pod(std::string_view label, bool ready, bool going = false) {
  return *doc::parse_json(fmt::format(
      R"({{"kind":"Pod","metadata":{{"name":"p","labels":{{{}}}{}}},
           "status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"{}"}}]}}}})",
      label.empty() ? "" : fmt::format(R"("ray.io/serve":"{}")", label),
      going ? R"(,"deletionTimestamp":"2026-11-27T12:00:00Z")" : "", ready ? "True" : "False"));
}

TEST(ServeLabels, FollowWhatTheAgentSays) {
  using enum ServeAnswer;
  struct {
    std::string_view is;
    bool ready;
    ServeAnswer answer;
    std::optional<std::string_view> due;
  } cases[] = {
      {"true", false, unasked, "false"},  // it begins so
      {"false", false, unasked, std::nullopt},
      {"false", true, unasked, std::nullopt},  // nobody knows
      {"true", true, unasked, std::nullopt},
      {"false", true, serves, "true"},
      {"true", true, serves, std::nullopt},
      {"true", true, serves_not, "false"},
      {"false", true, serves_not, std::nullopt},
      {"", true, serves, std::nullopt},  // of a cluster without the Service
  };
  for (const auto& each : cases)
    EXPECT_EQ(due_serve_label(pod(each.is, each.ready), each.answer), each.due)
        << each.is << each.ready;
  EXPECT_EQ(due_serve_label(pod("true", false, true), serves_not), std::nullopt)
      << "one that goes is let be";
}

TEST(ServeLabels, AProxyThatDrainsKeepsItsPodWhileSomebodyIsConnected) {
  using enum ServeAnswer;
  const ProxyTraffic busy{0, 0, 1}, idle{};
  EXPECT_EQ(due_serve_label(pod("true", true), drains, std::chrono::seconds(3), idle),
            std::nullopt);
  EXPECT_EQ(due_serve_label(pod("true", true), drains, std::chrono::minutes(3), busy),
            std::nullopt);
  EXPECT_EQ(due_serve_label(pod("true", true), drains, patience_with_draining, idle), "false");
  EXPECT_EQ(due_serve_label(pod("false", true), drains, {}, idle), std::nullopt);
}

TEST(ServeLabels, TheAgentTellsOfTheProxysRequests) {
  EXPECT_EQ(read_proxy_traffic("ok\nrequests 12\nerrors 3\nconnections 4\n"),
            (ProxyTraffic{12, 3, 4}));
  EXPECT_EQ(read_proxy_traffic("draining"), ProxyTraffic{});
  EXPECT_EQ(read_proxy_traffic("ok\nrequests many\n"), ProxyTraffic{});
}

}  // namespace
}  // namespace raykeep::control
