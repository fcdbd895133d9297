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

TEST(Kubeconfig, TakesTheFirstFilesEntryWhole) {
  Kubeconfig merged;
  ASSERT_TRUE(add_kubeconfig(merged, R"(
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
users: [{name: u, user: {tokenFile: t}}]
)",
                             "/a/one"));
  ASSERT_TRUE(add_kubeconfig(merged, R"(
current-context: other
contexts: [{name: here, context: {cluster: x, namespace: n}}, {name: other, context: {cluster: c}}]
clusters: [{name: c, cluster: {server: "https://two"}}]
users: [{name: u, user: {token: second}}]
)",
                             "/b/two"));
  auto config = resolve(merged, {}, read_file);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->context, "here");
  EXPECT_EQ(config->server, "https://two");
  EXPECT_EQ(config->ns, "default");  // not the second file's
  EXPECT_TRUE(config->token.empty());
  EXPECT_EQ(config->token_file, "/a/t");
  EXPECT_EQ(config->origin, "/a/one:/b/two");
}

TEST(Kubeconfig, ReadsACredentialPlugin) {
  auto config = load(R"(
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters:
- name: c
  cluster:
    server: https://h
    extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/login
      args: [--a, b]
      env: [{name: K, value: v}]
      installHint: install it
      provideClusterInfo: true
      interactiveMode: Never
)");
  ASSERT_TRUE(config) << config.error().text;
  ASSERT_TRUE(config->exec);
  EXPECT_EQ(config->exec->command, "/home/me/.kube/./bin/login");
  EXPECT_EQ(config->exec->args, (std::vector<std::string>{"--a", "b"}));
  EXPECT_EQ(config->exec->env, (std::vector<std::pair<std::string, std::string>>{{"K", "v"}}));
  EXPECT_EQ(config->exec->interactive_mode, "Never");
  EXPECT_EQ(config->exec->cluster_config, R"({"audience":"a"})");
}

/// A kubeconfig whose cluster, user and context are the given text.
std::string with(const std::string& cluster, const std::string& user,
                 const std::string& context = "{cluster: c, user: u}") {
  return "current-context: x\ncontexts: [{name: x, context: " + context +
         "}]\nclusters: [{name: c, cluster: " + cluster + "}]\nusers: [{name: u, user: " + user +
         "}]\n";
}

TEST(Kubeconfig, AServerWithoutASchemeHasTlsWhenAnythingOfItIsSaid) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"{server: 'h:6443'}", "{}", "http://h:6443"},
      {"{server: 'h:6443', certificate-authority: ca.crt}", "{}", "https://h:6443"},
      {"{server: 'h:6443', insecure-skip-tls-verify: true}", "{}", "https://h:6443"},
      {"{server: 'h:6443'}", "{client-certificate: ca.crt, client-key: ca.crt}", "https://h:6443"},
  };
  for (const auto& [cluster, user, server] : cases) {
    auto config = load(with(cluster, user));
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(config->server, server);
  }
}

TEST(Kubeconfig, SaysWhatIsWrongAndWhere) {
  const std::string ok = "{server: https://h}";
  const std::pair<std::string, std::string> cases[] = {
      {"", "no current-context is set"},
      {"[]", "not a kubeconfig"},
      {"kind: Pod", "not a kubeconfig: its kind is \"Pod\""},
      {"a: 1\na: 2", "/home/me/.kube/config:2:1"},
      {"clusters: {}", "clusters is not a list"},
      {"clusters: [3]", "/home/me/.kube/config:1:12: this entry of clusters is not a map"},
      {"---\na: 1\n---\nb: 2\n", "more than one YAML document"},
      {"current-context: prod\ncontexts: [{name: prud, context: {}}]",
       "there is no context \"prod\"; did you mean \"prud\"?"},
      {"current-context: prod", "there is no context \"prod\"; it has no context at all"},
      {with(ok, "{}", "{user: u}"), "context \"x\" names no cluster"},
      {with(ok, "{}", "{cluster: d, user: u}"), "there is no cluster \"d\""},
      {with(ok, "{}", "{cluster: c, user: v}"), "there is no user \"v\""},
      {with("{}", "{}"), "cluster \"c\" has no server"},
      {with("{server: 'https://h:x'}", "{}"), "server of cluster \"c\": not a URL"},
      {with("{server: https://h, proxy-url: 'http://'}", "{}"),
       "proxy-url of cluster \"c\": not a URL"},
      {with("{server: https://h, certificate-authority-data: '***'}", "{}"),
       "certificate-authority-data of cluster \"c\" is not base64"},
      {with("{server: https://h, certificate-authority: no.crt}", "{}"),
       "/home/me/.kube/no.crt: No such file or directory"},
      {with("{server: https://h, certificate-authority: ca.crt, insecure-skip-tls-verify: true}",
            "{}"),
       "remove one"},
      {with(ok, "{client-certificate: ca.crt}"), "has a client-certificate, but no client-key"},
      {with(ok, "{auth-provider: {name: oidc}}"), "auth-provider, which Kubernetes removed"},
      {with(ok, "{exec: {apiVersion: client.authentication.k8s.io/v1}}"),
       "exec of user \"u\" has no command"},
      {with(ok, "{exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
       "v1alpha1\" is not supported"},
      {with(ok, "{exec: {command: a, apiVersion: client.authentication.k8s.io/v1, args: [1]}}"),
       "args must be strings"},
  };
  for (const auto& [yaml, part] : cases) {
    auto config = load(yaml);
    ASSERT_FALSE(config) << yaml;
    EXPECT_TRUE(config.error().text.contains(part))
        << config.error().text << "\n  should contain: " << part;
    EXPECT_TRUE(config.error().text.contains("/home/me/.kube/config")) << config.error().text;
  }
}

TEST(Kubeconfig, NeverPrintsASecret) {
  for (auto user : {"{token: s3cret, auth-provider: {name: x}}",
                    "{password: s3cret, client-certificate: ca.crt}"}) {
    auto config = load(with("{server: https://h}", user));
    ASSERT_FALSE(config);
    EXPECT_FALSE(config.error().text.contains("s3cret")) << config.error().text;
  }
}

}  // namespace
}  // namespace raykeep::kube
