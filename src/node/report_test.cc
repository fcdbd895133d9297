#include "node/report.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "node/log.h"
#include "node/testing.h"

namespace raykeep::node {
namespace {

using namespace testing;

struct Told {
  Told() : world(well(Role::head)) {
    options.role = Role::head;
    options.ray_version = "2.60.0";
    road.connected = true;
    road.lease = {.held = true, .epoch = 7};
    road.fence_mode = redis::FenceMode::script;
    road.server = "10.0.0.1:6379, Redis 7.0.15";
    counters.restarts[0] = 3;
    counters.outage_last[0] = 530ms;
  }
  Report report() {
    ready = world.ready();
    return {.version = "0.1.0",
            .options = options,
            .memory = world.memory,
            .seen = world.seen,
            .ready = ready,
            .counters = counters,
            .road = road,
            .tls = tls,
            .cost = {.cpu_seconds = 1.5, .resident_bytes = 9000000},
            .began = world.now - 60s,
            .now = world.now};
  }
  World world;
  Options options;
  redis::RoadState road;
  Counters counters;
  std::vector<TlsPortState> tls;
  Readiness ready;
};

TEST(Metrics, AndStatusTellOfTlsPorts) {
  Told told;
  EXPECT_FALSE(metrics(told.report()).contains("raykeep_node_tls_"));
  EXPECT_FALSE(status(told.report()).get_object().contains("tls"));
  told.tls.push_back({.port = {.port = 52380, .plain = 8265},
                      .full = 2,
                      .open = 3,
                      .certificate = net::CertificateFacts{
                          .subject = "CN=head",
                          .issuer = "CN=raykeep",
                          .not_before = {},
                          .not_after = std::chrono::system_clock::from_time_t(1'740'830'400),
                          .names = {}}});
  auto text = metrics(told.report());
  EXPECT_TRUE(text.contains("raykeep_node_tls_connections{port=\"52380\"} 3\n")) << text;
  EXPECT_TRUE(text.contains("raykeep_node_tls_full_total{port=\"52380\"} 2\n")) << text;
  EXPECT_TRUE(text.contains(
      "raykeep_node_tls_certificate_ends_timestamp_seconds{port=\"52380\"} 1740830400\n"))
      << text;
  auto told_status = doc::write_json(status(told.report()));
  EXPECT_TRUE(told_status.contains(R"("certificateEnds":"2025-03-01 12:00 UTC")")) << told_status;
}

TEST(Metrics, AreWhatPrometheusReads) {
  Told told;
  told.tls.push_back({.port = {.port = 52380, .plain = 8265}});
  auto text = metrics(told.report());
  ASSERT_TRUE(text.ends_with('\n'));
  std::set<std::string> helped, typed, samples;
  for (auto line : split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    auto words = split(line, ' ');
    if (line.starts_with("# HELP ")) {
      EXPECT_TRUE(helped.insert(std::string(words[2])).second) << line;
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(typed.insert(std::string(words[2])).second) << line;
      bool total = words[2].ends_with("_total");
      EXPECT_EQ(words[3] == "counter", total) << line;
    } else {
      EXPECT_TRUE(samples.insert(std::string(line.substr(0, line.rfind(' ')))).second) << line;
      auto name = std::string(line.substr(0, line.find_first_of("{ ")));
      EXPECT_TRUE(helped.contains(name) && typed.contains(name)) << line;
      EXPECT_TRUE(name.starts_with("raykeep_node_") || name.starts_with("process_")) << line;
      EXPECT_NO_THROW(std::stod(std::string(line.substr(line.rfind(' ') + 1)))) << line;
    }
  }
  for (auto sample : {"raykeep_node_ready", "raykeep_node_lease_epoch",
                      "raykeep_node_process_restarts_total{process=\"gcs_server\"}",
                      "raykeep_node_info{version=\"0.1.0\",role=\"head\",ray_version=\"2.60.0\"}"})
    EXPECT_TRUE(samples.contains(sample)) << sample;
  EXPECT_TRUE(
      text.contains("raykeep_node_process_last_outage_seconds{process=\"gcs_server\"} 0.53\n"));
  EXPECT_TRUE(text.contains("raykeep_node_phase{phase=\"running\"} 1\n"));
}

TEST(Metrics, TellOfTheStorageOnlyWhereThereIsARoad) {
  Told told;
  auto report = told.report();
  report.road.reset();
  EXPECT_FALSE(metrics(report).contains("storage_connected"));
}

TEST(Status, SaysHowTheNodeIsAndHowItsStoreIsFenced) {
  Told told;
  told.road.away_since = told.world.now - 3s;
  told.road.last_error = "refused";
  told.road.needs_mending = true;
  told.road.concerns = {{.name = "EvictsKeys", .what = "it drops keys", .remedy = "do not"}};
  auto got = status(told.report());
  EXPECT_EQ(doc::find_string(got, {"phase"}), "running");
  EXPECT_EQ(doc::find_string(got, {"redis", "fence"}), "script");
  EXPECT_EQ(doc::find_string(got, {"redis", "lastError"}), "refused");
  EXPECT_EQ(doc::write_json(*doc::find(got, {"redis", "needsMending"})), "true");
  EXPECT_EQ(doc::write_json(*doc::find(got, {"redis", "concerns"})),
            R"([{"name":"EvictsKeys","what":"it drops keys","remedy":"do not"}])");
  EXPECT_EQ(doc::write_json(*doc::find(got, {"redis", "awaySeconds"})), "3");
  EXPECT_EQ(doc::write_json(*doc::find(got, {"processes", "gcs_server"})),
            R"({"up":true,"good":true,"restarts":3,"hangs":0,"lastOutageSeconds":0.53})");
}

TEST(Log, IsOneJsonObjectALine) {
  auto line = log_line("2026-01-02T03:04:05.678Z", Level::warning, "clear",
                       {{"reason", "a\nb\"c"}, {"pid", 7}});
  EXPECT_EQ(line,
            "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warning\",\"component\":\"node\","
            "\"event\":\"clear\",\"reason\":\"a\\nb\\\"c\",\"pid\":7}\n");
}

}  // namespace
}  // namespace raykeep::node
