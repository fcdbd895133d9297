#include "control/status_report.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/testing.h"

namespace raykeep::control {
namespace {

using decide::Condition;
using Status = decide::Condition::Status;

WallTime at(std::string_view time) { return *parse_time(time); }

doc::Value owner(const std::string& status) {
  return doc::Object{{"data", doc::Object{{"status.json", status}}}};
}

TEST(StatusReport, KeepsTheTimeOfAConditionThatLasts) {
  std::string first = status_text({{"Ready", Status::no, "Starting", "not yet"}}, "d1", "",
                                  at("2026-01-01T00:00:00Z"));
  std::string same = status_text({{"Ready", Status::no, "Starting", "not yet"}}, "d1", first,
                                 at("2026-01-01T00:05:00Z"));
  EXPECT_EQ(first, same) << "what says nothing new is not written again";
  std::string other_words = status_text({{"Ready", Status::no, "Troubled", "an image"}}, "d1",
                                        first, at("2026-01-01T00:05:00Z"));
  EXPECT_TRUE(other_words.contains("2026-01-01T00:00:00Z"));
  std::string turned =
      status_text({{"Ready", Status::yes, "Ready", ""}}, "d1", first, at("2026-01-01T00:05:00Z"));
  EXPECT_TRUE(turned.contains("2026-01-01T00:05:00Z"));
}

TEST(StatusReport, IsReadAsItWasWritten) {
  std::string text = status_text({{"Ready", Status::yes, "Ready", "all"},
                                  {"FailoverReady", Status::unknown, "StoreNotAsked", "wait"}},
                                 "d1", "not JSON", at("2026-01-01T00:00:00Z"));
  StoredStatus read = stored_status(owner(text));
  EXPECT_EQ(read.fingerprint, "d1");
  EXPECT_EQ(read.conditions,
            (std::vector<StoredCondition>{{"Ready", "True", "Ready", "all"},
                                          {"FailoverReady", "Unknown", "StoreNotAsked", "wait"}}));
  EXPECT_EQ(read.find("Ready")->reason, "Ready");
  EXPECT_EQ(read.find("Applied"), nullptr);
  EXPECT_TRUE(stored_status(owner("")).conditions.empty());
  EXPECT_TRUE(stored_status(owner("{\"conditions\": 7}")).conditions.empty());
}

TEST(StatusReport, TellsOneDocumentFromTheNext) {
  auto with = [](const char* data) {
    return testing::objects(fmt::format("kind: ConfigMap\ndata: {}\n", data))[0];
  };
  std::string one = stored_fingerprint(with("{document.yaml: a}"));
  EXPECT_EQ(stored_fingerprint(with("{document.yaml: a, status.json: x}")), one);
  EXPECT_NE(stored_fingerprint(with("{document.yaml: b}")), one);
  EXPECT_NE(stored_fingerprint(with("{document.yaml: a, site.yaml: s}")), one);
}

TEST(StatusReport, AnEventIsAboutItsObjectAndFitsIntoKubernetesLimits) {
  auto pod = testing::objects(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: demo-head-0, namespace: ray, uid: u1}\n")[0];
  doc::Value made = event_object({true, "Pod demo-head-0", "HeadLost", std::string(5000, 'x')}, pod,
                                 "controller-0", at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(doc::find_string(made, {"involvedObject", "uid"}), "u1");
  EXPECT_EQ(doc::find_string(made, {"metadata", "namespace"}), "ray");
  EXPECT_EQ(doc::find_string(made, {"type"}), "Warning");
  EXPECT_LE(doc::find_string(made, {"message"}).size(), 1024);
  EXPECT_EQ(doc::find_string(made, {"firstTimestamp"}), "2026-01-01T00:00:00Z");
}

}  // namespace
}  // namespace raykeep::control
