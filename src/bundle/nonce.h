// ECDSA whose one secret number for each signature comes from key and message alone (RFC 6979).
// OpenSSL has it from 3.2; Debian 12 has 3.0.
#pragma once

#include <string>
#include <string_view>

struct evp_pkey_st;

namespace raykeep::bundle {

/// In ASN.1. Requires: a private key on P-256. Throws Failure::bug where OpenSSL refuses.
std::string sign_deterministically(evp_pkey_st* key, std::string_view bytes);

}  // namespace raykeep::bundle
