#include "spec/start_options.h"

#include <algorithm>

namespace raykeep::spec {
namespace {

using enum OptionKind;

constexpr StartOption kOptions[] = {
    {"address"},
    {"autoscaling-config"},
    {"block", flag},
    {"cgroup-path"},
    {"dashboard-agent-grpc-port", port},
    {"dashboard-agent-listen-port", port},
    {"dashboard-grpc-port", port},
    {"dashboard-host"},
    {"dashboard-port", port},
    {"disable-usage-stats", flag},
    {"enable-object-reconstruction", flag},
    {"enable-resource-isolation", flag},
    {"gcs-server-port", port},
    {"head", flag},
    {"include-dashboard", boolean},
    {"include-log-monitor", boolean},
    {"labels"},
    {"labels-file"},
    {"log-color"},
    {"log-style"},
    {"logs-dir"},
    {"max-worker-port", port},
    {"memory", count},
    {"metrics-export-port", port},
    {"min-worker-port", port},
    {"no-monitor", flag},
    {"no-redirect-output", flag},
    {"node-ip-address"},
    {"node-manager-port", port},
    {"node-name"},
    {"num-cpus", count},
    {"num-gpus", count},
    {"object-manager-port", port},
    {"object-spilling-directory"},
    {"object-store-memory", count},
    {"plasma-directory"},
    {"port", port, true},
    {"proxy-server-url"},
    {"ray-client-server-port", port},
    {"ray-debugger-external", flag},
    {"redis-password"},
    {"redis-shard-ports", text, true},
    {"redis-username"},
    {"resources", json},
    {"runtime-env-agent-port", port},
    {"system-config", json, true},
    {"system-reserved-cpu"},
    {"system-reserved-memory", count},
    {"temp-dir"},
    {"tracing-startup-hook"},
    {"verbose", flag},
    {"worker-port-list"},
};

}  // namespace

const StartOption* find_start_option(std::string_view name) {
  const auto* found = std::ranges::find(kOptions, name, &StartOption::name);
  return found == std::end(kOptions) ? nullptr : found;
}

std::vector<std::string> start_option_names() {
  std::vector<std::string> names;
  for (const StartOption& option : kOptions) names.emplace_back(option.name);
  return names;
}

}  // namespace raykeep::spec
