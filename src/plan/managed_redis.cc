#include "plan/managed_redis.h"

#include <fmt/format.h>

#include "flow/ports.h"
#include "plan/claims.h"
#include "plan/image.h"
#include "plan/mesh.h"
#include "plan/restricted.h"
#include "plan/scratch_space.h"
#include "spec/quantity.h"

namespace raykeep::plan {
namespace {

constexpr std::string_view config_folder = "/etc/raykeep-redis";
constexpr std::string_view acl_folder = "/etc/raykeep-redis-acl";
constexpr std::string_view tls_folder = "/etc/raykeep-redis-tls";
constexpr std::string_view config_key = "redis.conf";

const spec::ManagedRedis& managed(const Input& input) { return *input.site.redis.managed; }

bool has_tls(const Input& input) { return managed(input).tls; }

/// The Secret that holds the certificate.
std::string certificate_secret(const Input& input) {
  const std::string& given = managed(input).certificate_secret;
  return given.empty() ? redis_name(input.cluster.name) : given;
}

/// The name that is the same in every cluster domain, and in the certificate.
std::string server_name(const Input& input) {
  return fmt::format("{}.{}.svc", redis_name(input.cluster.name), input.ns);
}

std::string service_host(const Input& input) {
  return fmt::format("{}.{}", server_name(input), input.site.cluster_domain);
}

/// Redis' own configuration. appendfsync always: an answered write is on the disk, which the fence
/// relies on. Half of the memory: rewriting the append-only file may copy what changes meanwhile.
std::string redis_conf(const Input& input) {
  auto memory = spec::parse_quantity(managed(input).memory);
  std::string text = fmt::format(
      "bind * -::*\n"
      "protected-mode no\n"
      "{}port {}\n"
      "dir /data\n"
      "aclfile {}/{}\n"
      "appendonly yes\n"
      "appendfsync always\n"
      "save \"\"\n"
      "maxmemory {}\n"
      "maxmemory-policy noeviction\n"
      "tcp-keepalive 60\n",
      has_tls(input) ? "port 0\ntls-" : "", flow::managed_redis_port, acl_folder, managed_acl_key,
      (memory ? memory->ceil() : 0) / 2);
  if (has_tls(input)) {
    text += fmt::format(
        "tls-cert-file {0}/tls.crt\ntls-key-file {0}/tls.key\ntls-ca-cert-file {0}/ca.crt\n"
        "tls-auth-clients no\n",
        tls_folder);
  }
  return text;
}

doc::Object redis_labels(const Input& input) {
  doc::Object labels = pod_selector(input.cluster, flow::Role::redis, "");
  labels["app.kubernetes.io/name"] = "redis";
  labels[managed_by_label] = managed_by;
  labels[cluster_label] = input.cluster.name;
  add_missing(labels, to_object(input.site.pods.labels));
  return labels;
}

/// Asks for PONG, as a user that may do that and nothing else; an answer that it is still loading
/// is no PONG. That user has no password, but redis-cli names a user only together with one.
doc::Object probe(const Input& input, int period, int failures) {
  doc::Array command{"redis-cli", "-e", "-p", std::to_string(flow::managed_redis_port)};
  for (std::string_view word :
       {std::string_view("--no-auth-warning"), std::string_view("--user"), managed_redis_prober,
        std::string_view("--pass"), std::string_view("none")})
    command.emplace_back(word);
  if (has_tls(input)) {
    command.emplace_back("--tls");
    command.emplace_back("--cacert");
    command.emplace_back(fmt::format("{}/ca.crt", tls_folder));
  }
  command.emplace_back("ping");
  return {{"exec", doc::Object{{"command", std::move(command)}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 5},
          {"failureThreshold", failures}};
}

doc::Object redis_container(const Input& input) {
  doc::Object made;
  made["name"] = "redis";
  made["image"] = image_on_site(input.site.redis_image, input.site);
  if (!input.site.image_pull_policy.empty()) {
    made["imagePullPolicy"] = input.site.image_pull_policy;
  }
  made["command"] = doc::Array{"redis-server", fmt::format("{}/{}", config_folder, config_key)};
  made["ports"] = doc::Array{doc::Object{
      {"name", "redis"}, {"containerPort", flow::managed_redis_port}, {"protocol", "TCP"}}};
  made["resources"] =
      doc::Object{{"limits", doc::Object{{"cpu", "1"}, {"memory", managed(input).memory}}},
                  {"requests", doc::Object{{"cpu", "100m"}, {"memory", managed(input).memory}}}};
  // A large append-only file takes its time to load; while it does, Redis is alive.
  made["startupProbe"] = probe(input, 2, 300);
  made["livenessProbe"] = probe(input, 10, 6);
  made["readinessProbe"] = probe(input, 3, 2);
  mount_unless_taken(made, {"data", "/data"});
  mount_unless_taken(made, {"config", std::string(config_folder), true});
  mount_unless_taken(made, {"acl", std::string(acl_folder), true});
  if (has_tls(input)) mount_unless_taken(made, {"tls", std::string(tls_folder), true});
  mount_unless_taken(made, {"tmp", "/tmp"});
  make_restricted(made);
  return made;
}

doc::Array redis_volumes(const Input& input) {
  const std::string name = redis_name(input.cluster.name);
  auto secret = [](std::string_view volume, std::string_view of,
                   std::initializer_list<std::string_view> keys) {
    doc::Array items;
    for (std::string_view key : keys) items.push_back(doc::Object{{"key", key}, {"path", key}});
    doc::Object source{{"secretName", of}, {"items", std::move(items)}};
    return doc::Object{{"name", volume}, {"secret", std::move(source)}};
  };
  doc::Array volumes;
  volumes.push_back(doc::Object{
      {"name", "data"},
      {"persistentVolumeClaim", doc::Object{{"claimName", redis_claim_name(input.cluster.name)}}}});
  volumes.push_back(doc::Object{{"name", "config"}, {"configMap", doc::Object{{"name", name}}}});
  volumes.push_back(secret("acl", name, {managed_acl_key}));
  if (has_tls(input)) {
    volumes.push_back(secret("tls", certificate_secret(input),
                             {certificate_key, private_key_key, authority_key}));
  }
  return volumes;
}

doc::Object redis_pod(const Input& input) {
  doc::Object spec;
  spec["containers"] = doc::Array{redis_container(input)};
  spec["volumes"] = redis_volumes(input);
  spec["automountServiceAccountToken"] = false;
  spec["enableServiceLinks"] = false;
  spec["terminationGracePeriodSeconds"] = 30;
  restrict_pod(input.site, spec);
  limit_scratch_space(spec);
  if (!input.site.pods.service_account_name.empty()) {
    spec["serviceAccountName"] = input.site.pods.service_account_name;
  }
  if (!input.site.pods.priority_class_name.empty()) {
    spec["priorityClassName"] = input.site.pods.priority_class_name;
  }
  for (const std::string& name : input.site.image_pull_secrets) {
    array_at(spec, "imagePullSecrets").push_back(doc::Object{{"name", name}});
  }
  doc::Object annotations = to_object(input.site.pods.annotations);
  annotations[config_annotation] = content_hash(redis_conf(input));
  doc::Object metadata{{"labels", redis_labels(input)}, {"annotations", std::move(annotations)}};
  doc::Object made{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}};
  join_mesh(input.site, mesh_pod(input, {flow::Role::redis, ""}), made);
  return made;
}

doc::Value config_map(const Input& input) {
  doc::Object made = object(input, "v1", "ConfigMap", redis_name(input.cluster.name));
  made["data"] = doc::Object{{config_key, redis_conf(input)}};
  return made;
}

doc::Value service(const Input& input) {
  doc::Object made = object(input, "v1", "Service", redis_name(input.cluster.name));
  doc::Object port{{"name", "redis"},
                   {"port", flow::managed_redis_port},
                   {"targetPort", "redis"},
                   {"protocol", "TCP"},
                   // In a mesh bytes are carried as they are: Istio can be told to read Redis'.
                   {"appProtocol", input.site.mesh == spec::Mesh::none ? "redis" : "tcp"}};
  made["spec"] = doc::Object{{"type", "ClusterIP"},
                             {"selector", pod_selector(input.cluster, flow::Role::redis, "")},
                             {"ports", doc::Array{std::move(port)}}};
  return made;
}

}  // namespace

spec::Storage reachable_redis(const Input& input) {
  spec::Storage storage = input.storage;
  if (storage.backend != spec::Storage::Backend::managed_redis) return storage;
  storage.addresses = {{service_host(input), flow::managed_redis_port}};
  storage.user.literal = Secret(std::string(managed_redis_user));
  storage.password.from =
      spec::KeyRef{redis_name(input.cluster.name), std::string(managed_password_key)};
  if (has_tls(input)) {
    storage.tls.enabled = true;
    storage.tls.ca = spec::KeyRef{certificate_secret(input), std::string(authority_key)};
    storage.tls.server_name = server_name(input);
  }
  return storage;
}

std::vector<std::string> managed_redis_names(const Input& input) {
  if (!has_tls(input) || !managed(input).certificate_secret.empty()) return {};
  const std::string name = redis_name(input.cluster.name);
  return {server_name(input), name, fmt::format("{}.{}", name, input.ns), service_host(input)};
}

std::vector<doc::Value> managed_redis_objects(const Input& input) {
  if (input.storage.backend != spec::Storage::Backend::managed_redis) return {};
  std::vector<doc::Value> made;
  made.push_back(config_map(input));
  made.push_back(service(input));
  spec::GcsVolume volume;
  volume.size = managed(input).size;
  volume.storage_class = managed(input).storage_class;
  made.push_back(volume_claim(input, redis_claim_name(input.cluster.name), volume));
  return made;
}

doc::Value redis_stateful_set(const Input& input) {
  const std::string name = redis_name(input.cluster.name);
  doc::Object made = object(input, "apps/v1", "StatefulSet", name);
  doc::Object selector = pod_selector(input.cluster, flow::Role::redis, "");
  add_missing(made["metadata"].get_object()["labels"].get_object(), selector);
  // Parallel: in order, Kubernetes waits for a pod that cannot become ready, and never gives it the
  // template that mends it (kubernetes/kubernetes#67250).
  made["spec"] = doc::Object{{"replicas", input.cluster.suspend ? 0 : 1},
                             {"serviceName", name},
                             {"podManagementPolicy", "Parallel"},
                             {"revisionHistoryLimit", 2},
                             {"selector", doc::Object{{"matchLabels", std::move(selector)}}},
                             {"template", redis_pod(input)}};
  return made;
}

}  // namespace raykeep::plan
