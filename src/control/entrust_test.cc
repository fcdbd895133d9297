#include "control/entrust.h"

#include <gtest/gtest.h>

#include "control/status_report.h"
#include "control/testing.h"
#include "kube/scripted_cluster.h"

namespace raykeep::control {
namespace {

using namespace net::testing;
using decide::Condition;
using Status = decide::Condition::Status;

/// The owner with a document, and what a controller wrote of it, or of `another` one.
std::string owner(std::vector<Condition> conditions, bool another = false) {
  doc::Value made = testing::objects(
      "kind: ConfigMap\nmetadata: {name: raykeep-raycluster-demo}\ndata: {document.yaml: new}\n")
      [0];
  std::string of = another ? "of an earlier one" : stored_fingerprint(made);
  made.as_object()["data"].as_object()["status.json"] =
      status_text(conditions, of, "", *parse_time("2026-01-01T00:00:00Z"));
  return http_answer(200, doc::write_json(made));
}

const Condition accepted{"Accepted", Status::yes, "Usable", ""};
const Condition applied{"Applied", Status::yes, "AsPlanned", ""};
const Condition applying{"Applied", Status::no, "Applying", ""};

struct Wait {
  explicit Wait(std::vector<std::string> answers) {
    Dialogue dialogue;
    for (std::string& answer : answers) dialogue.push_back({.answer = std::move(answer)});
    kube::ScriptedCluster cluster({std::move(dialogue)});
    Access access{cluster.client, cluster.clock};
    plan::Plan plan;
    plan.ns = "ray";
    plan.cluster = "demo";
    const Report report = [this](const Progress& progress) {
      if (auto* each = std::get_if<Trouble>(&progress)) told += to_string(each->diagnosis);
      if (auto* each = std::get_if<Note>(&progress)) told += each->text;
    };
    good = cluster.run(wait_for_controller(access, plan, cluster.soon(), report));
    asked = cluster.server.requests().size();
  }
  bool good = false;
  std::string told;
  std::size_t asked = 0;
};

TEST(Entrust, WaitsForWordOnThisDocumentNotOnAnEarlierOne) {
  Wait wait(
      {owner({accepted, applied}, true), owner({accepted, applying}), owner({accepted, applied})});
  EXPECT_TRUE(wait.good) << wait.told;
  EXPECT_EQ(wait.asked, 3u);
}

TEST(Entrust, EndsAtOnceWhereThePolicyRefuses) {
  Wait wait({owner({{"Accepted", Status::no, "PolicyRefused", "image \"x\" begins with none"},
                    {"Applied", Status::unknown, "NotAccepted", ""}})});
  EXPECT_FALSE(wait.good);
  EXPECT_TRUE(wait.told.contains("image \"x\" begins with none")) << wait.told;
  EXPECT_TRUE(wait.told.contains("who installed the controller")) << wait.told;
}

TEST(Entrust, OutlivesAnApiServerThatIsAway) {
  Wait wait({http_answer(503, "away"), owner({accepted, applied})});
  EXPECT_TRUE(wait.good) << wait.told;
}

}  // namespace
}  // namespace raykeep::control
