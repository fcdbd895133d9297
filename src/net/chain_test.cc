#include "net/chain.h"

#include <gtest/gtest.h>

#include "net/test_certificates.h"

namespace raykeep::net {
namespace {

using namespace testing;

struct Signed {
  KeyAndCertificate ca = make_certificate({.common_name = "ca", .is_ca = true});
  ChainFacts of(CertificateWish wish) const {
    return *read_chain(make_certificate(wish, &ca).certificate_pem, ca.certificate_pem);
  }
};

TEST(Chain, TellsWhoseItIsAndThatTheAuthorityVouches) {
  const ChainFacts facts = Signed().of({.names = {"IP:10.0.0.1", "DNS:demo-head-svc"}});
  EXPECT_EQ(facts.untrusted, "");
  EXPECT_EQ(facts.leaf.names, (std::vector<std::string>{"10.0.0.1", "demo-head-svc"}));
  EXPECT_EQ(facts.key, "P-256");
  EXPECT_FALSE(facts.weak);
}

TEST(Chain, SaysWhyAnAuthorityDoesNotVouch) {
  const KeyAndCertificate other = make_certificate({.common_name = "ca", .is_ca = true});
  const Signed world;
  const std::string chain = make_certificate({}, &other).certificate_pem;
  EXPECT_NE(read_chain(chain, world.ca.certificate_pem)->untrusted, "");
  EXPECT_NE(read_chain(chain, "")->untrusted, "");
  // One that is for clients alone is no server's.
  EXPECT_NE(world.of({.for_clients = true}).untrusted, "");
}

TEST(Chain, LeavesTimesToTheCaller) {
  const ChainFacts facts = Signed().of({.valid_from_days = -3, .valid_until_days = -1});
  EXPECT_EQ(facts.untrusted, "");
  EXPECT_LT(facts.leaf.not_after, std::chrono::system_clock::now());
}

TEST(Chain, LeadsOverAnIntermediateOne) {
  const Signed world;
  const KeyAndCertificate middle =
      make_certificate({.common_name = "middle", .is_ca = true}, &world.ca);
  const std::string leaf = make_certificate({}, &middle).certificate_pem;
  EXPECT_EQ(read_chain(leaf + middle.certificate_pem, world.ca.certificate_pem)->untrusted, "");
  EXPECT_NE(read_chain(leaf, world.ca.certificate_pem)->untrusted, "");
}

TEST(Chain, KnowsAKeyThatIsTooShort) {
  const ChainFacts facts = Signed().of({.rsa_bits = 1024});
  EXPECT_EQ(facts.key, "RSA of 1024 bits");
  EXPECT_TRUE(facts.weak);
}

TEST(Chain, IsNothingWithoutACertificate) { EXPECT_FALSE(read_chain("", "")); }

}  // namespace
}  // namespace raykeep::net
