#include "plan/start_command.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "flow/ports.h"
#include "spec/quantity.h"
#include "spec/start_way.h"

namespace raykeep::plan {
namespace {

/// An amount in a resource list, as a whole number rounded up; 0 when absent.
std::int64_t amount(const doc::Object* resources, std::string_view key) {
  if (resources == nullptr) return 0;
  const doc::Value* value = resources->if_contains(key);
  if (value == nullptr) return 0;
  std::string text =
      value->is_string() ? std::string(value->get_string()) : doc::write_json(*value);
  auto quantity = spec::parse_quantity(text);
  return quantity ? quantity->ceil() : 0;
}

bool is_gpu(std::string_view key) {
  if (key.ends_with("gpu")) return true;
  // nvidia.com/mig-1g.5gb and the like
  return key.starts_with("nvidia.com/mig-") && key.find("g.") != std::string_view::npos &&
         key.ends_with("gb");
}

/// Ray's name of an accelerator that is not a GPU; empty when it is none Ray knows.
std::string_view accelerator(std::string_view key) {
  if (key == "aws.amazon.com/neuroncore") return "neuron_cores";
  if (key == "google.com/tpu") return "TPU";
  return {};
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// num-cpus, memory, num-gpus and resources from the container's limits, where the document does
/// not say.
void add_resources(spec::StartParams& params, const spec::Group& group) {
  const doc::Object* container = spec::ray_container(group);
  const doc::Object* limits =
      container ? doc::find_object(*container, {"resources", "limits"}) : nullptr;

  doc::Object custom;
  for (const auto& [name, quantity] : group.resources) {
    auto parsed = spec::parse_quantity(quantity);
    std::int64_t value = parsed ? parsed->ceil() : 0;
    std::string known = lower(name);
    const bool whole = !parsed || parsed->milli() % 1000 == 0;
    if (known == "cpu")
      params.insert_or_assign("num-cpus", std::to_string(value));
    else if (known == "memory")
      params.insert_or_assign("memory", std::to_string(value));
    else if (is_gpu(known))
      params.insert_or_assign("num-gpus", std::to_string(value));
    else if (whole)
      custom[name] = value;
    else
      custom[name] = static_cast<double>(parsed->milli()) / 1000;
  }

  if (std::int64_t cpus = flow::ray_cpus(group); cpus > 0) {
    params.try_emplace("num-cpus", std::to_string(cpus));
  }
  if (std::int64_t memory = amount(limits, "memory"); memory > 0) {
    params.try_emplace("memory", std::to_string(memory));
  }
  if (limits != nullptr) {
    std::vector<std::string> keys;
    for (const auto& limit : *limits) keys.emplace_back(limit.key());
    std::ranges::sort(keys);
    for (const std::string& key : keys) {
      std::int64_t count = amount(limits, key);
      if (count == 0) continue;
      if (is_gpu(key)) params.try_emplace("num-gpus", std::to_string(count));
    }
    for (const std::string& key : keys) {
      std::int64_t count = amount(limits, key);
      if (count == 0 || accelerator(key).empty() || params.contains("resources")) continue;
      if (!custom.contains(accelerator(key))) custom[accelerator(key)] = count;
      break;
    }
  }
  if (!custom.empty()) {
    params.try_emplace("resources", fmt::format("'{}'", doc::write_json(doc::Value(custom))));
  }
}

bool is_true(std::string text) { return lower(std::move(text)) == "true"; }
bool is_false(std::string text) { return lower(std::move(text)) == "false"; }

/// Options of `ray start` that take true or false as a value instead of being switches (KubeRay
/// keeps the same list).
bool takes_a_truth_value(std::string_view option) {
  constexpr std::array<std::string_view, 3> options{"log-color", "include-dashboard",
                                                    "include-log-monitor"};
  return std::ranges::find(options, option) != options.end();
}

/// Quotes what bash would take apart or expand. KubeRay's users write quotes themselves: those
/// stay.
std::string shell_word(const std::string& value) {
  bool quoted_already = value.size() >= 2 && (value.front() == '\'' || value.front() == '"') &&
                        value.back() == value.front();
  if (quoted_already || value.find_first_of(" \t\n;&|<>()`\\\"'*?[]{}!#~") == std::string::npos) {
    return value;
  }
  std::string out = "'";
  for (char c : value) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

}  // namespace

spec::StartParams completed_start_params(const Input& input, const spec::Group& group, bool head) {
  spec::StartParams params = group.start_params;
  const flow::NodePorts ports = flow::node_ports(group, head);
  auto pin = [&params](const char* option, int port) {
    params.try_emplace(option, std::to_string(port));
  };
  // The agent wants `ray start` to end once Ray runs; without it the container's life is Ray's.
  params.erase("block");
  const bool supervised = spec::start_way(input.cluster, group) != spec::StartWay::unsupervised;
  if (!supervised) params["block"] = "true";
  // The road to Redis takes no password, and workers need none.
  if (input.storage.is_redis() && (supervised || !head)) {
    params.erase("redis-password");
    params.erase("redis-username");
  }
  if (head) {
    params.try_emplace("dashboard-host", "0.0.0.0");
    pin("port", ports.gcs);
    pin("dashboard-port", ports.dashboard);
    pin("ray-client-server-port", ports.client);
  } else {
    const int gcs = flow::node_ports(input.cluster.head, true).gcs;
    params.try_emplace(
        "address",
        fmt::format("{}:{}", head_fqdn(input.cluster, input.ns, input.site.cluster_domain), gcs));
  }
  pin("object-manager-port", ports.object_manager);
  pin("node-manager-port", ports.node_manager);
  pin("metrics-export-port", ports.metrics);
  pin("dashboard-agent-listen-port", ports.agent_http);
  pin("dashboard-agent-grpc-port", ports.agent_grpc);
  pin("runtime-env-agent-port", ports.runtime_env);
  if (!params.contains("worker-port-list")) {
    pin("min-worker-port", ports.worker.first);
    pin("max-worker-port", ports.worker.last);
  }
  if (!group.labels.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : group.labels) pairs.push_back(key + '=' + value);
    params.try_emplace("labels", join(pairs, ","));
  }
  add_resources(params, group);
  return params;
}

std::string ray_start_command(const Input& input, const spec::Group& group, bool head) {
  std::string line = head ? "ray start --head" : "ray start";
  for (const auto& [option, value] : completed_start_params(input, group, head)) {
    if (takes_a_truth_value(option))
      line += fmt::format(" --{}={}", option, value);
    else if (is_true(value))
      line += fmt::format(" --{}", option);
    else if (!is_false(value))
      line += fmt::format(" --{}={}", option, shell_word(value));
  }
  return line;
}

}  // namespace raykeep::plan
