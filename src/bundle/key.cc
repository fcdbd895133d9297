#include "bundle/key.h"

#include <sodium.h>

#include <cstdlib>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "bundle/nonce.h"
#include "doc/base64.h"
#include "doc/json.h"
#include "net/openssl_handles.h"
#include "oci/digest.h"

namespace raykeep::bundle {
namespace {

constexpr std::size_t most_pem = 64u << 10;
// cosign's (github.com/secure-systems-lab/go-securesystemslib/encrypted); the most that is taken
// keeps a hostile file from costing more than 256 MiB.
constexpr std::uint64_t scrypt_n = 65536, scrypt_r = 8, scrypt_p = 1, most_scrypt_n = 1u << 18;
constexpr std::size_t scrypt_memory = std::size_t{320} << 20;
constexpr std::string_view cosign_labels[] = {"ENCRYPTED SIGSTORE PRIVATE KEY",
                                              "ENCRYPTED COSIGN PRIVATE KEY"};

using net::Bio;
using DigestContext = std::unique_ptr<EVP_MD_CTX, net::Free<EVP_MD_CTX_free>>;

Bio reader(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string take(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool is_p256(EVP_PKEY* key) {
  char group[64] = {};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
         std::string_view(group) == "prime256v1";
}

/// The content of a PEM text with one of cosign's labels.
std::optional<std::string> cosign_body(std::string_view pem) {
  for (std::string_view label : cosign_labels) {
    const std::string begin = fmt::format("-----BEGIN {}-----", label);
    const std::string end = fmt::format("-----END {}-----", label);
    const std::size_t from = pem.find(begin), to = pem.find(end);
    if (from == std::string_view::npos || to == std::string_view::npos || to < from) continue;
    const std::size_t first = from + begin.size();
    return doc::decode_base64(trim(pem.substr(first, to - first))).value_or("");
  }
  return std::nullopt;
}

struct Box {
  std::string salt, nonce, ciphertext;
  std::uint64_t n = 0, r = 0, p = 0;
};

std::uint64_t number(const doc::Value& value, std::string_view key) {
  const doc::Value* found = doc::find(value, {"kdf", "params", key});
  return found != nullptr && found->is_int64() && found->get_int64() > 0
             ? static_cast<std::uint64_t>(found->get_int64())
             : 0;
}

Result<Box> read_box(std::string_view json) {
  Result<doc::Value> value = doc::parse_json(json, {.bytes = most_pem});
  if (!value) return error("the key is no JSON inside");
  if (doc::find_string(*value, {"kdf", "name"}) != "scrypt" ||
      doc::find_string(*value, {"cipher", "name"}) != "nacl/secretbox")
    return error("the key is encrypted in a way that cosign does not use");
  auto bytes = [&](std::initializer_list<std::string_view> path) {
    return doc::decode_base64(doc::find_string(*value, path)).value_or("");
  };
  Box box{.salt = bytes({"kdf", "salt"}),
          .nonce = bytes({"cipher", "nonce"}),
          .ciphertext = bytes({"ciphertext"}),
          .n = number(*value, "N"),
          .r = number(*value, "r"),
          .p = number(*value, "p")};
  const bool power = box.n > 1 && (box.n & (box.n - 1)) == 0;
  if (!power || box.n > most_scrypt_n || box.r == 0 || box.r > 8 || box.p == 0 || box.p > 4 ||
      box.salt.empty() || box.nonce.size() != crypto_secretbox_NONCEBYTES ||
      box.ciphertext.size() <= crypto_secretbox_MACBYTES)
    return error("the key's encryption has parameters that are out of bounds");
  return box;
}

std::vector<unsigned char> derive(const std::string& password, const Box& box) {
  std::vector<unsigned char> key(crypto_secretbox_KEYBYTES);
  const auto* salt = reinterpret_cast<const unsigned char*>(box.salt.data());
  if (EVP_PBE_scrypt(password.data(), password.size(), salt, box.salt.size(), box.n, box.r, box.p,
                     scrypt_memory, key.data(), key.size()) != 1)
    throw Failure(Failure::Kind::invalid, "there is no memory for scrypt");
  return key;
}

Result<std::string> open_box(std::string_view json, const std::string& password) {
  Result<Box> box = read_box(json);
  if (!box) return std::unexpected(box.error());
  const std::vector<unsigned char> key = derive(password, *box);
  std::string plain(box->ciphertext.size() - crypto_secretbox_MACBYTES, '\0');
  const int done = crypto_secretbox_open_easy(
      reinterpret_cast<unsigned char*>(plain.data()),
      reinterpret_cast<const unsigned char*>(box->ciphertext.data()), box->ciphertext.size(),
      reinterpret_cast<const unsigned char*>(box->nonce.data()), key.data());
  if (done != 0) return error("the password does not open the key");
  return plain;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

/// In lines of 64, as PEM has it.
std::string pem_of(std::string_view label, std::string_view bytes) {
  std::string made = fmt::format("-----BEGIN {}-----\n", label);
  const std::string text = doc::encode_base64(bytes);
  for (std::size_t at = 0; at < text.size(); at += 64) made += text.substr(at, 64) + '\n';
  return made + fmt::format("-----END {}-----\n", label);
}

std::string der_of(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (i2d_PKCS8PrivateKey_bio(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    std::abort();
  return take(out.get());
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PublicKey> PublicKey::parse(std::string_view pem) {
  if (pem.size() > most_pem) return error("the key's file is too large");
  KeyHandle key(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr));
  if (!key) {
    return error(pem.contains("PRIVATE KEY")
                     ? "it is a private key; give the public one (cosign.pub)"
                     : "it is no public key in PEM: it begins with -----BEGIN PUBLIC KEY-----");
  }
  if (!is_p256(key.get())) return error("the key is not of ECDSA on P-256, as cosign makes them");
  return PublicKey(std::move(key));
}

bool PublicKey::verifies(std::string_view bytes, std::string_view signature) const {
  const std::optional<std::string> raw = doc::decode_base64(trim(signature));
  if (!raw || raw->empty()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(raw->data()),
                          raw->size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

std::string PublicKey::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(out.get(), key_.get()) != 1) std::abort();
  return take(out.get());
}

std::string PublicKey::fingerprint() const {
  const Bio out(BIO_new(BIO_s_mem()));
  if (i2d_PUBKEY_bio(out.get(), key_.get()) != 1) std::abort();
  return oci::Digest::of(take(out.get())).text();
}

Result<PrivateKey> PrivateKey::parse(const Secret<std::string>& pem,
                                     const Secret<std::string>& password) {
  const std::string& text = pem.reveal();
  if (text.size() > most_pem) return error("the key's file is too large");
  KeyHandle key;
  if (std::optional<std::string> body = cosign_body(text)) {
    Result<std::string> der = open_box(*body, password.reveal());
    if (!der) return std::unexpected(der.error());
    key.reset(d2i_PrivateKey_bio(reader(*der).get(), nullptr));
    OPENSSL_cleanse(der->data(), der->size());
  } else {
    // Without this OpenSSL would ask the terminal for a password.
    auto none = [](char*, int, int, void*) { return -1; };
    key.reset(PEM_read_bio_PrivateKey(reader(text).get(), nullptr, none, nullptr));
  }
  if (!key) {
    return error(
        "it is no private key that can be read: cosign's own, or PKCS #8 in PEM without encryption "
        "(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)");
  }
  if (!is_p256(key.get())) return error("the key is not of ECDSA on P-256");
  // A file may hold one key's private half and another's public one.
  const std::unique_ptr<EVP_PKEY_CTX, net::Free<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(key.get(), nullptr));
  if (EVP_PKEY_pairwise_check(context.get()) != 1)
    return error("its two halves do not belong together");
  return PrivateKey(std::move(key));
}

PrivateKey PrivateKey::generate() {
  KeyHandle key(EVP_EC_gen("P-256"));
  if (!key) throw Failure(Failure::Kind::bug, "OpenSSL makes no key");
  return PrivateKey(std::move(key));
}

std::string PrivateKey::sign(std::string_view bytes) const {
  const std::string signature = doc::encode_base64(sign_deterministically(key_.get(), bytes));
  if (!public_key().verifies(bytes, signature))
    throw Failure(Failure::Kind::bug, "OpenSSL does not sign");
  return signature;
}

PublicKey PrivateKey::public_key() const {
  const Bio out(BIO_new(BIO_s_mem()));
  if (i2d_PUBKEY_bio(out.get(), key_.get()) != 1) std::abort();
  return PublicKey(KeyHandle(d2i_PUBKEY_bio(out.get(), nullptr)));
}

Secret<std::string> PrivateKey::encrypted_pem(const Secret<std::string>& password) const {
  if (sodium_init() < 0) throw Failure(Failure::Kind::bug, "there is no randomness");
  Box box{.salt = random_bytes(32),
          .nonce = random_bytes(crypto_secretbox_NONCEBYTES),
          .ciphertext = {},
          .n = scrypt_n,
          .r = scrypt_r,
          .p = scrypt_p};
  const std::vector<unsigned char> key = derive(password.reveal(), box);
  std::string der = der_of(key_.get());
  box.ciphertext.resize(der.size() + crypto_secretbox_MACBYTES);
  crypto_secretbox_easy(reinterpret_cast<unsigned char*>(box.ciphertext.data()),
                        reinterpret_cast<const unsigned char*>(der.data()), der.size(),
                        reinterpret_cast<const unsigned char*>(box.nonce.data()), key.data());
  OPENSSL_cleanse(der.data(), der.size());
  const doc::Object made{
      {"kdf", doc::Object{{"name", "scrypt"},
                          {"params", doc::Object{{"N", box.n}, {"r", box.r}, {"p", box.p}}},
                          {"salt", doc::encode_base64(box.salt)}}},
      {"cipher", doc::Object{{"name", "nacl/secretbox"}, {"nonce", doc::encode_base64(box.nonce)}}},
      {"ciphertext", doc::encode_base64(box.ciphertext)}};
  return Secret<std::string>(pem_of(cosign_labels[0], doc::write_json(made)));
}

}  // namespace raykeep::bundle
