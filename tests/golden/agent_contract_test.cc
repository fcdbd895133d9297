// The two sides of what a plan tells the agent: every planned command line and every planned road
// to Redis, read by the agent's own readers. No cluster is needed to see that they understand each
// other.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/arguments.h"
#include "doc/document.h"
#include "node/options.h"

namespace raykeep {
namespace {

/// Every object of every golden plan.
std::vector<doc::Value> objects() {
  std::vector<doc::Value> all;
  for (const auto& entry :
       std::filesystem::directory_iterator(RAYKEEP_SOURCE_DIR "/tests/golden/cases")) {
    const std::string path = entry.path();
    if (!path.ends_with(".plan.yaml")) continue;
    for (doc::Document& document : doc::read_file(path).documents) {
      all.push_back(std::move(document.value));
    }
  }
  return all;
}

/// command and args of the container that the agent keeps; empty where there is none.
std::vector<std::string> command_line(const doc::Value& object) {
  std::vector<std::string> words;
  const doc::Array* containers =
      doc::find_array(object, {"spec", "template", "spec", "containers"});
  if (containers == nullptr) return words;
  for (std::string_view member : {"command", "args"}) {
    const doc::Array* list = doc::find_array(containers->front(), {member});
    if (list == nullptr) continue;
    for (const doc::Value& word : *list) words.emplace_back(word.get_string());
  }
  if (words.empty() || words[0] != "/raykeep/raykeep") words.clear();
  return words;
}

TEST(AgentContract, EveryPlannedCommandLineIsUnderstood) {
  int lines = 0;
  for (const doc::Value& object : objects()) {
    std::vector<std::string> words = command_line(object);
    if (words.empty()) continue;
    ++lines;
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    auto command = cli::parse_arguments(static_cast<int>(argv.size()), argv.data());
    ASSERT_TRUE(command) << command.error().text;
    const auto* node = std::get_if<cli::NodeArguments>(&*command);
    ASSERT_NE(node, nullptr);
    EXPECT_TRUE(node::parse_host_and_port(node->gcs)) << node->gcs;
    auto separator = std::ranges::find(words, "--");
    EXPECT_EQ(node->command, std::vector<std::string>(separator + 1, words.end()));
    EXPECT_FALSE(node->command.empty());
    bool head = doc::find_string(object, {"kind"}) == "StatefulSet";
    EXPECT_EQ(node->role, head ? "head" : "worker");
    EXPECT_EQ(node->dashboard_port > 0, head);
    if (!node->redis.empty()) EXPECT_TRUE(head);
  }
  EXPECT_GE(lines, 10);
}

TEST(AgentContract, EveryPlannedRoadToRedisIsUnderstood) {
  int roads = 0;
  for (const doc::Value& object : objects()) {
    std::string_view text = doc::find_string(object, {"data", "redis.json"});
    if (text.empty()) continue;
    ++roads;
    auto value = doc::parse_json(text);
    ASSERT_TRUE(value) << text;
    auto road = node::parse_road(*value);
    ASSERT_TRUE(road) << road.error().text << text;
    EXPECT_EQ(road->listen_port, 6399);
    EXPECT_EQ(road->storage_namespace, doc::find_string(*value, {"storageNamespace"}));
    EXPECT_EQ(road->upstream.tls.enabled, doc::find(*value, {"tls"}) != nullptr);
    EXPECT_EQ(road->upstream.password_file, doc::find_string(*value, {"passwordFile"}));
  }
  EXPECT_GE(roads, 5);
}

}  // namespace
}  // namespace raykeep
