#include "plan/ray_environment.h"

#include <fmt/format.h>

#include "flow/ports.h"

namespace raykeep::plan {
namespace {

/// A list of EnvVar to which each name is added once.
class Environment {
 public:
  explicit Environment(doc::Array& list) : list_(list) {}

  bool has(std::string_view name) const {
    for (const doc::Value& entry : list_) {
      if (doc::find_string(entry, {"name"}) == name) return true;
    }
    return false;
  }

  bool add(std::string_view name, std::string_view value) {
    if (has(name)) return false;
    list_.push_back(doc::Object{{"name", name}, {"value", value}});
    return true;
  }

  void add_field(std::string_view name, std::string_view path) {
    if (has(name)) return;
    doc::Object field{{"fieldRef", doc::Object{{"fieldPath", path}}}};
    list_.push_back(doc::Object{{"name", name}, {"valueFrom", std::move(field)}});
  }

 private:
  doc::Array& list_;
};

}  // namespace

void add_head_address(const Input& input, doc::Array& list) {
  Environment env(list);
  env.add("FQ_RAY_IP", head_fqdn(input.cluster, input.ns, input.site.cluster_domain));
  env.add("RAY_IP", head_service_name(input.cluster));
}

bool add_environment(const Input& input, bool head, const RayEnvironment& environment,
                     doc::Object& container) {
  doc::Array& list = array_at(container, "env");
  Environment env(list);
  const int gcs = flow::node_ports(input.cluster.head, true).gcs;
  const std::string fqdn = head_fqdn(input.cluster, input.ns, input.site.cluster_domain);

  if (!environment.token_file.empty()) {
    env.add("RAY_AUTH_MODE", "token");
    env.add("RAY_AUTH_TOKEN_PATH", environment.token_file);
  }
  if (!head) add_head_address(input, list);
  env.add_field("RAY_CLUSTER_NAME", fmt::format("metadata.labels['{}']", ray_cluster_label));
  env.add_field("RAY_CLUSTER_NAMESPACE", "metadata.namespace");
  env.add_field("RAY_CLOUD_INSTANCE_ID", "metadata.name");
  env.add_field("RAY_NODE_TYPE_NAME", fmt::format("metadata.labels['{}']", ray_group_label));
  env.add("KUBERAY_GEN_RAY_START_CMD", environment.start_command);
  env.add("RAY_PORT", std::to_string(gcs));
  if (environment.agent) {
    env.add_field("RAYKEEP_POD_NAME", "metadata.name");
    env.add_field("RAYKEEP_POD_NAMESPACE", "metadata.namespace");
    env.add_field("RAYKEEP_POD_UID", "metadata.uid");
    env.add_field("RAYKEEP_POD_IP", "status.podIP");
  }
  if (head && input.storage.is_redis()) {
    if (environment.agent) {
      env.add("RAY_REDIS_ADDRESS", fmt::format("127.0.0.1:{}", flow::redis_road_port));
    }
    env.add("RAY_external_storage_namespace", input.storage_namespace);
  }
  env.add("RAY_ADDRESS", fmt::format("{}:{}", head ? "127.0.0.1" : fqdn, gcs));
  env.add("RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE", "1");
  // A head that is being replaced is waited for; Ray's default of 60 s is shorter than many a
  // restart.
  if (!head) env.add("RAY_gcs_rpc_server_reconnect_timeout_s", "600");
  // Nothing leaves the enclave: Ray would report usage to its makers.
  env.add("RAY_USAGE_STATS_ENABLED", "0");
  env.add("RAY_USAGE_STATS_PROMPT_ENABLED", "0");
  env.add("PYTHONDONTWRITEBYTECODE", "1");
  // HOME moves to a writable folder; what the image installed with `pip install --user` stays
  // importable.
  bool own_home = env.add("HOME", environment.home);
  if (own_home) env.add("PYTHONUSERBASE", input.site.pods.home + "/.local");
  return own_home;
}

}  // namespace raykeep::plan
