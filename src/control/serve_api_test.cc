#include "control/serve_api.h"

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

using decide::ServeSays;

// As Ray 2.60 answers, shortened.
constexpr const char* answer = R"({
 "target_capacity": null,
 "proxies": {"a": {"node_ip": "10.0.0.1", "status": "HEALTHY"}, "b": {"node_ip": "10.0.0.2", "status": "STARTING"}},
 "applications": {"app": {"name": "app", "route_prefix": "/", "status": "STATUS", "message": "MESSAGE",
  "deployments": {"App": {"name": "App", "status": "HEALTHY", "message": "", "target_num_replicas": 2,
   "replicas": [{"state": "RUNNING"}, {"state": "STARTING"}]}}}}})";

ServeStatus read(const std::string& status, const std::string& message = "") {
  std::string text = answer;
  text.replace(text.find("STATUS"), 6, status);
  text.replace(text.find("MESSAGE"), 7, message);
  return read_serve_status(*doc::parse_json(text));
}

ServeSays says(const ServeStatus& status) {
  std::string text;
  return serve_says(status, text);
}

std::string words(const ServeStatus& status) {
  std::string text;
  serve_says(status, text);
  return text;
}

TEST(ServeApi, ReadsWhatServeAnswers) {
  const ServeStatus status = read("RUNNING");
  EXPECT_TRUE(status.answered);
  EXPECT_EQ(status.proxies, std::vector<std::string>{"10.0.0.1"});
  ASSERT_EQ(status.applications.size(), 1u);
  EXPECT_EQ(status.applications[0].route, "/");
  EXPECT_EQ(status.applications[0].deployments.at(0),
            (ServeDeployment{"App", "HEALTHY", "", 2, 1}));
}

TEST(ServeApi, SaysHowAllApplicationsAreTogether) {
  EXPECT_EQ(says({}), ServeSays::unasked);
  EXPECT_EQ(says(read_serve_status(*doc::parse_json("{}"))), ServeSays::nothing);
  EXPECT_EQ(says(read("RUNNING")), ServeSays::running);
  EXPECT_EQ(says(read("DEPLOYING")), ServeSays::deploying);
  EXPECT_EQ(says(read("DEPLOY_FAILED")), ServeSays::failed);
  EXPECT_EQ(says(read("UNHEALTHY")), ServeSays::failed);
  EXPECT_EQ(words(read("DEPLOYING")),
            "application app is DEPLOYING; deployment App has 1 of 2 replicas");
  EXPECT_EQ(words(read("DEPLOY_FAILED", "no module named app")),
            "application app is DEPLOY_FAILED: no module named app");
  ServeStatus away;
  away.problem = "nobody listens";
  EXPECT_EQ(words(away), "nobody listens");
}

TEST(ServeApi, AConfigurationBecomesARequest) {
  EXPECT_EQ(*serve_request("applications:\n- import_path: a:b\n", 100),
            R"({"applications":[{"import_path":"a:b"}]})");
  EXPECT_EQ(*serve_request("applications: []\n", 40),
            R"({"applications":[],"target_capacity":40})");
  EXPECT_FALSE(serve_request("[", 100));
  EXPECT_FALSE(serve_request("- a\n", 100));
}

}  // namespace
}  // namespace raykeep::control
