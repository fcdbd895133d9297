// Where the head of a cluster keeps the GCS' state: what the document wishes, completed by what the
// Site has. Flow, plan and clean-up all ask here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::spec {

struct Storage {
  enum class Backend {
    memory,         // a head that is lost begins empty
    redis,          // somebody else's
    managed_redis,  // <c>-redis, which Raykeep runs beside the cluster
    rocksdb,        // a volume of the head's
  };
  Backend backend = Backend::memory;

  // redis: exactly one of the two is filled, but for a fault below.
  std::vector<RedisAddress> addresses;
  std::optional<Sentinel> sentinel;
  RedisTls tls;             // from the Site
  RedisTlsFiles tls_files;  // from the document; its files win over the Site's Secrets
  Credential user;
  Credential password;
  std::chrono::milliseconds hold = std::chrono::seconds(90);
  std::chrono::milliseconds lease_ttl = std::chrono::seconds(10);
  std::vector<Peer> peers;  // who the servers are; empty when nobody knows, or on loopback
  std::vector<SitePort> ports;

  std::string storage_namespace;  // the document's own; empty: one for each generation
  GcsVolume volume;               // rocksdb
  std::optional<std::int64_t> clean_up_seconds;

  enum class Fault {
    none,
    no_redis,         // gcsFaultToleranceOptions, and neither document nor Site names a Redis
    annotation_only,  // ray.io/ft-enabled, likewise: in KubeRay that means memory
    unknown_peers,    // the address does not say which pods or networks policies must let through
    guessed_peers,    // every pod of the address's namespace, for want of better
  };
  Fault fault = Fault::none;

  bool is_redis() const { return backend == Backend::redis || backend == Backend::managed_redis; }
};

Storage storage_of(const RayCluster& cluster, const Site& site);

}  // namespace raykeep::spec
