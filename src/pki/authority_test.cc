#include "pki/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "pki/x509.h"

namespace raykeep::pki {
namespace {

using namespace std::chrono_literals;

const Names kPod{{"demo-head-svc", "localhost"}, {"10.0.0.7", "fd00::7"}};

/// As Ray verifies a peer; X509_V_OK or what is wrong.
int verify(const std::string& chain, const std::string& trusted, const char* address,
           int purpose = X509_PURPOSE_SSL_SERVER) {
  const Certificate leaf = certificate_of(chain), top = certificate_of(trusted);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, top.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_VERIFY_PARAM* wishes = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set1_ip_asc(wishes, address);
  X509_VERIFY_PARAM_set_purpose(wishes, purpose);
  X509_VERIFY_PARAM_set_flags(wishes, X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  const int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return result;
}

long seconds_left(const std::string& pem) {
  const Certificate certificate = certificate_of(pem);
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get()));
  return days * 86400L + seconds;
}

TEST(Authority, SignsForServerAndClient) {
  const Authority authority = make_authority("raykeep", 24h);
  EXPECT_EQ(fault_of(authority), std::nullopt);
  const KeyAndRequest made = make_request("demo-head-0", kPod);
  const std::string leaf = sign(authority, made.request_pem, "demo-head-0", kPod, 1h);
  EXPECT_EQ(verify(leaf, authority.certificate_pem, "10.0.0.7"), X509_V_OK);
  EXPECT_EQ(verify(leaf, authority.certificate_pem, "fd00::7"), X509_V_OK);
  EXPECT_EQ(verify(leaf, authority.certificate_pem, "10.0.0.7", X509_PURPOSE_SSL_CLIENT),
            X509_V_OK);
  EXPECT_EQ(verify(leaf, authority.certificate_pem, "10.0.0.8"), X509_V_ERR_IP_ADDRESS_MISMATCH);
  EXPECT_NE(verify(leaf, make_authority("raykeep", 24h).certificate_pem, "10.0.0.7"), X509_V_OK);
  EXPECT_NEAR(seconds_left(leaf), 3600, 5);
}

TEST(Authority, OutlivesWhatItSigns) {
  const Authority authority = make_authority("raykeep", 1h);
  const KeyAndRequest made = make_request("a", kPod);
  EXPECT_NEAR(seconds_left(sign(authority, made.request_pem, "a", kPod, 24h)), 3600, 5);
}

TEST(Authority, GivesTheNamesItWasToldAndNotThoseOfTheRequest) {
  const Authority authority = make_authority("raykeep", 24h);
  const KeyAndRequest made = make_request("a", {{}, {"10.0.0.99"}});
  const std::string leaf = sign(authority, made.request_pem, "a", kPod, 1h);
  EXPECT_EQ(verify(leaf, authority.certificate_pem, "10.0.0.99"), X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST(Authority, HasFaultsThatAreNamed) {
  const Authority one = make_authority("a", 1h), other = make_authority("b", 1h);
  EXPECT_EQ(fault_of({"", one.key_pem}), "its certificate is no PEM text");
  EXPECT_EQ(fault_of({one.certificate_pem, Secret<std::string>("x")}),
            "its key is no PEM text, or has a password");
  EXPECT_EQ(fault_of({one.certificate_pem, other.key_pem}),
            "its key is not that of its certificate");
  EXPECT_EQ(fault_of(make_authority("a", -1h)), "its certificate is over");
  const KeyAndRequest leaf = make_request("leaf", kPod);
  EXPECT_EQ(fault_of({sign(one, leaf.request_pem, "leaf", kPod, 1h), leaf.key_pem}),
            "its certificate may not sign others");
}

TEST(Request, SaysWhatItAsksFor) {
  const KeyAndRequest made = make_request("demo-head-0", kPod);
  const Result<Requested> read = read_request(made.request_pem);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->common_name, "demo-head-0");
  EXPECT_EQ(read->names, kPod);
  EXPECT_TRUE(made.key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

/// A request with this key and extension, signed with another key if there is one.
std::string request(EVP_PKEY* key, int nid = 0, const char* value = "",
                    EVP_PKEY* signer = nullptr) {
  const Request made(X509_REQ_new());
  X509_REQ_set_pubkey(made.get(), key);
  if (nid != 0) {
    STACK_OF(X509_EXTENSION)* all = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(all, X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
    X509_REQ_add_extensions(made.get(), all);
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  }
  X509_REQ_sign(made.get(), signer != nullptr ? signer : key, EVP_sha256());
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(out.get(), made.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(Request, IsRefusedWithTheReason) {
  const Key good = make_key(), other = make_key();
  const Key weak(EVP_RSA_gen(1024)), exotic(EVP_EC_gen("secp256k1"));
  EXPECT_TRUE(read_request(request(good.get())));
  struct {
    std::string pem, reason;
  } cases[] = {
      {"", "it is no certificate signing request in PEM"},
      {"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
       "it is no certificate signing request in PEM"},
      {make_authority("a", 1h).certificate_pem, "it is no certificate signing request in PEM"},
      {request(weak.get()), "its RSA key has 1024 bits, and 2048 to 8192 are taken"},
      {request(exotic.get()), "its key is of the curve secp256k1, and P-256 and P-384 are taken"},
      {request(good.get(), 0, "", other.get()), "it is not signed by the key that it names"},
      {request(good.get(), NID_basic_constraints, "critical,CA:TRUE"),
       "it asks for more than names"},
      {request(good.get(), NID_key_usage, "keyCertSign"), "it asks for more than names"},
      {request(good.get(), NID_subject_alt_name, "email:a@b.example"),
       "it asks for a name that is neither a DNS name nor an IP address"},
      {request(good.get(), NID_subject_alt_name, "URI:spiffe://a/b"),
       "it asks for a name that is neither a DNS name nor an IP address"},
  };
  for (const auto& each : cases) {
    const Result<Requested> read = read_request(each.pem);
    ASSERT_FALSE(read) << each.reason;
    EXPECT_EQ(read.error().text, each.reason);
  }
}

}  // namespace
}  // namespace raykeep::pki
