#include "oci/digest.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace raykeep::oci {
namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::size_t digits = 64;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// SHA-256 needs memory and nothing else.
void must(int done) {
  if (done != 1) std::abort();
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  if (!text.starts_with(prefix)) {
    std::string_view algorithm = text.substr(0, std::min(text.find(':'), std::size_t{16}));
    if (algorithm == "sha512" || algorithm == "blake3") {
      return error(fmt::format("is a digest of {}; only sha256 is spoken", algorithm));
    }
    return error("is no digest: it does not begin with sha256:");
  }
  std::string_view hex = text.substr(prefix.size());
  if (hex.size() != digits || !std::ranges::all_of(hex, is_hex)) {
    return error("is no digest: sha256: is followed by 64 of 0-9 and a-f");
  }
  return Digest(std::string(text));
}

Digest Digest::of(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  must(EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr));
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Hasher::add(std::string_view bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Hasher::finish() {
  std::array<unsigned char, digits / 2> raw{};
  must(EVP_DigestFinal_ex(context_.get(), raw.data(), nullptr));
  must(EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr));
  std::string text(prefix);
  constexpr std::string_view alphabet = "0123456789abcdef";
  for (unsigned char byte : raw) {
    text += alphabet[byte >> 4];
    text += alphabet[byte & 15];
  }
  return Digest(std::move(text));
}

}  // namespace raykeep::oci
