// Credentials as the server sees them: over TLS, for nothing is sent in the clear.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "kube/credentials.h"
#include "kube/exec_plugin.h"
#include "kube/scripted_cluster.h"
#include "net/test_certificates.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;
using FailureKind = Failure::Kind;

const KeyAndCertificate& server_certificate() {
  static const auto made = make_certificate({.names = {"IP:127.0.0.1"}});
  return made;
}

struct SecureCluster : ScriptedCluster {
  SecureCluster(std::deque<Dialogue> dialogues, Config config)
      : ScriptedCluster(std::move(dialogues), with_ca(std::move(config)),
                        {server_certificate().certificate_pem, server_certificate().key_pem}) {}
  static Config with_ca(Config config) {
    config.ca_pem = server_certificate().certificate_pem;
    return config;
  }
  doc::Value ask() { return run(client.get("/version", soon())); }
  Failure refused() { return failure(client.get("/version", soon())); }
};

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "raykeep-credentials-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path_ + "/" + name) << text;
    std::filesystem::permissions(path_ + "/" + name, std::filesystem::perms::owner_all);
    return path_ + "/" + name;
  }
  std::string read(const std::string& name) {
    std::ifstream in(path_ + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A plugin that is a shell script; `body` is what it does.
Config with_plugin(Folder& folder, const std::string& body, ExecPlugin plugin = {}) {
  Config config;
  plugin.api_version = "client.authentication.k8s.io/v1";
  plugin.command = folder.write("plugin", "#!/bin/sh\n" + body + "\n");
  plugin.install_hint = "get it from the shelf";
  plugin.interactive_mode = "Never";
  config.exec = plugin;
  return config;
}

std::string prints(const std::string& status) {
  return R"(echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" +
         status + "}'";
}

/// Config with an empty token, which ScriptedCluster would otherwise fill in.
struct PluginCluster : ScriptedCluster {
  PluginCluster(std::deque<Dialogue> dialogues, Config config)
      : ScriptedCluster({}, {}),
        secure(loop.get_executor(), std::move(dialogues),
               {server_certificate().certificate_pem, server_certificate().key_pem}),
        plugged(loop.get_executor(), pointed(std::move(config)), clock) {}
  Config pointed(Config config) {
    config.server = secure.url();
    config.ca_pem = server_certificate().certificate_pem;
    config.context = "test";
    return config;
  }
  void ask() { run(plugged.get("/version", soon())); }
  Failure refused() { return failure(plugged.get("/version", soon())); }
  ScriptedServer secure;
  Client plugged;
};

const std::string good = http_answer(200, "{}");
const std::string unauthorized = refusal(401, "Unauthorized", "Unauthorized", "");

TEST(Credentials, SendsTheToken) {
  SecureCluster cluster({{{.answer = good}}}, {});
  cluster.ask();
  EXPECT_TRUE(cluster.request(0).contains("Authorization: Bearer t0ken\r\n")) << cluster.request(0);
}

TEST(Credentials, Impersonates) {
  Config config;
  config.impersonate = "jane";
  config.impersonate_groups = {"g1", "g2"};
  SecureCluster cluster({{{.answer = good}}}, config);
  cluster.ask();
  EXPECT_TRUE(cluster.request(0).contains(
      "Impersonate-User: jane\r\nImpersonate-Group: g1\r\nImpersonate-Group: g2\r\n"));
}

TEST(Credentials, ReadsATokenFileAgainWhenTheServerRefusesTheToken) {
  Folder folder;
  Config config;
  config.token_file = folder.write("token", "old\n");
  SecureCluster cluster({{{.answer = good}, {.answer = unauthorized}, {.answer = good}}}, config);
  cluster.ask();
  folder.write("token", "new\n");
  cluster.ask();
  EXPECT_TRUE(cluster.request(1).contains("Bearer old\r\n")) << cluster.request(1);
  EXPECT_TRUE(cluster.request(2).contains("Bearer new\r\n")) << cluster.request(2);
}

TEST(Credentials, ARefusedTokenIsNotTriedTwice) {
  SecureCluster cluster({{{.answer = unauthorized}, {.answer = good}}}, {});
  auto failure = cluster.refused();
  EXPECT_EQ(failure.kind(), FailureKind::denied);
  EXPECT_FALSE(std::string(failure.what()).contains("t0ken"));
  EXPECT_EQ(cluster.server.requests().size(), 1u);
}

TEST(ExecPlugin, GivesATokenWhichIsKept) {
  Folder folder;
  auto config = with_plugin(
      folder, "echo run >> " + folder.path() + "/count; " + prints(R"({"token":"fr0m-plugin"})"));
  PluginCluster cluster({{{.answer = good}, {.answer = good}}}, config);
  cluster.ask();
  cluster.ask();
  EXPECT_TRUE(cluster.secure.requests()[1].contains("Bearer fr0m-plugin\r\n"));
  EXPECT_EQ(folder.read("count"), "run\n");
}

TEST(ExecPlugin, RunsAgainWhenItsTokenExpired) {
  Folder folder;
  auto config = with_plugin(
      folder, "echo run >> " + folder.path() + "/count; " +
                  prints(R"({"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"})"));
  PluginCluster cluster({{{.answer = good}, {.answer = good}}}, config);
  cluster.ask();
  cluster.ask();
  EXPECT_EQ(folder.read("count"), "run\nrun\n");
}

TEST(ExecPlugin, RunsOnceMoreAfterA401) {
  Folder folder;
  auto config =
      with_plugin(folder, "echo run >> " + folder.path() + "/count; " + prints(R"({"token":"t"})"));
  PluginCluster cluster({{{.answer = unauthorized}, {.answer = unauthorized}, {.answer = good}}},
                        config);
  EXPECT_EQ(cluster.refused().kind(), FailureKind::denied);
  EXPECT_EQ(folder.read("count"), "run\nrun\n");
}

TEST(ExecPlugin, GetsItsArgumentsEnvironmentAndTheClustersInfo) {
  Folder folder;
  ExecPlugin plugin;
  plugin.args = {"a b", "$HOME"};
  plugin.env = {{"GREETING", "hello"}};
  plugin.provide_cluster_info = true;
  plugin.cluster_config = R"({"audience":"x"})";
  auto config = with_plugin(folder,
                            R"(printf '%s|' "$1" "$2" "$GREETING" "$KUBERNETES_EXEC_INFO" > )" +
                                folder.path() + "/got; " + prints(R"({"token":"t"})"),
                            plugin);
  PluginCluster cluster({{{.answer = good}}}, config);
  cluster.ask();
  auto got = folder.read("got");
  EXPECT_TRUE(got.starts_with("a b|$HOME|hello|{\"kind\":\"ExecCredential\"")) << got;
  EXPECT_TRUE(got.contains("\"server\":\"https://127.0.0.1:")) << got;
  EXPECT_TRUE(got.contains("\"config\":{\"audience\":\"x\"}")) << got;
}

TEST(ExecPlugin, SaysWhatWentWrongAndHowToInstallIt) {
  const std::pair<std::string, std::string> cases[] = {
      {"exit 3", "it ended with exit code 3"},
      {"kill -9 $$", "it was ended by signal 9"},
      {"echo s3cret", "it did not print JSON"},
      {"yes", "it prints without end"},
      {prints("{}"), "it printed neither token nor certificate"},
      {prints(R"({"clientKeyData":"k"})"), "a key without certificate"},
      {"echo "
       "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}'",
       "it printed version"},
  };
  for (const auto& [body, part] : cases) {
    Folder folder;
    PluginCluster cluster({}, with_plugin(folder, body));
    auto failure = cluster.refused();
    std::string text = failure.what();
    EXPECT_EQ(failure.kind(), FailureKind::denied) << text;
    EXPECT_TRUE(text.contains(part)) << text;
    EXPECT_TRUE(text.contains("get it from the shelf")) << text;
    EXPECT_TRUE(text.starts_with("get /version: credential plugin ")) << text;
    EXPECT_FALSE(text.contains("s3cret")) << text;
  }
}

TEST(ExecPlugin, SaysThatItIsNotInstalled) {
  Config config;
  config.exec =
      ExecPlugin{.api_version = "client.authentication.k8s.io/v1", .command = "no-such-plugin"};
  PluginCluster cluster({}, config);
  EXPECT_TRUE(
      std::string(cluster.refused().what()).contains("it is not installed, or not in PATH"));
}

TEST(ExecPlugin, IsEndedAtTheDeadline) {
  Folder folder;
  PluginCluster cluster({}, with_plugin(folder, "exec sleep 100"));
  auto failure = cluster.failure(cluster.plugged.get("/version", near(cluster.clock)));
  EXPECT_TRUE(std::string(failure.what()).contains("it did not finish in time")) << failure.what();
}

TEST(ExecPlugin, TheTimeOfALoginIsNotTheRequestsAndOneLoginServesAllWhoWait) {
  Folder folder;
  auto config = with_plugin(
      folder, "echo run >> " + folder.path() + "/count; sleep 0.3; " + prints(R"({"token":"t"})"));
  boost::asio::io_context loop;
  SteadyClock clock;
  Credentials credentials(loop.get_executor(), config, clock);
  const Deadline from = Deadline::after(clock, std::chrono::seconds(60));
  std::vector<Deadline> until(3, from);
  for (Deadline& each : until) {
    boost::asio::co_spawn(
        loop, [&]() -> boost::asio::awaitable<void> { co_await credentials.current(each); },
        [](std::exception_ptr problem) { EXPECT_FALSE(problem); });
  }
  loop.run();
  for (const Deadline& each : until) EXPECT_GE(each.at - from.at, std::chrono::milliseconds(300));
  EXPECT_EQ(folder.read("count"), "run\n");
}

TEST(ExecPlugin, ReadsTimes) {
  auto noon = parse_time("2025-03-01T12:00:00Z");
  ASSERT_TRUE(noon);
  EXPECT_EQ(std::chrono::system_clock::to_time_t(*noon), 1'740'830'400);
  EXPECT_EQ(parse_time("2025-03-01T13:00:00+01:00"), noon);
  EXPECT_EQ(parse_time("2025-03-01T12:00:00.123Z"), noon);
  for (auto bad :
       {"", "2025-03-01", "2025-03-01T12:00:00", "2025-13-01T12:00:00Z", "2025-03-01T12:00:00+1"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

}  // namespace
}  // namespace raykeep::kube
