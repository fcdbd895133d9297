#include "plan/agent.h"

#include <gtest/gtest.h>

#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::with;

constexpr const char* kImage = "          image: rayproject/ray:2.52.0\n";

/// The pod of the head (or of the only worker group) of a document, on the default Site.
doc::Value pod_of(const std::string& cluster, bool head = true) {
  auto parsed = spec::parse_cluster(cluster);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  Plan made =
      plan(*parsed.cluster, spec::default_site(), {.ns = "ray", .generation = "", .token = ""});
  for (const doc::Value& object : made.objects) {
    if (doc::find_string(object, {"kind"}) != (head ? "StatefulSet" : "Deployment")) continue;
    return *doc::find(object, {"spec", "template", "spec"});
  }
  return nullptr;
}

const doc::Object& container(const doc::Value& pod) {
  return doc::find_array(pod, {"containers"})->front().get_object();
}

std::string line(const doc::Value& pod, std::string_view member) {
  std::string out;
  for (const doc::Value& word : *doc::find_array(container(pod), {member})) {
    out += (out.empty() ? "" : " ") + std::string(word.get_string());
  }
  return out;
}

TEST(Agent, RunsTheUsersOwnCommandBeforeRayAsKubeRayDoes) {
  doc::Value pod =
      pod_of(with(kSmallCluster, kImage, "          command: [echo]\n          args: [hello]\n"));
  EXPECT_TRUE(line(pod, "command").starts_with("/raykeep/raykeep node --role=head "));
  EXPECT_TRUE(line(pod, "args").starts_with("/bin/bash -c --  echo  hello  && ulimit -n "));
}

TEST(Agent, RunsACommandThatStartsRayWordByWord) {
  doc::Value pod =
      pod_of(with(kSmallCluster, kImage,
                  "          command: [/bin/sh, -c, ray start --head" + spec::kPorts + "]\n"));
  EXPECT_EQ(line(pod, "args"), "/bin/sh -c ray start --head" + spec::kPorts);
}

TEST(Agent, LeavesACommandThatBlocksAlone) {
  doc::Value pod = pod_of(
      with(kSmallCluster, kImage,
           "          command: [/bin/sh, -c, ray start --head --block" + spec::kPorts + "]\n"));
  EXPECT_EQ(line(pod, "command"), "/bin/sh -c ray start --head --block" + spec::kPorts);
  EXPECT_EQ(doc::find(pod, {"initContainers"}), nullptr);
  EXPECT_EQ(doc::find_string(container(pod), {"livenessProbe", "httpGet", "path"}),
            "/api/local_raylet_healthz");
}

TEST(Agent, TakesBlockOutOfTheStartParameters) {
  doc::Value pod =
      pod_of(with(kSmallCluster, "      dashboard-host: \"0.0.0.0\"\n", "      block: \"true\"\n"));
  EXPECT_FALSE(line(pod, "args").contains("--block"));
}

TEST(Agent, ComesBeforeTheUsersInitContainersAndKeepsTheirProbes) {
  doc::Value pod =
      pod_of(with(kSmallCluster, kImage, "          livenessProbe: {tcpSocket: {port: 6379}}\n"));
  EXPECT_NE(doc::find(container(pod), {"livenessProbe", "tcpSocket"}), nullptr);
  EXPECT_EQ(doc::find_string(container(pod), {"readinessProbe", "httpGet", "path"}), "/readyz");
  doc::Value with_init = pod_of(
      spec::replaced(kSmallCluster, "        containers:\n",
                     "        initContainers: [{name: mine, image: x}]\n        containers:\n"));
  const doc::Array& init = *doc::find_array(with_init, {"initContainers"});
  EXPECT_EQ(doc::find_string(init[0], {"name"}), "raykeep-agent");
  EXPECT_EQ(doc::find_string(init[1], {"name"}), "mine");
}

TEST(Agent, DrainsForAsLongAsThePodMayTake) {
  struct Case {
    const char* given;
    std::int64_t grace;
    const char* drain;
  };
  const Case table[] = {{"", 50, "--drain=30s"},
                        {"120", 120, "--drain=100s"},
                        {"30", 30, "--drain=10s"},
                        {"10", 25, "--drain=5s"},
                        {"0", 25, "--drain=5s"}};
  for (const Case& each : table) {
    std::string text(kSmallCluster);
    if (*each.given != '\0') {
      text = spec::replaced(text, "        containers:\n",
                            std::string("        terminationGracePeriodSeconds: ") + each.given +
                                "\n        containers:\n");
    }
    doc::Value pod = pod_of(text);
    EXPECT_EQ(doc::find(pod, {"terminationGracePeriodSeconds"})->to_number<std::int64_t>(),
              each.grace);
    EXPECT_TRUE(line(pod, "command").contains(each.drain)) << line(pod, "command");
  }
}

TEST(Agent, OfAWorkerAsksTheGcsWhereTheDocumentSays) {
  doc::Value pod = pod_of(std::string(kSmallCluster), false);
  EXPECT_TRUE(line(pod, "command").contains("--role=worker"));
  EXPECT_TRUE(line(pod, "command").contains("--gcs=demo-head-svc.ray.svc.cluster.local:6379 "));
  EXPECT_FALSE(line(pod, "command").contains("--dashboard-port"));
  pod = pod_of(spec::replaced(kSmallCluster, "    rayStartParams: {}\n",
                              "    rayStartParams: {address: \"other:7000\"}\n"),
               false);
  EXPECT_TRUE(line(pod, "command").contains("--gcs=other:7000 "));
  pod = pod_of(spec::replaced(kSmallCluster, "    rayStartParams: {}\n",
                              "    rayStartParams: {address: \"$FQ_RAY_IP:6379\"}\n"),
               false);
  EXPECT_TRUE(line(pod, "command").contains("--gcs=demo-head-svc.ray.svc.cluster.local:6379 "));
}

}  // namespace
}  // namespace raykeep::plan
