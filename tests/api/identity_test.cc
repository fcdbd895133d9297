// Who we are to the real server, and what it says when it does not believe us.
#include <filesystem>
#include <fstream>

#include "cluster.h"
#include "net/test_certificates.h"

namespace raykeep::kube {
namespace {

using FailureKind = Failure::Kind;
using net::testing::KeyAndCertificate;
using net::testing::make_certificate;

#define EXPECT_HAS(text, part) EXPECT_TRUE(std::string(text).contains(part)) << (text)

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Identity : public ::testing::Test, public Cluster {
 protected:
  /// Who the server takes us for.
  std::string who(const Config& config) {
    Client client(loop.get_executor(), config, clock);
    auto review = run(client.create(
        {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}, soon()));
    return std::string(doc::find_string(*review, {"status", "userInfo", "username"}));
  }
  Failure refused(const Config& config) {
    Client client(loop.get_executor(), config, clock);
    return failure(client.create(
        {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}, soon()));
  }
  /// The tenant's configuration without its token.
  Config nobody() {
    auto config = config_of("tenant");
    config.token = {};
    config.token_file.clear();
    return config;
  }
  Config with_certificate(int valid_from_days, int valid_until_days) {
    KeyAndCertificate ca{read(pki() + "/ca.crt"), read(pki() + "/ca.key")};
    auto made = make_certificate({.common_name = "jane",
                                  .names = {},
                                  .valid_from_days = valid_from_days,
                                  .valid_until_days = valid_until_days,
                                  .for_clients = true},
                                 &ca);
    auto config = nobody();
    config.client_certificate_pem = made.certificate_pem;
    config.client_key_pem = Secret(made.key_pem);
    return config;
  }
};

TEST_F(Identity, AToken) {
  EXPECT_EQ(who(config_of("tenant")), "system:serviceaccount:ray:tenant");
}

TEST_F(Identity, AClientCertificate) { EXPECT_EQ(who(with_certificate(-1, 1)), "jane"); }

TEST_F(Identity, Impersonation) {
  auto config = config_of("admin");
  config.impersonate = "jane";
  EXPECT_EQ(who(config), "jane");
}

TEST_F(Identity, ACredentialPlugin) {
  std::string pattern = std::filesystem::temp_directory_path() / "raykeep-api-XXXXXX";
  std::string folder = mkdtemp(pattern.data());
  auto token = config_of("tenant").token.reveal();
  std::ofstream(folder + "/plugin")
      << "#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":"
         "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\""
      << token << "\"}}'\n";
  std::filesystem::permissions(folder + "/plugin", std::filesystem::perms::owner_all);
  auto config = nobody();
  config.exec =
      ExecPlugin{.api_version = "client.authentication.k8s.io/v1", .command = folder + "/plugin"};
  EXPECT_EQ(who(config), "system:serviceaccount:ray:tenant");
  std::filesystem::remove_all(folder);
}

TEST_F(Identity, ABadTokenIsRefusedWithTheEntryThatHasIt) {
  auto config = nobody();
  config.token = Secret(std::string("n0t-a-token"));
  auto failure = refused(config);
  EXPECT_EQ(failure.kind(), FailureKind::denied);
  EXPECT_HAS(failure.what(), "the token of user");
  EXPECT_HAS(failure.what(), "tenant.kubeconfig");
  EXPECT_FALSE(std::string(failure.what()).contains("n0t-a-token"));
}

TEST_F(Identity, AnExpiredClientCertificateIsRefusedWithTheDate) {
  auto failure = refused(with_certificate(-9, -2));
  EXPECT_EQ(failure.kind(), FailureKind::denied);
  EXPECT_HAS(failure.what(), "expired on 20");
}

TEST_F(Identity, AnUnknownServerIsRefusedWithTheCaToCheck) {
  auto config = config_of("tenant");
  config.ca_pem =
      make_certificate({.common_name = "other", .names = {}, .is_ca = true}).certificate_pem;
  auto failure = refused(config);
  EXPECT_EQ(failure.kind(), FailureKind::denied);
  EXPECT_HAS(failure.what(), "certificate-authority of cluster");
  EXPECT_HAS(failure.what(), "tenant.kubeconfig");
}

TEST_F(Identity, AServerOfAnotherNameIsRefusedWithItsNames) {
  auto config = config_of("tenant");
  config.tls_server_name = "elsewhere.example";
  EXPECT_HAS(refused(config).what(), "kubernetes.default.svc");
}

}  // namespace
}  // namespace raykeep::kube
