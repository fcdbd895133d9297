#include "bundle/key.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "doc/base64.h"

namespace raykeep::bundle {
namespace {

const Secret<std::string> password("open sesame");

TEST(Key, SignsAndVerifies) {
  const PrivateKey key = PrivateKey::generate();
  const std::string signature = key.sign("the list");
  const PublicKey theirs = *PublicKey::parse(key.public_key().pem());
  EXPECT_TRUE(theirs.verifies("the list", signature));
  EXPECT_TRUE(theirs.verifies("the list", signature + "\n"));
  EXPECT_FALSE(theirs.verifies("the List", signature));
  EXPECT_FALSE(theirs.verifies("the list", ""));
  EXPECT_FALSE(theirs.verifies("the list", "!"));
  EXPECT_FALSE(theirs.verifies("the list", signature.substr(4)));
  EXPECT_FALSE(PrivateKey::generate().public_key().verifies("the list", signature));
  EXPECT_EQ(theirs.fingerprint(), key.public_key().fingerprint());
}

TEST(Key, SignsAsRfc6979Has) {
  // A.2.5: the key, and its signature of "sample" (r, s).
  const Secret<std::string> pem(
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\nAwEH\n"
      "-----END EC PRIVATE KEY-----\n");
  Result<PrivateKey> key = PrivateKey::parse(pem, password);
  ASSERT_TRUE(key) << key.error().text;
  const std::string signature = *doc::decode_base64(key->sign("sample"));
  std::string hex;
  for (unsigned char byte : signature) hex += fmt::format("{:02X}", byte);
  EXPECT_TRUE(hex.contains("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"));
  EXPECT_TRUE(hex.contains("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"));
}

TEST(Key, IsKeptEncryptedAsCosignKeepsIt) {
  const PrivateKey key = PrivateKey::generate();
  const Secret<std::string> pem = key.encrypted_pem(password);
  EXPECT_TRUE(pem.reveal().starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"));
  Result<PrivateKey> again = PrivateKey::parse(pem, password);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->public_key().pem(), key.public_key().pem());
  EXPECT_EQ(PrivateKey::parse(pem, Secret<std::string>("guess")).error().text,
            "the password does not open the key");
}

TEST(Key, OfTwoHalvesThatDoNotBelongTogetherIsRefused) {
  // The private half of RFC 6979's example with the group's generator as its public one.
  const Secret<std::string> pem(
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
      "AwEHoUQDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/\n"
      "m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
      "-----END EC PRIVATE KEY-----\n");
  Result<PrivateKey> key = PrivateKey::parse(pem, password);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().text, "its two halves do not belong together");
}

TEST(Key, WhatIsNoneIsRefused) {
  const PrivateKey key = PrivateKey::generate();
  EXPECT_FALSE(PublicKey::parse(""));
  EXPECT_FALSE(PublicKey::parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_TRUE(
      PublicKey::parse(key.encrypted_pem(password).reveal()).error().text.contains("private key"));
  auto parse = [](std::string text) {
    return PrivateKey::parse(Secret<std::string>(std::move(text)), password);
  };
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse(key.public_key().pem()));
  EXPECT_FALSE(
      parse("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n"
            "-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"));
}

}  // namespace
}  // namespace raykeep::bundle
