#include "plan/ray_container.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/https.h"
#include "plan/agent.h"
#include "plan/claims.h"
#include "plan/node_certificate.h"
#include "plan/ray_environment.h"
#include "plan/redis_road.h"
#include "plan/restricted.h"
#include "plan/start_command.h"
#include "spec/start_way.h"

namespace raykeep::plan {
namespace {

/// Where Ray finds its token: a file, so that it stands in no pod spec and no task inherits it.
constexpr std::string_view token_folder = "/var/run/secrets/raykeep";

/// What the document says of Redis and the agent now says in another way.
void remove_redis_variables(const Input& input, doc::Object& container) {
  const std::string& password = input.cluster.fault_tolerance.password_variable;
  doc::Array kept;
  for (doc::Value& variable : array_at(container, "env")) {
    std::string_view name = doc::find_string(variable, {"name"});
    bool redis = name == "RAY_REDIS_ADDRESS" || name == "RAY_external_storage_namespace" ||
                 (!password.empty() && name == password);
    if (!redis) kept.push_back(std::move(variable));
  }
  container["env"] = std::move(kept);
}

/// A preStop that stops Ray would leave the agent nothing to drain (finding RK2228).
void remove_hook(doc::Object& container) {
  doc::Value* lifecycle = container.if_contains("lifecycle");
  if (lifecycle == nullptr || !lifecycle->is_object()) return;
  const doc::Value* hook = lifecycle->get_object().if_contains("preStop");
  if (hook == nullptr || !spec::stops_ray(*hook)) return;
  lifecycle->get_object().erase("preStop");
  if (lifecycle->get_object().empty()) container.erase("lifecycle");
}

void declare_ports(const Input& input, const spec::Group& group, bool head, bool agent,
                   doc::Object& container) {
  doc::Array& declared = array_at(container, "ports");
  auto has = [&declared](int number, std::string_view name) {
    return std::ranges::any_of(declared, [&](const doc::Value& port) {
      const doc::Value* at =
          port.is_object() ? port.get_object().if_contains("containerPort") : nullptr;
      bool same_number =
          at != nullptr && at->is_number() && at->to_number<std::int64_t>() == number;
      return same_number || doc::find_string(port, {"name"}) == name;
    });
  };
  auto declare = [&](std::string_view name, int number) {
    if (has(number, name)) return;
    declared.push_back(doc::Object{{"name", name}, {"containerPort", number}, {"protocol", "TCP"}});
  };
  const flow::NodePorts ports = flow::node_ports(group, head);
  if (head) {
    declare("gcs-server", ports.gcs);
    declare("dashboard", ports.dashboard);
    declare("client", ports.client);
  }
  declare("object-manager", ports.object_manager);
  declare("node-manager", ports.node_manager);
  declare("metrics", ports.metrics);
  declare("agent-http", ports.agent_http);
  declare("agent-grpc", ports.agent_grpc);
  declare("runtime-env", ports.runtime_env);
  if (!agent) return;
  declare("raykeep", ports.raykeep);
  for (const flow::HttpsPort& each : flow::https_ports(input.cluster, input.site, group, head))
    declare(each.name, each.port);
}

/// Without the agent the kubelet asks Ray's own. /api/healthz (Ray 2.53) is exempt
/// from token authentication and, on workers, stays good while the head is away; before that,
/// local_raylet_healthz says the same of the raylet alone. Delays and thresholds as KubeRay's, the
/// readiness period shorter.
void set_probes(const Input& input, const spec::Group& group, bool head, doc::Object& container) {
  auto version = spec::parse_ray_version(input.cluster.ray_version);
  bool unified = version && *version >= spec::RayVersion{2, 53, 0};
  const flow::NodePorts ports = flow::node_ports(group, head);
  auto probe = [&](int initial_delay, int period, int failures) {
    doc::Object get{{"path", unified ? "/api/healthz" : "/api/local_raylet_healthz"},
                    {"port", ports.agent_http}};
    return doc::Object{{"httpGet", std::move(get)},
                       {"initialDelaySeconds", initial_delay},
                       {"periodSeconds", period},
                       {"timeoutSeconds", head ? 5 : 2},
                       {"failureThreshold", failures}};
  };
  doc::Object defaults;
  defaults["livenessProbe"] = probe(30, 5, 120);
  defaults["readinessProbe"] = probe(5, 2, 10);
  add_missing(container, defaults);
}

/// /dev/shm as KubeRay sizes it: the memory limit, else the request; it counts against the limit
/// anyway.
void add_shared_memory(const spec::Group& group, doc::Object& container, doc::Object& pod_spec) {
  if (group.start_params.contains("plasma-directory")) return;
  if (!mount_unless_taken(container, {"shared-mem", "/dev/shm"})) return;
  doc::Object empty_dir{{"medium", "Memory"}};
  for (std::string_view section : {"limits", "requests"}) {
    const doc::Object* resources = doc::find_object(container, {"resources", section});
    if (resources != nullptr && resources->contains("memory")) {
      empty_dir["sizeLimit"] = resources->at("memory");
      break;
    }
  }
  add_volume(pod_spec, {{"name", "shared-mem"}, {"emptyDir", std::move(empty_dir)}});
}

void add_token(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  mount_unless_taken(container, {"ray-token", std::string(token_folder), true});
  doc::Object item{{"key", token_key}, {"path", token_key}};
  doc::Object secret{{"secretName", token_secret_name(input.cluster)},
                     {"items", doc::Array{std::move(item)}}};
  add_volume(pod_spec, {{"name", "ray-token"}, {"secret", std::move(secret)}});
}

}  // namespace

void complete_ray_container(const Input& input, const spec::Group& group, bool head,
                            doc::Object& pod_spec) {
  doc::Array& containers = array_at(pod_spec, "containers");
  if (containers.empty() || !containers.front().is_object()) return;  // spec has refused this
  // Stays where it is while members are added to the pod: arrays keep their elements elsewhere.
  doc::Object& container = containers.front().get_object();

  const bool agent = spec::start_way(input.cluster, group) != spec::StartWay::unsupervised;
  const bool redis = head && input.storage.is_redis();
  AgentOptions options{.head = head,
                       .start = ray_start_command(input, group, head),
                       .token_file = {},
                       .redis_file = {}};
  if (input.token) options.token_file = fmt::format("{}/{}", token_folder, token_key);
  if (redis) remove_redis_variables(input, container);
  if (redis && !agent) add_direct_redis(input, container, pod_spec);
  RayEnvironment environment{.start_command = options.start,
                             .token_file = options.token_file,
                             .home = std::string(home_folder),
                             .agent = agent};
  bool own_home = add_environment(input, head, environment, container);
  if (head && input.storage.backend == spec::Storage::Backend::rocksdb) {
    add_rocksdb(input, container, pod_spec);
  }
  declare_ports(input, group, head, agent, container);
  if (redis && agent) options.redis_file = add_redis_road(input, container, pod_spec);
  if (agent) add_node_certificate(input, container, pod_spec);
  if (agent) add_https_certificate(input, container, pod_spec);
  if (agent) remove_hook(container);
  if (agent)
    add_agent(input, group, options, container, pod_spec);
  else
    set_probes(input, group, head, container);
  add_shared_memory(group, container, pod_spec);
  if (input.token) add_token(input, container, pod_spec);
  if (own_home && mount_unless_taken(container, {"ray-home", std::string(home_folder)})) {
    doc::Object empty_dir{{"sizeLimit", input.site.pods.home_size}};
    add_volume(pod_spec, {{"name", "ray-home"}, {"emptyDir", std::move(empty_dir)}});
  }
}

}  // namespace raykeep::plan
