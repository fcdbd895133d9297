#include "spec/serve_config.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "spec/testing.h"

namespace raykeep::spec {
namespace {

constexpr std::string_view head =
    "apiVersion: ray.io/v1\nkind: RayService\nspec:\n  serveConfigV2: |\n";
constexpr int head_lines = 4, indent = 4;

Findings findings_of(const std::string& document) {
  doc::ReadResult read = doc::read_yaml(document, "service.yaml");
  EXPECT_EQ(read.documents.size(), 1u) << lines(read.findings);
  return read.documents.empty() ? read.findings : serve_config_findings(read.documents[0]);
}

/// The configuration as a block in a document.
std::string block(const std::string& config) {
  std::string made(head);
  for (std::string_view line : split(config, '\n'))
    made += line.empty() ? "\n" : std::string(indent, ' ') + std::string(line) + '\n';
  return made;
}

struct Case {
  const char* config;
  const char* code;
  int line, column;  // inside the configuration
};

class BadServeConfig : public testing::TestWithParam<Case> {};

TEST_P(BadServeConfig, IsFoundInItsPlace) {
  const Case& each = GetParam();
  const Findings findings = findings_of(block(each.config));
  ASSERT_FALSE(findings.empty()) << each.config;
  const Finding& found = findings[0];
  EXPECT_EQ(found.code, each.code) << lines(findings);
  EXPECT_EQ(found.place.line, head_lines + each.line) << lines(findings);
  EXPECT_EQ(found.place.column, indent + each.column) << lines(findings);
  EXPECT_TRUE(found.path.starts_with("spec.serveConfigV2")) << found.path;
}

#define APP "applications:\n- import_path: a.b:c\n"
#define DEPLOYMENT APP "  deployments:\n  - name: d\n"

INSTANTIATE_TEST_SUITE_P(
    Table, BadServeConfig,
    testing::Values(
        Case{"aplications: []\n" APP, "RK2601", 1, 1}, Case{"applications: [\n", "RK1005", 2, 1},
        Case{"applications: {}\n", "RK2602", 1, 15},
        Case{"proxy_location: Everywhere\n" APP, "RK2604", 1, 17},
        Case{"proxy_location: 7\n" APP, "RK2602", 1, 17},
        Case{"http_options: {port: \"8000\"}\n" APP, "RK2602", 1, 22},
        Case{"http_options: {port: 0}\n" APP, "RK2605", 1, 22},
        Case{"http_options: {port: 70000}\n" APP, "RK2605", 1, 22},
        Case{"http_options: {prot: 8000}\n" APP, "RK2601", 1, 16},
        Case{"http_options: {host: 127.0.0.1}\n" APP, "RK2616", 1, 22},
        Case{"http_options: {keep_alive_timeout_s: -1}\n" APP, "RK2605", 1, 38},
        Case{"http_options: {ssl_certfile: /c}\n" APP, "RK2615", 1, 15},
        Case{"grpc_options: {port: 90000}\n" APP, "RK2605", 1, 22},
        Case{"grpc_options: {grpc_servicer_functions: a.b}\n" APP, "RK2602", 1, 41},
        Case{"grpc_options: {request_timeout_s: soon}\n" APP, "RK2602", 1, 35},
        Case{"logging_config: {encoding: XML}\n" APP, "RK2604", 1, 28},
        Case{"logging_config: {enable_access_log: \"no\"}\n" APP, "RK2602", 1, 37},
        Case{"target_capacity: 101\n" APP, "RK2605", 1, 18},
        Case{"target_capacity: -1\n" APP, "RK2605", 1, 18},
        Case{"applications: []\n", "RK2617", 1, 15},
        Case{"applications:\n- name: a\n", "RK2603", 2, 3},
        Case{"applications:\n- import_path: nothing\n", "RK2612", 2, 16},
        Case{"applications:\n- import_path: a:b:c\n", "RK2612", 2, 16},
        Case{"applications:\n- import_path: \":c\"\n", "RK2612", 2, 16},
        Case{"applications:\n- import_path: a.\n", "RK2612", 2, 16},
        Case{"applications:\n- import_path: 7\n", "RK2602", 2, 16},
        Case{APP "  route_prefix: app\n", "RK2611", 3, 17},
        Case{APP "  route_prefix: /app/\n", "RK2611", 3, 17},
        Case{APP "  route_prefix: \"/{id}\"\n", "RK2611", 3, 17},
        Case{APP "- import_path: d:e\n  route_prefix: /x\n", "RK2610", 3, 3},
        Case{APP "- import_path: d:e\n  name: two\n", "RK2611", 3, 3},
        Case{APP "  name: x\n- import_path: d:e\n  name: x\n  route_prefix: /y\n", "RK2610", 5, 9},
        Case{APP "  args: [1]\n", "RK2602", 3, 9},
        Case{APP "  runtime_env: {working_dir: ./code}\n", "RK2614", 3, 30},
        Case{APP "  runtime_env: {py_modules: [\"https://a/b.zip\", lib]}\n", "RK2614", 3, 49},
        Case{APP "  deployments: {}\n", "RK2602", 3, 16},
        Case{APP "  deployments:\n  - num_replicas: 2\n", "RK2603", 4, 5},
        Case{DEPLOYMENT "    num_replicas: 0\n", "RK2605", 5, 19},
        Case{DEPLOYMENT "    num_replicas: many\n", "RK2602", 5, 19},
        Case{DEPLOYMENT "    num_replicas: 2\n    autoscaling_config: {}\n", "RK2613", 5, 19},
        Case{DEPLOYMENT "    num_replica: 2\n", "RK2601", 5, 5},
        Case{DEPLOYMENT "    max_concurrent_queries: 2\n", "RK2601", 5, 5},
        Case{DEPLOYMENT "    max_ongoing_requests: 0\n", "RK2605", 5, 27},
        Case{DEPLOYMENT "    max_queued_requests: 0\n", "RK2605", 5, 26},
        Case{DEPLOYMENT "    autoscaling_config: {min_replicas: 3, max_replicas: 2}\n", "RK2613", 5,
             57},
        Case{DEPLOYMENT "    autoscaling_config: {max_replicas: 4, initial_replicas: 9}\n",
             "RK2613", 5, 61},
        Case{DEPLOYMENT "    autoscaling_config: {target_ongoing_requests: 0}\n", "RK2605", 5, 51},
        Case{DEPLOYMENT "    autoscaling_config: {min_replicas: -1}\n", "RK2605", 5, 40},
        Case{DEPLOYMENT "    ray_actor_options: {num_cpus: -0.5}\n", "RK2605", 5, 35},
        Case{DEPLOYMENT "    ray_actor_options: {num_gpus: \"1\"}\n", "RK2602", 5, 35},
        Case{DEPLOYMENT "    ray_actor_options: {num_gpu: 1}\n", "RK2601", 5, 25},
        Case{DEPLOYMENT "    ray_actor_options: {runtime_env: {working_dir: code}}\n", "RK2614", 5,
             52},
        Case{DEPLOYMENT "    graceful_shutdown_timeout_s: -1\n", "RK2605", 5, 34},
        Case{DEPLOYMENT "    health_check_period_s: 0\n", "RK2605", 5, 28},
        Case{DEPLOYMENT "    max_surge_percent: 120\n", "RK2605", 5, 24},
        Case{DEPLOYMENT "    placement_group_strategy: TOGETHER\n", "RK2604", 5, 31},
        Case{DEPLOYMENT "    max_replicas_per_node: 1\n    placement_group_bundles: [{CPU: 1}]\n",
             "RK2615", 5, 5},
        Case{DEPLOYMENT "    placement_group_bundle_label_selector: [{a: b}]\n", "RK2615", 5, 5},
        Case{DEPLOYMENT "  - name: d\n", "RK2610", 5, 11},
        Case{APP
             "  external_scaler_enabled: true\n  deployments:\n  - {name: d, num_replicas: auto}\n",
             "RK2615", 5, 5}));

TEST(ServeConfig, ThatRayTakesIsTaken) {
  for (const char* config :
       {APP,
        "proxy_location: HeadOnly\nhttp_options: {host: 0.0.0.0, port: 8000, request_timeout_s: "
        "1.5}\n"
        "grpc_options: {port: 9000, grpc_servicer_functions: [a.b.add]}\nlogging_config: "
        "{encoding: JSON, "
        "log_level: 20}\n" APP,
        DEPLOYMENT
        "    num_replicas: auto\n    autoscaling_config: {min_replicas: 0, max_replicas: 5, "
        "target_ongoing_requests: 1.5}\n    max_queued_requests: -1\n    ray_actor_options: "
        "{num_cpus: 0.1, resources: {worker: 0.1}}\n    user_config: {any: [thing]}\n",
        APP "  name: one\n- import_path: d.e\n  name: two\n  route_prefix: null\n",
        APP "  runtime_env: {working_dir: \"local:///app\", pip: [x]}\n  args: {a: 1}\n",
        DEPLOYMENT "    num_replicas: null\n"}) {
    EXPECT_EQ(findings_of(block(config)), Findings{})
        << config << lines(findings_of(block(config)));
  }
  EXPECT_EQ(findings_of("kind: RayService\nspec: {}\n"), Findings{});
}

TEST(ServeConfig, InAnotherFormIsStillReadAndSaysItsOwnPlace) {
  const Findings quoted_text = findings_of(
      "kind: RayService\nspec:\n  serveConfigV2: \"applications:\\n- import_path: nothing\\n\"\n");
  ASSERT_EQ(quoted_text.size(), 1u);
  EXPECT_EQ(quoted_text[0].place.line, 3);
  EXPECT_TRUE(quoted_text[0].what.starts_with("line 2, column 16 of it: ")) << quoted_text[0].what;
  EXPECT_EQ(codes_of(findings_of("kind: RayService\nspec: {serveConfigV2: {a: b}}\n")), "RK2600");
  EXPECT_EQ(codes_of(findings_of("kind: RayService\nspec: {serveConfigV2: \"text\"}\n")), "RK2600");
  // Empty lines in front, and a strip indicator.
  const Findings later = findings_of(
      "kind: RayService\nspec:\n  serveConfigV2: |-\n\n      applications:\n      - import_path: "
      "x\n");
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].place.line, 6);
  EXPECT_EQ(later[0].place.column, 22);
}

}  // namespace
}  // namespace raykeep::spec
