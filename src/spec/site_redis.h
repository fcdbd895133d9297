// The Site's Redis: where the heads of this place keep the GCS' state. One of three forms: servers
// that somebody else runs, found by address or asked of Sentinel, or one that Raykeep runs for each
// cluster.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "spec/credential.h"
#include "spec/peer.h"
#include "spec/redis_address.h"

namespace raykeep::spec {

class Cursor;

/// How the servers prove who they are, and the client too where they ask for it.
struct RedisTls {
  bool enabled = false;
  bool written = false;            // enabled: false must be written out: else check warns
  std::optional<KeyRef> ca;        // absent: the Ray image's own authorities
  std::string certificate_secret;  // with tls.crt and tls.key; empty: no client certificate
  std::string server_name;         // where the certificate names another host than the address
};

struct Sentinel {
  std::vector<RedisAddress> addresses;
  std::string master;  // "mymaster"
  std::string user;
  std::optional<KeyRef> password;  // of the Sentinels themselves
  std::vector<SitePort> ports;     // of the servers that they name
};

/// What Raykeep runs beside each cluster.
struct ManagedRedis {
  std::string size = "1Gi";      // of the volume
  std::string storage_class;     // empty: the cluster's default
  std::string memory = "512Mi";  // the container's limit; Redis itself takes half of it
  bool tls = true;
  std::string certificate_secret;  // with tls.crt, tls.key and ca.crt; empty: `up` makes one
};

struct SiteRedis {
  enum class Form { none, addresses, sentinel, managed };
  Form form = Form::none;
  std::vector<RedisAddress> addresses;
  std::optional<Sentinel> sentinel;
  std::optional<ManagedRedis> managed;
  RedisTls tls;
  std::string user;  // empty: Redis' default user
  std::optional<KeyRef> password;
  std::chrono::milliseconds hold = std::chrono::seconds(90);
  std::chrono::milliseconds lease_ttl = std::chrono::seconds(10);
  std::vector<Peer> peers;  // who the servers are, for policies
  bool in_mesh = false;     // somebody else's servers are in the Site's mesh
};

SiteRedis parse_site_redis(const Cursor& redis);

}  // namespace raykeep::spec
