#include "spec/site_redis.h"

#include <fmt/format.h>

#include "base/text.h"
#include "spec/names.h"
#include "spec/peers.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

using std::chrono::seconds;

void check_secret_name(const Cursor& at) {
  if (!at || !at.value().is_string()) return;
  if (std::string wrong = wrong_with_dns_subdomain(at.text()); !wrong.empty()) {
    at.report("RK3033", fmt::format("the name {} {}", quoted(at.text()), wrong));
  }
}

std::optional<KeyRef> parse_key(const Cursor& at, std::string_view key, bool config_map = false) {
  if (!at || !at.value().is_object()) return std::nullopt;
  check_secret_name(at["name"]);
  return KeyRef{at["name"].text(), at["key"].text(key), config_map};
}

std::vector<RedisAddress> parse_addresses(const Cursor& list, int default_port) {
  std::vector<RedisAddress> out;
  if (list && list.value().is_array() && list.value().get_array().empty()) {
    list.report("RK3051", "the list of addresses is empty", "name at least one");
  }
  for (const Cursor& item : list.items()) {
    if (!item || !item.value().is_string()) continue;
    Result<RedisAddress> address = parse_redis_address(item.text(), default_port);
    if (!address) {
      item.report("RK3051", address.error().text, "write it as in redis.data.svc:6379");
    } else if (address->tls) {
      item.report(
          "RK3051", "TLS is not said in an address of the Site",
          fmt::format("write {} here and enabled: true under tls", quoted(address->text())));
    } else {
      out.push_back(*address);
    }
  }
  return out;
}

Sentinel parse_sentinel(const Cursor& at) {
  Sentinel out;
  out.addresses = parse_addresses(at["addresses"], 26379);
  out.master = at["master"].text();
  if (at["master"] && trim(out.master).empty()) at["master"].report("RK3003", "master is empty");
  out.user = at["user"].text();
  out.password = parse_key(at["passwordSecret"], "password");
  out.ports = {{{6379, 6379}, Protocol::tcp}};
  if (at["ports"]) out.ports = parse_ports(at["ports"]);
  return out;
}

ManagedRedis parse_managed(const Cursor& at) {
  ManagedRedis out;
  auto amount = [&](const char* key, std::string& into) {
    if (!at[key]) return;
    into = at[key].value().is_string() ? at[key].text() : describe(at[key].value());
    std::optional<Quantity> quantity = quantity_of(at[key]);
    if (quantity && quantity->ceil() < (64 << 20)) {
      at[key].report("RK3005", fmt::format("{} is less than 64Mi", into));
    }
  };
  amount("size", out.size);
  amount("memory", out.memory);
  out.storage_class = at["storageClassName"].text();
  out.tls = at["tls"].boolean(true);
  out.certificate_secret = at["certificateSecret"].text();
  if (!out.tls && at["certificateSecret"]) {
    at["certificateSecret"].report_key("RK3050", "a certificate is of no use without tls",
                                       "remove it, or tls: false");
  }
  check_secret_name(at["storageClassName"]);
  check_secret_name(at["certificateSecret"]);
  return out;
}

RedisTls parse_tls(const Cursor& tls) {
  RedisTls out;
  out.written = static_cast<bool>(tls["enabled"]);
  out.enabled = tls["enabled"].boolean(static_cast<bool>(tls));
  out.ca = tls["caConfigMap"] ? parse_key(tls["caConfigMap"], "ca.crt", true)
                              : parse_key(tls["caSecret"], "ca.crt");
  out.certificate_secret = tls["certificateSecret"].text();
  out.server_name = tls["serverName"].text();
  check_secret_name(tls["certificateSecret"]);
  if (tls["caConfigMap"] && tls["caSecret"]) {
    tls["caConfigMap"].report_key("RK3050", "caSecret and caConfigMap are both written",
                                  "keep one of them");
  }
  return out;
}

/// Exactly one form, and nothing beside it that it has no use for.
void check_form(const Cursor& redis) {
  int forms = 0;
  for (const char* key : {"addresses", "sentinel", "managed"}) forms += redis[key] ? 1 : 0;
  if (forms != 1) {
    redis.report("RK3050",
                 forms == 0 ? "redis says neither addresses nor sentinel nor managed"
                            : "redis says more than one of addresses, sentinel and managed",
                 "write one of them; managed: {} lets Raykeep run one for each cluster");
  }
  if (!redis["managed"]) return;
  for (const char* key : {"tls", "user", "passwordSecret", "peers"}) {
    if (redis[key]) {
      redis[key].report_key("RK3050", fmt::format("{} is for a Redis that somebody else runs", key),
                            "remove it; Raykeep knows its own");
    }
  }
}

void check_credentials(const Cursor& at) {
  if (at["user"] && !at["passwordSecret"] && !at["tls"]["certificateSecret"]) {
    at["user"].report("RK3052", "a user without a password cannot log in",
                      "name the Secret with it in passwordSecret");
  }
}

}  // namespace

SiteRedis parse_site_redis(const Cursor& redis) {
  SiteRedis out;
  if (!redis || !redis.value().is_object()) return out;
  check_form(redis);
  out.addresses = parse_addresses(redis["addresses"], 6379);
  if (redis["sentinel"]) out.sentinel = parse_sentinel(redis["sentinel"]);
  if (redis["managed"]) out.managed = parse_managed(redis["managed"]);
  out.form = out.managed    ? SiteRedis::Form::managed
             : out.sentinel ? SiteRedis::Form::sentinel
                            : SiteRedis::Form::addresses;
  out.tls = parse_tls(redis["tls"]);
  out.user = redis["user"].text();
  out.password = parse_key(redis["passwordSecret"], "password");
  check_credentials(redis);
  check_credentials(redis["sentinel"]);
  if (!out.managed && !out.tls.enabled && !out.tls.written) {
    redis.report(
        "RK3053", "tls is not written: the password and the state cross the network in clear",
        "write tls: {enabled: true, caSecret: {name: ...}}, or enabled: false if that is meant");
  }
  out.hold = redis["hold"].span(out.hold, seconds(1), seconds(600));
  out.lease_ttl = redis["leaseTtl"].span(out.lease_ttl, seconds(3), seconds(120));
  out.peers = parse_peers(redis["peers"]);
  if (Cursor peers = redis["peers"]; peers && peers.value().is_array() && out.peers.empty()) {
    peers.report("RK3018", "peers is empty", "name one, or leave the field out");
  }
  out.in_mesh = redis["inMesh"].boolean();
  return out;
}

}  // namespace raykeep::spec
