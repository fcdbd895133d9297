// Where Redis is and how we show ourselves there. Secrets are named by file, never held here: the
// files are read anew for each connection, so a rotated password, certificate or CA needs no
// restart.
#pragma once

#include <string>
#include <vector>

namespace raykeep::redis {

struct Sentinels {
  std::vector<std::string> addresses = {};  // "host:port"; asked in turn on each connect
  std::string master = {};                  // the name in `sentinel monitor NAME ...`
  std::string user_file = {};               // the Sentinels' own; empty: "default"
  std::string password_file = {};           // empty: Sentinels without a password

  bool operator==(const Sentinels&) const = default;
};

/// TLS, for Redis and the Sentinels alike.
struct Tls {
  bool enabled = false;
  std::string ca_file = {};           // empty: the system's roots
  std::string certificate_file = {};  // with its chain; empty: no client certificate
  std::string key_file = {};
  std::string server_name = {};  // for SNI and the certificate; empty: the host that is dialled

  bool operator==(const Tls&) const = default;
};

/// Exactly one of `addresses` and `sentinels.addresses` is filled.
struct Upstream {
  std::vector<std::string> addresses = {};  // "host:port"; the first that is a master is taken
  Sentinels sentinels = {};
  Tls tls = {};
  std::string user_file = {};      // ACL user; empty: "default"
  std::string password_file = {};  // empty: no AUTH

  bool operator==(const Upstream&) const = default;
};

}  // namespace raykeep::redis
