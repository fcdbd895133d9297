#include "report/flow_rows.h"

#include <gtest/gtest.h>

#include "report/testing.h"

namespace raykeep::report {
namespace {

doc::Array rows_of(const Input& input) {
  Permits permits(input.objects());
  return flow_rows(input, permits);
}

/// The row that holds the flow.
const doc::Value& row_with(const doc::Array& rows, std::string_view id) {
  for (const doc::Value& row : rows) {
    for (const doc::Value& flow : row.at("flows").as_array()) {
      if (doc::find_string(flow, {"id"}) == id) return row;
    }
  }
  throw std::logic_error("no row with " + std::string(id));
}

TEST(FlowRows, HoldEachFlowOnceAndTellAlikeOnesTogether) {
  Sample sample(kTwoGroups, kBankSite);
  doc::Array rows = rows_of(sample.input());
  std::size_t flows = 0;
  for (const doc::Value& row : rows) flows += row.at("flows").as_array().size();
  EXPECT_EQ(flows, sample.plan.flows.size());
  const doc::Value& gcs = row_with(rows, "worker(cpu)->head gcs-server");
  EXPECT_EQ(gcs.at("from"),
            (doc::Object{{"role", "worker"}, {"groups", doc::Array{"cpu", "gpu"}}}));
  EXPECT_EQ(gcs.at("count"), 2);
  // The groups pin different ports for this one.
  const doc::Value& objects = row_with(rows, "worker(cpu)->worker(gpu) object-manager");
  EXPECT_EQ(objects.at("ports"), "9076");
  EXPECT_EQ(objects.at("to").at("groups"), (doc::Array{"gpu"}));
}

TEST(FlowRows, BeginWithTheOutsideAndAreNumbered) {
  doc::Array rows = rows_of(Sample(kTwoGroups, kBankSite).input());
  std::string order;
  for (const doc::Value& row : rows) {
    std::string_view direction = doc::find_string(row, {"direction"});
    if (!order.ends_with(direction)) order += (order.empty() ? "" : " ") + std::string(direction);
  }
  EXPECT_EQ(order, "inward inside outward");
  EXPECT_EQ(rows.front().at("number"), 1);
  EXPECT_EQ(rows.back().at("number"), static_cast<std::int64_t>(rows.size()));
}

TEST(FlowRows, SayWhoTheOutsideIsAndThatItsSideIsNotOurs) {
  Sample sample(kTwoGroups, kBankSite);
  doc::Array rows = rows_of(sample.input());
  const doc::Value& row = row_with(rows, "submitter->head dashboard");
  EXPECT_EQ(row.at("peers"),
            (doc::Array{"ci: pods app=ci in this namespace", "admins: 10.9.0.0/24"}));
  EXPECT_TRUE(row.at("flows").at(0).at("from").is_null());
  EXPECT_EQ(row.at("flows").at(0).at("to").as_array().size(), 1u);
  EXPECT_EQ(row.at("permitted"), true);
  EXPECT_EQ(row.at("encrypted"), "no");
  const doc::Value& egress = row_with(rows, "head->outside(models) egress");
  EXPECT_EQ(egress.at("encrypted"), "application");
  EXPECT_EQ(egress.at("to").at("name"), "models");
}

TEST(FlowRows, TellHowEachFlowWasTested) {
  Sample sample(kTwoGroups, kBankSite);
  Input input = sample.input();
  input.verified.emplace();
  input.verified->flows = {
      {"worker(cpu)->head gcs-server",
       {.result = "open", .how = "connected", .note = "", .good = true}},
      {"worker(gpu)->head gcs-server", {.result = "dropped", .how = "", .note = "", .good = false}},
      {"worker(cpu)->head dashboard",
       {.result = "untested", .how = "", .note = "", .good = false}}};
  doc::Array rows = rows_of(input);
  const doc::Value& gcs = row_with(rows, "worker(cpu)->head gcs-server");
  EXPECT_EQ(gcs.at("tested"), 2);
  EXPECT_EQ(gcs.at("good"), 1);
  EXPECT_EQ(gcs.at("flows").at(0).at("tested"),
            (doc::Object{{"result", "open"}, {"good", true}, {"how", "connected"}}));
  EXPECT_EQ(row_with(rows, "worker(cpu)->head dashboard").at("tested"), 0);
}

}  // namespace
}  // namespace raykeep::report
