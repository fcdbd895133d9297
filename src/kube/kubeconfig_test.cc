#include "kube/kubeconfig.h"

#include <map>

#include <gtest/gtest.h>

namespace raykeep::kube {
namespace {

constexpr char small[] = R"(
apiVersion: v1
kind: Config
current-context: here
clusters:
- {name: c, cluster: {server: "https://10.0.0.1:6443/prefix", certificate-authority: ca.crt}}
contexts:
- {name: here, context: {cluster: c, user: u, namespace: team}}
- {name: there, context: {cluster: c, user: cert}}
users:
- {name: u, user: {token: t0ken}}
- {name: cert, user: {client-certificate-data: Y2VydA==, client-key: /keys/k.pem}}
)";

const std::map<std::string, std::string> files = {{"/home/me/.kube/ca.crt", "CA"},
                                                  {"/keys/k.pem", "KEY"}};

Result<std::string> read_file(const std::string& path) {
  auto found = files.find(path);
  if (found == files.end()) return error("No such file or directory");
  return found->second;
}

Result<Config> load(std::string_view text, ConfigChoice choice = {}) {
  Kubeconfig merged;
  if (auto added = add_kubeconfig(merged, text, "/home/me/.kube/config"); !added)
    return std::unexpected(added.error());
  return resolve(merged, choice, read_file);
}

TEST(Kubeconfig, GivesTheCurrentContextsClusterUserAndNamespace) {
  auto config = load(small);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->server, "https://10.0.0.1:6443/prefix");
  EXPECT_EQ(config->token.reveal(), "t0ken");
  EXPECT_EQ(config->ns, "team");
  EXPECT_EQ(config->context, "here");
  EXPECT_EQ(config->user, "u");
}

TEST(Kubeconfig, ResolvesRelativePathsAgainstTheFilesFolder) {
  EXPECT_EQ(load(small)->ca_pem, "CA");
}

TEST(Kubeconfig, DecodesDataAndReadsAbsolutePaths) {
  auto config = load(small, {.kubeconfig = "", .context = "there", .ns = "other"});
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->client_certificate_pem, "cert");
  EXPECT_EQ(config->client_key_pem.reveal(), "KEY");
  EXPECT_EQ(config->ns, "other");
}

}  // namespace
}  // namespace raykeep::kube
