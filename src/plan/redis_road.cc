#include "plan/redis_road.h"

#include <fmt/format.h>

#include "flow/ports.h"
#include "plan/managed_redis.h"
#include "plan/restricted.h"

namespace raykeep::plan {
namespace {

constexpr std::string_view volume = "raykeep-redis";
constexpr std::string_view folder = "/var/run/secrets/raykeep-redis";
constexpr std::string_view config_key = "redis.json";

std::string file(std::string_view name) { return fmt::format("{}/{}", folder, name); }

/// One file of the folder, from a key of a Secret or ConfigMap.
struct Source {
  spec::KeyRef from;
  std::string_view name;
};

spec::KeyRef password_source(const Input& input, const spec::Storage& redis) {
  if (redis.password.from) return *redis.password.from;
  return {gcs_redis_name(input.cluster.name), std::string(spec::redis_password_key)};
}

std::vector<Source> sources(const Input& input, const spec::Storage& redis) {
  std::vector<Source> all;
  if (redis.user.from) all.push_back({*redis.user.from, "username"});
  if (!redis.password.empty()) all.push_back({password_source(input, redis), "password"});
  if (redis.sentinel && redis.sentinel->password) {
    all.push_back({*redis.sentinel->password, "sentinel-password"});
  }
  if (redis.tls.enabled && redis.tls.ca && redis.tls_files.ca.empty()) {
    all.push_back({*redis.tls.ca, "ca.crt"});
  }
  const std::string& certificate = redis.tls.certificate_secret;
  if (redis.tls.enabled && !certificate.empty() && redis.tls_files.certificate.empty()) {
    all.push_back({{certificate, "tls.crt"}, "tls.crt"});
    all.push_back({{certificate, "tls.key"}, "tls.key"});
  }
  return all;
}

doc::Array texts(const std::vector<spec::RedisAddress>& addresses) {
  doc::Array out;
  for (const spec::RedisAddress& address : addresses) out.emplace_back(address.text());
  return out;
}

doc::Object sentinel_config(const spec::Sentinel& sentinel) {
  doc::Object out{{"addresses", texts(sentinel.addresses)}, {"master", sentinel.master}};
  if (!sentinel.user.empty()) out["usernameFile"] = file("sentinel-username");
  if (sentinel.password) out["passwordFile"] = file("sentinel-password");
  return out;
}

/// The document's own files win: they are in the container already.
doc::Object tls_config(const spec::Storage& redis) {
  doc::Object out{{"enabled", true}};
  auto choose = [&out](std::string_view member, const std::string& own, bool ours,
                       std::string_view name) {
    if (!own.empty())
      out[member] = own;
    else if (ours)
      out[member] = file(name);
  };
  const bool certificate = !redis.tls.certificate_secret.empty();
  choose("caFile", redis.tls_files.ca, redis.tls.ca.has_value(), "ca.crt");
  choose("certificateFile", redis.tls_files.certificate, certificate, "tls.crt");
  choose("keyFile", redis.tls_files.key, certificate, "tls.key");
  const std::string& name =
      redis.tls_files.server_name.empty() ? redis.tls.server_name : redis.tls_files.server_name;
  if (!name.empty()) out["serverName"] = name;
  return out;
}

std::string span(std::chrono::milliseconds length) {
  return length % std::chrono::seconds(1) == std::chrono::milliseconds(0)
             ? fmt::format("{}s", length / std::chrono::seconds(1))
             : fmt::format("{}ms", length.count());
}

doc::Object config(const Input& input, const spec::Storage& redis) {
  doc::Object out;
  out["listen"] = flow::redis_road_port;
  if (redis.sentinel)
    out["sentinel"] = sentinel_config(*redis.sentinel);
  else
    out["addresses"] = texts(redis.addresses);
  if (redis.tls.enabled) out["tls"] = tls_config(redis);
  if (!redis.user.empty()) out["usernameFile"] = file("username");
  if (!redis.password.empty()) out["passwordFile"] = file("password");
  out["storageNamespace"] = input.storage_namespace;
  out["hold"] = span(redis.hold);
  out["leaseTtl"] = span(redis.lease_ttl);
  return out;
}

/// The folder as a volume: the ConfigMap's files and each secret under its own name.
doc::Object projected(const Input& input, const spec::Storage& redis) {
  doc::Array list{
      doc::Object{{"configMap", doc::Object{{"name", gcs_redis_name(input.cluster.name)}}}}};
  const std::vector<Source> files = sources(input, redis);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const spec::KeyRef& from = files[i].from;
    doc::Object item{{"key", from.key}, {"path", files[i].name}};
    if (i > 0 && files[i - 1].from.name == from.name &&
        files[i - 1].from.config_map == from.config_map) {
      doc::Object& before = list.back().get_object().begin()->value().get_object();
      before["items"].get_array().push_back(std::move(item));
      continue;
    }
    doc::Object named{{"name", from.name}, {"items", doc::Array{std::move(item)}}};
    list.push_back(doc::Object{{from.config_map ? "configMap" : "secret", std::move(named)}});
  }
  return {{"name", volume}, {"projected", doc::Object{{"sources", std::move(list)}}}};
}

void mount_folder(const Input& input, const spec::Storage& redis, doc::Object& container,
                  doc::Object& pod_spec) {
  mount_unless_taken(container, {std::string(volume), std::string(folder), true});
  add_volume(pod_spec, projected(input, redis));
}

}  // namespace

doc::Value redis_road_config(const Input& input) {
  const spec::Storage redis = reachable_redis(input);
  doc::Object made = object(input, "v1", "ConfigMap", gcs_redis_name(input.cluster.name));
  doc::Object data;
  data[config_key] = doc::write_json_pretty(doc::Value(config(input, redis)));
  if (!redis.user.literal.empty()) data["username"] = redis.user.literal.reveal();
  if (redis.sentinel && !redis.sentinel->user.empty()) {
    data["sentinel-username"] = redis.sentinel->user;
  }
  made["data"] = std::move(data);
  return made;
}

std::string add_redis_road(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  mount_folder(input, reachable_redis(input), container, pod_spec);
  return file(config_key);
}

void add_direct_redis(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  const spec::Storage redis = reachable_redis(input);
  mount_folder(input, redis, container, pod_spec);
  doc::Array& env = array_at(container, "env");
  auto add = [&env](std::string_view name, std::string_view value) {
    env.push_back(doc::Object{{"name", name}, {"value", value}});
  };
  auto add_from = [&env](std::string_view name, const spec::KeyRef& from) {
    doc::Object source{{from.config_map ? "configMapKeyRef" : "secretKeyRef",
                        doc::Object{{"name", from.name}, {"key", from.key}}}};
    env.push_back(doc::Object{{"name", name}, {"valueFrom", std::move(source)}});
  };
  const auto& dialled = redis.sentinel ? redis.sentinel->addresses : redis.addresses;
  if (dialled.empty()) return;  // the Site has been refused for it
  add("RAY_REDIS_ADDRESS",
      fmt::format("{}{}", redis.tls.enabled ? "rediss://" : "", dialled.front().text()));
  if (redis.user.from)
    add_from("REDIS_USERNAME", *redis.user.from);
  else if (!redis.user.empty())
    add("REDIS_USERNAME", redis.user.literal.reveal());
  const std::string& named = input.cluster.fault_tolerance.password_variable;
  if (!redis.password.empty()) {
    add_from(named.empty() ? "REDIS_PASSWORD" : named, password_source(input, redis));
  }
  if (!redis.tls.enabled) return;
  const doc::Object tls = tls_config(redis);
  for (auto [variable, member] : {std::pair{"RAY_REDIS_CA_CERT", "caFile"},
                                  {"RAY_REDIS_CLIENT_CERT", "certificateFile"},
                                  {"RAY_REDIS_CLIENT_KEY", "keyFile"},
                                  {"RAY_REDIS_SERVER_NAME", "serverName"}}) {
    std::string_view value = doc::find_string(tls, {member});
    bool known = false;
    for (const doc::Value& each : env) known |= doc::find_string(each, {"name"}) == variable;
    if (!value.empty() && !known) add(variable, value);
  }
}

}  // namespace raykeep::plan
