// Content by what it is: OCI's digests (image-spec, descriptor.md). SHA-256 alone is spoken: it is
// the only one that every registry must know, and a digest of another algorithm is refused by name.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct evp_md_ctx_st;

namespace raykeep::oci {

/// "sha256:" and 64 hexadecimal digits, lower case.
class Digest {
 public:
  /// Refuses anything else, an algorithm that OCI registers (sha512, blake3) by its name.
  static Result<Digest> parse(std::string_view text);

  /// Of these bytes.
  static Digest of(std::string_view bytes);

  const std::string& text() const { return text_; }
  /// The 64 digits.
  std::string_view hex() const { return std::string_view(text_).substr(7); }

  auto operator<=>(const Digest&) const = default;

 private:
  friend class Hasher;
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// SHA-256 of bytes that come in pieces.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void add(std::string_view bytes);
  /// Of all that was added; the Hasher begins anew.
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace raykeep::oci
