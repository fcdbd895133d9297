// The ports of a Ray node taken together: those that rayStartParams pin, those that Raykeep pins
// where the document says nothing, and the range of the worker processes. All share one pod's
// network namespace, so each number may have one owner.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/quantity.h"
#include "spec/start_options.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

struct Server {
  const char* option;  // of rayStartParams; nullptr where the port cannot be changed there
  const char* what;
  int port;  // Raykeep's own choice
  bool head_only = false;
};

// DESIGN.md section 3; 44217 and 44227 are Ray's own, for Prometheus.
constexpr Server kServers[] = {
    {"port", "the GCS", 6379, true},
    {"dashboard-port", "the dashboard", 8265, true},
    {"ray-client-server-port", "the Ray Client server", 10001, true},
    {nullptr, "the dashboard's metrics", 44227, true},
    {nullptr, "the autoscaler's metrics", 44217, true},
    {"object-manager-port", "the object manager", 8076},
    {"node-manager-port", "the node manager", 8077},
    {"metrics-export-port", "the metrics", 8080},
    {"dashboard-agent-listen-port", "the agent", 52365},
    {"dashboard-agent-grpc-port", "the agent's gRPC", 52366},
    {"runtime-env-agent-port", "the runtime environment agent", 52367},
    {nullptr, "Serve", 8000},
    {nullptr, "Serve's gRPC", 0},  // none unless declared
    {nullptr, "Raykeep's agent", 52370},
};

constexpr int kFirstWorkerPort = 10002;
constexpr int kFewestWorkerPorts = 32;

/// A port as written; nothing, with a finding, if it is none. Only options that are there are
/// asked.
std::optional<int> port_of(const Cursor& at) {
  if (!at.value().is_string()) return std::nullopt;
  std::string written = at.text();
  std::optional<std::int64_t> number = whole_number(written);
  if (number && *number >= 1 && *number <= 65535) return static_cast<int>(*number);
  if (number && *number == 0) {
    at.report("RK2102", "0 lets Ray choose a port, which no network policy can name",
              "write a number, or remove it");
  } else if (written.contains('$')) {
    at.report("RK2101", fmt::format("{} is known only when Ray starts", quoted(written)),
              "write the number");
  } else {
    at.report("RK2101", fmt::format("{} is not a port", quoted(written)),
              "write a number from 1 to 65535");
  }
  return std::nullopt;
}

/// CPUs of the node, for the size of the default worker range. 0 if unknown.
std::int64_t cpus_of(const Cursor& group) {
  if (auto cpus = whole_number(group.at({"rayStartParams", "num-cpus"}).text())) return *cpus;
  Cursor resources = ray_container(group)["resources"];
  for (const char* kind : {"limits", "requests"}) {
    if (auto cpus = quantity_of(resources[kind]["cpu"])) return cpus->ceil();
  }
  return 0;
}

class NodePortsCheck {
 public:
  NodePortsCheck(const Cursor& group, bool head)
      : group_(group), params_(group["rayStartParams"]), head_(head) {}

  void run() {
    read_range();
    for (const Server& server : kServers) {
      if (server.head_only && !head_) continue;
      Cursor at = server.option ? params_[server.option] : group_;
      bool pinned = server.option && at;
      std::optional<int> port = pinned ? port_of(at) : server.port;
      if (std::string_view(server.what) == "Serve") port = declared("serve").value_or(server.port);
      if (std::string_view(server.what) == "Serve's gRPC") port = declared("serve-grpc");
      if (port) taken_.push_back({*port, server.what, pinned, at});
    }
    report_twins();
    report_in_range();
    report_sidecars();
    read_list();
  }

 private:
  struct Taken {
    int port;
    const char* what;
    bool pinned;
    Cursor at;
  };

  /// The Ray container's port of that name.
  std::optional<int> declared(std::string_view name) const {
    for (const Cursor& port : ray_container(group_)["ports"].items()) {
      std::int64_t number = port["containerPort"].integer().value_or(0);
      if (port["name"].text() == name && number >= 1 && number <= 65535)
        return static_cast<int>(number);
    }
    return std::nullopt;
  }

  void read_range() {
    Cursor least = params_["min-worker-port"], most = params_["max-worker-port"];
    std::optional<int> first = least ? port_of(least) : kFirstWorkerPort;
    std::int64_t width = std::clamp<std::int64_t>(
        4 * std::min<std::int64_t>(cpus_of(group_), 1 << 20), kFewestWorkerPorts, 10'000);
    std::optional<int> last =
        most ? port_of(most)
             : std::min<int>(65535, first.value_or(0) + static_cast<int>(width) - 1);
    if (!first || !last) return;
    if (*last < *first) {
      const Cursor& at = most ? most : least;
      return at.report("RK2106", fmt::format("max-worker-port {} is less than min-worker-port {}",
                                             *last, *first));
    }
    first_ = *first;
    last_ = *last;
    std::int64_t cpus = cpus_of(group_);
    if (most && last_ - first_ + 1 < std::max<std::int64_t>(4, cpus)) {
      most.report("RK2107", fmt::format("{} worker ports for {} CPUs", last_ - first_ + 1, cpus),
                  "leave four ports to a CPU, and never fewer than 32");
    }
  }

  void report_twins() {
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (taken_[i].port != taken_[j].port) continue;
        // Where only one of the two is written, that is the one to change.
        const Taken& mine = taken_[i].pinned ? taken_[i] : taken_[j];
        const Taken& other = taken_[i].pinned ? taken_[j] : taken_[i];
        mine.at.report("RK2104",
                       fmt::format("port {} is already that of {}", mine.port, other.what),
                       "choose another number");
      }
    }
  }

  void report_in_range() {
    for (const Taken& server : taken_) {
      if (server.port < first_ || server.port > last_) continue;
      Cursor bound =
          params_["min-worker-port"] ? params_["min-worker-port"] : params_["max-worker-port"];
      const Cursor& at = server.pinned ? server.at : bound;
      if (!at) continue;
      at.report("RK2105",
                fmt::format("port {} of {} is among the worker ports {}-{}", server.port,
                            server.what, first_, last_),
                "keep it outside");
    }
  }

  /// A container beside Ray's that declares one of Ray's ports will not get it, or will take it
  /// from Ray.
  void report_sidecars() {
    std::vector<Cursor> containers = group_.at({"template", "spec", "containers"}).items();
    for (std::size_t i = 1; i < containers.size(); ++i) {
      for (const Cursor& port : containers[i]["ports"].items()) {
        std::int64_t number = port["containerPort"].integer().value_or(0);
        auto server = std::ranges::find(taken_, number, &Taken::port);
        if (server != taken_.end()) {
          port["containerPort"].report(
              "RK2104", fmt::format("port {} is already that of {}", number, server->what),
              "choose another number, or move Ray's in rayStartParams");
        }
      }
    }
  }

  void read_list() {
    Cursor list = params_["worker-port-list"];
    if (!list || !list.value().is_string()) return;
    std::string text = list.text();
    list.report_key("RK2116", "the policies open one range of worker ports, not a list",
                    "write min-worker-port and max-worker-port");
    if (params_["min-worker-port"] || params_["max-worker-port"]) {
      list.report_key("RK2106", "worker-port-list and a range of worker ports exclude each other",
                      "keep one of them");
    }
    for (std::string_view part : split(without_shell_quotes(text), ',')) {
      std::optional<std::int64_t> port = whole_number(part);
      if (!port || *port < 1 || *port > 65535) {
        return list.report("RK2101", fmt::format("{} is not a port", quoted(part)),
                           "write ports between commas");
      }
      auto server = std::ranges::find(taken_, *port, &Taken::port);
      if (server != taken_.end()) {
        list.report("RK2105",
                    fmt::format("port {} of {} is among the worker ports", *port, server->what));
      }
    }
  }

  const Cursor& group_;
  Cursor params_;
  bool head_;
  int first_ = 0, last_ = -1;
  std::vector<Taken> taken_;
};

}  // namespace

void validate_ports(const Cursor& group, bool head) { NodePortsCheck(group, head).run(); }

std::optional<Quantity> quantity_of(const Cursor& at) {
  if (!at || !(at.value().is_string() || at.value().is_number())) return std::nullopt;
  Result<Quantity> quantity =
      parse_quantity(at.value().is_string() ? at.text() : describe(at.value()));
  return quantity ? std::optional(*quantity) : std::nullopt;
}

}  // namespace raykeep::spec
