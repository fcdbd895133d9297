// What a registry wants to know of its clients (WWW-Authenticate, RFC 9110, section 11), and the
// token that a token server gives (distribution's auth/token.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"

namespace raykeep::oci {

struct Challenge {
  std::string scheme = {};  // "basic", "bearer"; lower case
  std::string realm = {};
  std::string service = {};
  std::string scope = {};
};

/// Every challenge of an answer; there may be several, in one header or in many.
std::vector<Challenge> read_challenges(const net::Headers& headers);

struct Token {
  Secret<std::string> text = {};
  int lifetime = 60;  // seconds
};

/// The body of a token server's answer.
Result<Token> read_token(std::string_view json);

}  // namespace raykeep::oci
