#include "control/controller_page.h"

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

TEST(ControllerPage, IsReadyWhenEverythingWasListedWhoeverLeads) {
  EXPECT_EQ(controller_page("/readyz", {}).status, 503);
  EXPECT_EQ(controller_page("/readyz", {.listed = true}).body, "nobody leads\n");
  EXPECT_EQ(controller_page("/readyz", {.listed = true, .leader = "c-1"}).body, "c-1 leads\n");
  EXPECT_EQ(controller_page("/readyz", {.listed = true, .leads = true}).body, "leads\n");
}

TEST(ControllerPage, IsAliveWhileItsWorkGoesRound) {
  EXPECT_EQ(controller_page("/livez", {}).status, 200);
  EXPECT_EQ(controller_page("/livez", {.turns = false}).status, 503);
  EXPECT_EQ(controller_page("/", {}).status, 404);
}

TEST(ControllerPage, CountsForPrometheus) {
  std::string text = controller_page("/metrics", {.leads = true,
                                                  .looks = 7,
                                                  .actions = {{"force-delete", 1}},
                                                  .conditions = {{"demo", {{"Ready", 1}}}}})
                         .body;
  for (const char* line : {"raykeep_controller_leads 1\n", "raykeep_controller_looks_total 7\n",
                           "raykeep_controller_actions_total{action=\"force-delete\"} 1\n",
                           "raykeep_controller_clusters 1\n",
                           "raykeep_controller_condition{cluster=\"demo\",type=\"Ready\"} 1\n"})
    EXPECT_TRUE(text.contains(line)) << line << text;
}

}  // namespace
}  // namespace raykeep::control
