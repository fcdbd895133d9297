#include "spec/storage.h"

#include <algorithm>

#include "base/text.h"
#include "spec/cidr.h"
#include "spec/peers.h"

namespace raykeep::spec {
namespace {

using Backend = Storage::Backend;
using Fault = Storage::Fault;
using Form = SiteRedis::Form;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

Peer pods_of(std::optional<StringMap> namespace_labels) {
  return {.name = "redis",
          .namespace_labels = std::move(namespace_labels),
          .pod_labels = {},
          .cidr = {},
          .except = {}};
}

/// Who answers at a host, as far as its name tells: an address, or some pod of a namespace.
std::optional<Peer> peer_of(const std::string& host, const std::string& cluster_domain) {
  const std::string whole = host + (host.contains(':') ? "/128" : "/32");
  if (parse_cidr(whole)) {
    Peer peer = pods_of({});
    peer.cidr = whole;
    return peer;
  }
  std::string_view name = host;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.ends_with("." + cluster_domain)) name.remove_suffix(cluster_domain.size() + 1);
  std::vector<std::string_view> parts = split(name, '.');
  bool service = parts.back() == "svc";
  if (service) parts.pop_back();
  if (parts.size() == 1) return pods_of({});
  // A StatefulSet's pod has a name of its own before the Service's: redis-0.redis.data.svc.
  if (parts.size() == 2 || (service && parts.size() == 3)) {
    return pods_of(StringMap{{kNamespaceNameLabel, std::string(parts.back())}});
  }
  return std::nullopt;
}

/// Peers by name where the Site names none.
void guess_peers(const std::vector<RedisAddress>& addresses, const Site& site, Storage& storage) {
  for (const RedisAddress& address : addresses) {
    if (is_loopback(address.host)) continue;
    std::optional<Peer> peer = peer_of(address.host, site.cluster_domain);
    if (!peer) {
      storage.fault = Fault::unknown_peers;
      continue;
    }
    if (peer->cidr.empty() && storage.fault == Fault::none) storage.fault = Fault::guessed_peers;
    bool known = std::ranges::any_of(storage.peers, [&](const Peer& other) {
      return other.cidr == peer->cidr && other.namespace_labels == peer->namespace_labels;
    });
    if (!known) storage.peers.push_back(std::move(*peer));
  }
}

void add_port(const SitePort& port, Storage& storage) {
  bool known = std::ranges::any_of(storage.ports, [&](const SitePort& other) {
    return other.range == port.range && other.protocol == port.protocol;
  });
  if (!known) storage.ports.push_back(port);
}

void find_ends(const Site& site, Storage& storage) {
  std::vector<RedisAddress> dialled = storage.addresses;
  if (storage.sentinel) {
    dialled = storage.sentinel->addresses;
    for (const SitePort& port : storage.sentinel->ports) add_port(port, storage);
  }
  for (const RedisAddress& address : dialled) {
    if (!is_loopback(address.host)) add_port({{address.port, address.port}}, storage);
  }
  storage.peers = site.redis.peers;
  if (storage.peers.empty()) guess_peers(dialled, site, storage);
}

void take_site(const SiteRedis& redis, Storage& storage) {
  storage.addresses = redis.addresses;
  storage.sentinel = redis.sentinel;
  storage.tls = redis.tls;
  storage.user.literal = Secret(redis.user);
  storage.password.from = redis.password;
}

/// The document's own Redis. The Site speaks of it, too, where the address is among the Site's, and
/// its authorities serve for every rediss://.
void take_document(const FaultTolerance& wished, const SiteRedis& redis, Storage& storage) {
  auto is_sites = [&](const RedisAddress& address) {
    return std::ranges::any_of(redis.addresses, [&](const RedisAddress& other) {
      return other.host == address.host && other.port == address.port;
    });
  };
  bool known = std::ranges::all_of(wished.addresses, is_sites);
  if (known) take_site(redis, storage);
  storage.addresses = wished.addresses;
  storage.sentinel.reset();
  if (wished.addresses.front().tls) {
    storage.tls = redis.tls;
    storage.tls.enabled = true;
  }
  if (!wished.user.empty()) storage.user = wished.user;
  if (!wished.password.empty()) storage.password = wished.password;
  storage.tls_files = wished.tls_files;
}

}  // namespace

Storage storage_of(const RayCluster& cluster, const Site& site) {
  const FaultTolerance& wished = cluster.fault_tolerance;
  Storage storage;
  storage.storage_namespace = wished.storage_namespace;
  storage.clean_up_seconds = wished.clean_up_seconds;
  storage.hold = site.redis.hold;
  storage.lease_ttl = site.redis.lease_ttl;

  if (wished.wish == FaultTolerance::Wish::rocksdb) {
    storage.backend = Backend::rocksdb;
    storage.volume = wished.volume;
  } else if (wished.wish == FaultTolerance::Wish::redis && !wished.addresses.empty()) {
    storage.backend = Backend::redis;
    take_document(wished, site.redis, storage);
    find_ends(site, storage);
  } else if (wished.wish == FaultTolerance::Wish::off) {
    storage.backend = Backend::memory;
  } else if (site.redis.form == Form::managed) {
    storage.backend = Backend::managed_redis;
    storage.ports = {{{6379, 6379}}};
  } else if (site.redis.form != Form::none) {
    storage.backend = Backend::redis;
    take_site(site.redis, storage);
    if (!wished.user.empty()) storage.user = wished.user;
    if (!wished.password.empty()) storage.password = wished.password;
    find_ends(site, storage);
  } else if (wished.wish == FaultTolerance::Wish::redis) {
    storage.fault = wished.by_options ? Fault::no_redis : Fault::annotation_only;
  }
  return storage;
}

}  // namespace raykeep::spec
