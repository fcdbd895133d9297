// Logins at registries, as docker, podman and skopeo keep them (docker's config.json, containers'
// auth.json).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace raykeep::oci {

/// All empty: nobody in particular.
struct Login {
  std::string user = {};
  Secret<std::string> password = {};
  Secret<std::string> identity_token = {};  // exchanged for tokens (OAuth2)
  Secret<std::string> registry_token = {};  // sent as it is
  bool empty() const {
    return user.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }
};

class Logins {
 public:
  Logins() = default;

  /// The text of one such file. Credential helpers that it names are listed by helper_for().
  static Result<Logins> parse(std::string_view json);

  /// The login for a repository: the entry with the longest matching path ("host/team" before
  /// "host"), as podman has it.
  Login find(std::string_view host, std::string_view repository) const;

  /// What a credential helper has printed ({"Username", "Secret"}).
  static Result<Login> parse_helper(std::string_view json);

  /// The credential helper that knows this host ("pass": docker-credential-pass), or empty.
  std::string helper_for(std::string_view host) const;

 private:
  struct Entry {
    std::string key;  // without scheme, "/v1/" and "/v2/"
    Login login;
  };
  std::vector<Entry> entries_;
  std::vector<std::pair<std::string, std::string>> helpers_;  // host, name
  std::string store_;
};

}  // namespace raykeep::oci
