#include "pki/server_identity.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace raykeep::pki {
namespace {

X509* read(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

/// As a client verifies it, strictly; X509_V_OK or what is wrong.
int verify(const ServerIdentity& identity, const ServerIdentity& trusted, const char* host) {
  X509* authority = read(trusted.authority_pem);
  X509* server = read(identity.certificate_pem);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, authority);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, server, nullptr);
  X509_VERIFY_PARAM* wishes = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set1_host(wishes, host, 0);
  X509_VERIFY_PARAM_set_purpose(wishes, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(wishes, X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(server);
  X509_free(authority);
  return result;
}

TEST(ServerIdentity, IsTrustedForItsNamesOnly) {
  ServerIdentity identity =
      make_server_identity({"demo-redis", "demo-redis.ray.svc"}, std::chrono::days(3650));
  EXPECT_EQ(verify(identity, identity, "demo-redis.ray.svc"), X509_V_OK);
  EXPECT_EQ(verify(identity, identity, "demo-redis"), X509_V_OK);
  EXPECT_EQ(verify(identity, identity, "other-redis.ray.svc"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST(ServerIdentity, IsNotTrustedByTheClientsOfAnother) {
  ServerIdentity one = make_server_identity({"a"}, std::chrono::days(1));
  ServerIdentity other = make_server_identity({"a"}, std::chrono::days(1));
  EXPECT_NE(verify(one, other, "a"), X509_V_OK);
}

TEST(ServerIdentity, ExpiresWhenItWasTold) {
  ServerIdentity identity = make_server_identity({"a"}, std::chrono::days(-1));
  EXPECT_EQ(verify(identity, identity, "a"), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(ServerIdentity, HasAKeyInPem) {
  ServerIdentity identity = make_server_identity({"a"}, std::chrono::days(1));
  EXPECT_TRUE(identity.key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

}  // namespace
}  // namespace raykeep::pki
