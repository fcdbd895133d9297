// Keys that sign bundles: ECDSA on P-256 with SHA-256, in the files that cosign and openssl use.
// Offline: no transparency log, no time stamps, no certificates; whoever verifies has the public
// key from elsewhere.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace raykeep::bundle {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

class PublicKey {
 public:
  /// PEM, "PUBLIC KEY" (cosign.pub). Refuses what is not P-256.
  static Result<PublicKey> parse(std::string_view pem);

  /// `signature`: base64 of the ASN.1 form, with white space around it.
  bool verifies(std::string_view bytes, std::string_view signature) const;

  std::string pem() const;
  /// "sha256:..." of the DER form: for comparing over the telephone.
  std::string fingerprint() const;

 private:
  friend class PrivateKey;
  explicit PublicKey(KeyHandle key) : key_(std::move(key)) {}
  KeyHandle key_;
};

class PrivateKey {
 public:
  /// cosign's own form (encrypted with `password`; scrypt and NaCl's secretbox, as its
  /// pkg/cosign/keys.go has it) or PKCS #8 without encryption, as openssl writes it.
  static Result<PrivateKey> parse(const Secret<std::string>& pem,
                                  const Secret<std::string>& password);

  static PrivateKey generate();

  /// In base64, on one line: what cosign sign-blob prints. The same bytes always get the same
  /// signature (RFC 6979), so that the same input gives the same bundle.
  std::string sign(std::string_view bytes) const;
  PublicKey public_key() const;

  /// In cosign's form.
  Secret<std::string> encrypted_pem(const Secret<std::string>& password) const;

 private:
  explicit PrivateKey(KeyHandle key) : key_(std::move(key)) {}
  KeyHandle key_;
};

}  // namespace raykeep::bundle
