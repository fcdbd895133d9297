#include "kube/config.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace raykeep::kube {
namespace {

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "raykeep-config-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) {
    auto path = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string kubeconfig(const std::string& server) {
  return "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, "
         "cluster: {server: '" +
         server + "'}}]\n";
}

TEST(LoadConfig, LooksWhereKubectlLooks) {
  Folder folder;
  auto given = folder.write("given", kubeconfig("https://given"));
  auto listed = folder.write("listed", kubeconfig("https://listed"));
  folder.write(".kube/config", kubeconfig("https://home"));
  Environment environment;
  environment.home = folder.path();
  EXPECT_EQ(load_config({}, environment)->server, "https://home");
  environment.kubeconfig = folder.path() + "/missing:" + listed + ":" + given;
  EXPECT_EQ(load_config({}, environment)->server, "https://listed");
  EXPECT_EQ(load_config({.kubeconfig = given, .context = "", .ns = ""}, environment)->server,
            "https://given");
}

TEST(LoadConfig, AGivenFileMustBeThere) {
  auto config = load_config({.kubeconfig = "/does/not/exist", .context = "", .ns = ""}, {});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text, "/does/not/exist: No such file or directory");
}

TEST(LoadConfig, SaysWhereItLookedInVain) {
  Environment environment;
  environment.home = "/nowhere";
  auto config = load_config({}, environment);
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().text.contains("/nowhere/.kube/config")) << config.error().text;
}

TEST(LoadConfig, ReadsWhatAPodIsGiven) {
  Folder folder;
  folder.write("ca.crt", "CA");
  folder.write("token", "t\n");
  folder.write("namespace", "team\n");
  Environment environment;
  environment.service_host = "fd00::1";
  environment.service_port = "443";
  environment.account_folder = folder.path();
  auto config = load_config({}, environment);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->server, "https://[fd00::1]:443");
  EXPECT_EQ(config->ca_pem, "CA");
  EXPECT_EQ(config->token_file, folder.path() + "/token");
  EXPECT_EQ(config->ns, "team");
  EXPECT_EQ(config->context, "in-cluster");
}

TEST(LoadConfig, SaysThatAPodHasNoServiceAccount) {
  Environment environment;
  environment.service_host = "10.0.0.1";
  environment.service_port = "443";
  environment.account_folder = "/does/not/exist";
  auto config = load_config({}, environment);
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().text.contains("automountServiceAccountToken")) << config.error().text;
}

TEST(LoadConfig, TakesAProxyFromTheEnvironmentUnlessTheKubeconfigHasOne) {
  Folder folder;
  auto file = folder.write("config", kubeconfig("https://api.example"));
  Environment environment;
  environment.https_proxy = "proxy:3128";
  environment.kubeconfig = file;
  EXPECT_EQ(load_config({}, environment)->proxy_url, "http://proxy:3128");
  environment.no_proxy = "example";
  EXPECT_EQ(load_config({}, environment)->proxy_url, "");
}

TEST(LoadConfig, UpperCaseComesFirstAsInGo) {
  setenv("https_proxy", "lower:1", 1);
  EXPECT_EQ(process_environment().https_proxy, "lower:1");
  setenv("HTTPS_PROXY", "upper:1", 1);
  EXPECT_EQ(process_environment().https_proxy, "upper:1");
  unsetenv("https_proxy");
  unsetenv("HTTPS_PROXY");
}

TEST(LoadConfig, RefusesAFileWithoutEnd) {
  auto config = load_config({.kubeconfig = "/dev/zero", .context = "", .ns = ""}, {});
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().text.contains("too large")) << config.error().text;
}

}  // namespace
}  // namespace raykeep::kube
