#include "bundle/nonce.h"

#include <array>
#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/error.h"
#include "net/openssl_handles.h"

namespace raykeep::bundle {
namespace {

constexpr int octets = 32;  // of the group's order, and of SHA-256
using Octets = std::array<unsigned char, octets>;

using net::Free;
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Scratch = std::unique_ptr<BN_CTX, Free<BN_CTX_free>>;
using EcKey = std::unique_ptr<EC_KEY, Free<EC_KEY_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_clear_free>>;

void must(bool done) {
  if (!done) throw Failure(Failure::Kind::bug, "OpenSSL does not sign");
}

Octets octets_of(const BIGNUM* number) {
  Octets made{};
  must(BN_bn2binpad(number, made.data(), octets) == octets);
  return made;
}

std::string_view view(const Octets& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Octets hmac(const Octets& key, const std::string& message) {
  Octets made{};
  must(HMAC(EVP_sha256(), key.data(), octets,
            reinterpret_cast<const unsigned char*>(message.data()), message.size(), made.data(),
            nullptr) != nullptr);
  return made;
}

/// Section 3.2, with its names.
Number nonce_of(const BIGNUM* x, const Octets& h1, const BIGNUM* q, BN_CTX* scratch) {
  const Number hash(BN_bin2bn(h1.data(), octets, nullptr)), reduced(BN_new());
  must(hash && reduced && BN_nnmod(reduced.get(), hash.get(), q, scratch) == 1);
  std::string seed(view(octets_of(x)));
  seed += view(octets_of(reduced.get()));
  Octets v, k{};
  v.fill(1);
  for (char round : {char{0}, char{1}}) {
    std::string message(view(v));
    message += round;
    message += seed;
    k = hmac(k, message);
    v = hmac(k, std::string(view(v)));
    OPENSSL_cleanse(message.data(), message.size());
  }
  OPENSSL_cleanse(seed.data(), seed.size());
  for (;;) {
    v = hmac(k, std::string(view(v)));
    Number made(BN_bin2bn(v.data(), octets, nullptr));
    must(made != nullptr);
    if (!BN_is_zero(made.get()) && BN_cmp(made.get(), q) < 0) return made;
    k = hmac(k, std::string(view(v)) + '\0');
    v = hmac(k, std::string(view(v)));
  }
}

}  // namespace

std::string sign_deterministically(evp_pkey_st* key, std::string_view bytes) {
  const EcKey own(EVP_PKEY_get1_EC_KEY(key));
  const Scratch scratch(BN_CTX_secure_new());
  must(own && scratch);
  const EC_GROUP* group = EC_KEY_get0_group(own.get());
  const BIGNUM* q = EC_GROUP_get0_order(group);
  Octets h1{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), h1.data());
  const Number k = nonce_of(EC_KEY_get0_private_key(own.get()), h1, q, scratch.get());
  BN_set_flags(k.get(), BN_FLG_CONSTTIME);
  const Point point(EC_POINT_new(group));
  const Number x(BN_new()), r(BN_new()), inverse(BN_new());
  must(point && x && r && inverse &&
       EC_POINT_mul(group, point.get(), k.get(), nullptr, nullptr, scratch.get()) == 1 &&
       EC_POINT_get_affine_coordinates(group, point.get(), x.get(), nullptr, scratch.get()) == 1 &&
       BN_nnmod(r.get(), x.get(), q, scratch.get()) == 1 &&
       BN_mod_inverse(inverse.get(), k.get(), q, scratch.get()) != nullptr);
  std::string signature(static_cast<std::size_t>(ECDSA_size(own.get())), '\0');
  unsigned size = 0;
  must(ECDSA_sign_ex(0, h1.data(), octets, reinterpret_cast<unsigned char*>(signature.data()),
                     &size, inverse.get(), r.get(), own.get()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace raykeep::bundle
