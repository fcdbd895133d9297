#include "plan/ray_container.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/ports.h"
#include "plan/ray_environment.h"
#include "plan/restricted.h"
#include "plan/start_command.h"

namespace raykeep::plan {
namespace {

/// Where Ray finds its token: a file, so that it stands in no pod spec and no task inherits it.
constexpr std::string_view token_folder = "/var/run/secrets/raykeep";

/// $HOME of the Ray container. Not the image's own: the official Ray images keep Python and Ray
/// below /home/ray, which a volume there would hide.
constexpr std::string_view home_folder = "/home/raykeep";

std::string joined(const doc::Object& container, std::string_view member) {
  std::string text;
  const doc::Value* list = container.if_contains(member);
  if (list == nullptr || !list->is_array()) return text;
  for (const doc::Value& word : list->get_array()) {
    if (word.is_string()) text += fmt::format(" {} ", std::string_view(word.get_string()));
  }
  return text;
}

/// KubeRay's composition (pod.go, DefaultWorkerPodTemplate and generateRayStartCommand): the user's
/// own command first, then Ray; nothing is generated when the user starts Ray himself.
void set_command(const Input& input, const std::string& start, doc::Object& container) {
  auto overwrite = input.cluster.annotations.find("ray.io/overwrite-container-cmd");
  if (overwrite != input.cluster.annotations.end() && overwrite->second == "true") return;
  std::string own = joined(container, "command") + joined(container, "args");
  if (own.find("ray start") != std::string::npos) return;
  std::string line = "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; " + start;
  if (!own.empty()) line = own + " && " + line;
  container["command"] = doc::Array{"/bin/bash", "-c", "--"};
  container["args"] = doc::Array{line};
}

void declare_ports(const spec::Group& group, bool head, doc::Object& container) {
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
}

/// Until Raykeep's agent is process 1 the kubelet asks Ray's own. /api/healthz (Ray 2.53) is exempt
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
void add_shared_memory(const spec::Group& group, doc::Object& container, doc::Array& volumes) {
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
  volumes.push_back(doc::Object{{"name", "shared-mem"}, {"emptyDir", std::move(empty_dir)}});
}

void add_token(const Input& input, doc::Object& container, doc::Array& volumes) {
  mount_unless_taken(container, {"ray-token", std::string(token_folder), true});
  doc::Object item{{"key", token_key}, {"path", token_key}};
  doc::Object secret{{"secretName", token_secret_name(input.cluster)},
                     {"items", doc::Array{std::move(item)}}};
  volumes.push_back(doc::Object{{"name", "ray-token"}, {"secret", std::move(secret)}});
}

}  // namespace

void complete_ray_container(const Input& input, const spec::Group& group, bool head,
                            doc::Object& pod_spec) {
  doc::Array& containers = array_at(pod_spec, "containers");
  if (containers.empty() || !containers.front().is_object()) return;  // spec has refused this
  doc::Object& container = containers.front().get_object();
  doc::Array& volumes = array_at(pod_spec, "volumes");

  const std::string start = ray_start_command(input, group, head);
  set_command(input, start, container);
  RayEnvironment environment{
      .start_command = start, .token_file = "", .home = std::string(home_folder)};
  if (input.token) environment.token_file = fmt::format("{}/{}", token_folder, token_key);
  bool own_home = add_environment(input, head, environment, container);
  declare_ports(group, head, container);
  set_probes(input, group, head, container);
  add_shared_memory(group, container, volumes);
  if (input.token) add_token(input, container, volumes);
  if (own_home && mount_unless_taken(container, {"ray-home", std::string(home_folder)})) {
    doc::Object empty_dir{{"sizeLimit", input.site.pods.home_size}};
    volumes.push_back(doc::Object{{"name", "ray-home"}, {"emptyDir", std::move(empty_dir)}});
  }
}

}  // namespace raykeep::plan
