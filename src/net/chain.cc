#include "net/chain.h"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "net/openssl_handles.h"

namespace raykeep::net {
namespace {

constexpr int least_security_bits = 112;

std::vector<Certificate> certificates_of(const std::string& pem) {
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> all;
  while (Certificate next{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
    all.push_back(std::move(next));
  ERR_clear_error();
  return all;
}

std::string key_text(EVP_PKEY* key) {
  if (key == nullptr) return "of an unknown kind";
  if (EVP_PKEY_is_a(key, "EC")) {
    std::array<char, 64> group{};
    EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr);
    const std::string name(group.data());
    return name == "prime256v1" ? "P-256" : name;
  }
  return fmt::format("{} of {} bits", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
}

/// As a client verifies it, but for names and times.
std::string problem_of(const std::vector<Certificate>& chain,
                       const std::vector<Certificate>& trusted) {
  using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
  using Context = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
  const Store store(X509_STORE_new());
  for (const Certificate& each : trusted) X509_STORE_add_cert(store.get(), each.get());
  STACK_OF(X509)* between = sk_X509_new_null();
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(between, chain[i].get());
  const Context context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), between);
  X509_VERIFY_PARAM* wishes = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(wishes, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(wishes, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  const bool good = X509_verify_cert(context.get()) == 1;
  const int why = X509_STORE_CTX_get_error(context.get());
  sk_X509_free(between);
  ERR_clear_error();
  return good ? "" : X509_verify_cert_error_string(why);
}

}  // namespace

std::optional<ChainFacts> read_chain(const std::string& chain_pem,
                                     const std::string& authority_pem) {
  const std::vector<Certificate> chain = certificates_of(chain_pem);
  if (chain.empty()) return std::nullopt;
  X509* leaf = chain.front().get();
  EVP_PKEY* key = X509_get0_pubkey(leaf);
  return ChainFacts{.leaf = facts_of(leaf),
                    .key = key_text(key),
                    .weak = key == nullptr || EVP_PKEY_get_security_bits(key) < least_security_bits,
                    .untrusted = problem_of(chain, certificates_of(authority_pem))};
}

}  // namespace raykeep::net
