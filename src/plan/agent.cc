#include "plan/agent.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/https.h"
#include "plan/node_certificate.h"
#include "plan/restricted.h"
#include "plan/start_command.h"
#include "spec/start_way.h"
#include "spec/validate.h"

namespace raykeep::plan {
namespace {

constexpr std::string_view volume = "raykeep";
constexpr std::string_view folder = "/raykeep";  // in the Ray container
constexpr std::string_view program = "/raykeep/raykeep";

/// Leaving the endpoints, SIGTERM to Ray, the GCS' last writes and the lease: after the drain.
constexpr std::int64_t seconds_after_drain = 20;
constexpr std::int64_t shortest_drain = 5;
constexpr std::int64_t usual_drain = 30;

std::vector<std::string> words(const doc::Object& container, std::string_view member) {
  std::vector<std::string> out;
  const doc::Array* list = doc::find_array(container, {member});
  if (list == nullptr) return out;
  for (const doc::Value& word : *list) {
    if (word.is_string()) out.emplace_back(word.get_string());
  }
  return out;
}

/// How long a node may drain: what the pod's grace period leaves, which is lengthened if it leaves
/// nothing.
std::int64_t fit_grace_period(doc::Object& pod_spec) {
  std::int64_t drain = usual_drain;
  const doc::Value* given = pod_spec.if_contains("terminationGracePeriodSeconds");
  if (given != nullptr && given->is_number()) {
    drain = std::max(shortest_drain, given->to_number<std::int64_t>() - seconds_after_drain);
  }
  pod_spec["terminationGracePeriodSeconds"] = drain + seconds_after_drain;
  return drain;
}

/// The GCS as this node finds it: the document's address, unless only a shell could read it.
std::string gcs_address(const Input& input, const spec::Group& group, bool head) {
  const int port = flow::node_ports(input.cluster.head, true).gcs;
  if (head) return fmt::format("127.0.0.1:{}", port);
  auto given = group.start_params.find("address");
  if (given != group.start_params.end() && given->second.contains(':') &&
      given->second.find_first_of("$'\" ") == std::string::npos) {
    return given->second;
  }
  return fmt::format("{}:{}", head_fqdn(input.cluster, input.ns, input.site.cluster_domain), port);
}

/// As people write it in rayStartParams, with quotes of their own.
bool is_false(std::string_view text) {
  text = spec::without_shell_quotes(text);
  return text == "false" || text == "False" || text == "FALSE";
}

doc::Array agent_command(const Input& input, const spec::Group& group, const AgentOptions& options,
                         std::int64_t drain) {
  const flow::NodePorts ports = flow::node_ports(group, options.head);
  doc::Array line{program, "node"};
  auto add = [&line](std::string_view flag, const auto& value) {
    line.emplace_back(fmt::format("--{}={}", flag, value));
  };
  add("role", options.head ? "head" : "worker");
  add("port", ports.raykeep);
  if (!input.cluster.ray_version.empty()) add("ray-version", input.cluster.ray_version);
  add("gcs", gcs_address(input, group, options.head));
  add("node-manager-port", ports.node_manager);
  add("agent-port", ports.agent_http);
  // Ray answers nothing there without its frontend, which `false` takes away.
  auto dashboard = group.start_params.find("include-dashboard");
  bool without = dashboard != group.start_params.end() && is_false(dashboard->second);
  if (options.head && !without) add("dashboard-port", ports.dashboard);
  add("serve-port", flow::serve_port(input.cluster));
  if (!input.cluster.service.empty()) add("metrics-port", ports.metrics);
  if (!options.token_file.empty()) add("token-file", options.token_file);
  add("drain", fmt::format("{}s", drain));
  if (!options.redis_file.empty()) add("redis", options.redis_file);
  if (input.site.tls_mode == spec::TlsMode::native) {
    add("signer", signer_address(input));
    add("tls-folder", tls_folder);
    add("identity-folder", identity_folder);
  }
  for (const flow::HttpsPort& each :
       flow::https_ports(input.cluster, input.site, group, options.head)) {
    const bool own = each.of_users() && !input.site.tls_http_secret.empty();
    add("tls-listen", fmt::format("{}:{}{}{}", each.port, each.plain, each.http2 ? ",h2" : "",
                                  own ? fmt::format(",{}", https_folder) : ""));
  }
  line.emplace_back("--");
  return line;
}

/// KubeRay's composition (pod.go, DefaultWorkerPodTemplate and generateRayStartCommand): the user's
/// own command first, then Ray; nothing is generated when the user starts Ray himself.
doc::Array ray_command(const Input& input, const spec::Group& group, const std::string& start,
                       const doc::Object& container) {
  const std::vector<std::string> command = words(container, "command");
  const std::vector<std::string> args = words(container, "args");
  doc::Array made;
  if (spec::start_way(input.cluster, group) == spec::StartWay::users) {
    for (const auto* list : {&command, &args}) {
      for (const std::string& word : *list) made.emplace_back(word);
    }
    return made;
  }
  std::string line = "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; " + start;
  if (std::string own = spec::joined_words(command, args); !own.empty()) line = own + " && " + line;
  return {"/bin/bash", "-c", "--", line};
}

/// The agent answers at once, whatever Ray does, so that probes may be asked often. Its /livez
/// fails only when it has given up on this container. One that says nothing is starved, as Ray is
/// that goes on serving slowly: readiness waits longer for an answer than for another one.
void set_probes(int port, doc::Object& container) {
  auto probe = [port](std::string_view path, int period, int timeout, int failures) {
    return doc::Object{{"httpGet", doc::Object{{"path", path}, {"port", port}}},
                       {"periodSeconds", period},
                       {"timeoutSeconds", timeout},
                       {"failureThreshold", failures}};
  };
  doc::Object defaults;
  defaults["startupProbe"] = probe("/livez", 1, 2, 120);
  defaults["livenessProbe"] = probe("/livez", 5, 5, 6);
  defaults["readinessProbe"] = probe("/readyz", 2, 5, 2);
  add_missing(container, defaults);
}

/// Copies the program to where the Ray container runs it. The image is FROM scratch: the program is
/// all there is to copy it with.
doc::Object install_container(const Input& input) {
  doc::Object amounts{{"cpu", "100m"}, {"memory", "64Mi"}};
  doc::Object made;
  made["name"] = "raykeep-agent";
  made["image"] = input.site.raykeep_image;
  made["command"] = doc::Array{"/raykeep", "node", "--install", "/install"};
  made["resources"] = doc::Object{{"limits", amounts}, {"requests", amounts}};
  mount_unless_taken(made, {std::string(volume), "/install"});
  return made;
}

}  // namespace

void add_agent(const Input& input, const spec::Group& group, const AgentOptions& options,
               doc::Object& container, doc::Object& pod_spec) {
  const int port = flow::node_ports(group, options.head).raykeep;
  doc::Array args = ray_command(input, group, options.start, container);
  container["command"] = agent_command(input, group, options, fit_grace_period(pod_spec));
  container["args"] = std::move(args);
  set_probes(port, container);
  mount_unless_taken(container, {std::string(volume), std::string(folder), true});

  doc::Array& init = array_at(pod_spec, "initContainers");
  init.insert(init.begin(), install_container(input));
  doc::Object empty_dir{{"sizeLimit", "128Mi"}};
  add_volume(pod_spec, {{"name", volume}, {"emptyDir", std::move(empty_dir)}});
}

}  // namespace raykeep::plan
