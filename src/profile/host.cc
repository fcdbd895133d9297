// The node: its namespaces, ports, folders and addresses.
#include <fmt/format.h>

#include "base/text.h"
#include "profile/checks.h"

namespace raykeep::profile {

void host_namespace(const Pod& pod, std::string_view field, Faults& faults) {
  if (bool_at(pod.spec, {field}).value_or(false))
    faults.push_back({fmt::format("{}/spec/{}", pod.pointer, field),
                      fmt::format("{} shares a namespace of the node", field)});
}

void host_namespaces(const Pod& pod, bool network_too, Faults& faults) {
  if (network_too) host_namespace(pod, "hostNetwork", faults);
  host_namespace(pod, "hostPID", faults);
  host_namespace(pod, "hostIPC", faults);
}

void host_ports(const Pod& pod, std::int64_t least, std::int64_t most, Faults& faults) {
  for (const Container& each : pod.containers) {
    const doc::Array* ports = doc::find_array(*each.value, {"ports"});
    if (ports == nullptr) continue;
    for (std::size_t i = 0; i < ports->size(); ++i) {
      const doc::Object* port = (*ports)[i].if_object();
      std::optional<std::int64_t> number = integer_at(port, {"hostPort"});
      if (!number || (*number >= least && *number <= most)) continue;
      faults.push_back({fmt::format("{}/ports/{}/hostPort", each.pointer, i),
                        fmt::format("{} takes port {} of the node", each.who, *number)});
    }
  }
}

void host_paths(const Pod& pod, Faults& faults) {
  for (const Volume& each : pod.volumes) {
    if (value_at(each.value, {"hostPath"}))
      faults.push_back(
          {each.pointer + "/hostPath", fmt::format("{} is a folder of the node", each.who)});
  }
}

void runtime_socket(const Pod& pod, std::string_view path, Faults& faults) {
  for (const Volume& each : pod.volumes) {
    if (text_at(each.value, {"hostPath", "path"}) == path)
      faults.push_back({each.pointer + "/hostPath/path",
                        fmt::format("{} is the container runtime's socket {}", each.who, path)});
  }
}

namespace {

void host_of(const Container& container, std::initializer_list<std::string_view> where,
             Faults& faults) {
  for (std::string_view way : {"httpGet", "tcpSocket"}) {
    const doc::Object* action = container.value;
    std::string pointer = container.pointer;
    for (std::string_view step : where) {
      if (action != nullptr) action = doc::find_object(*action, {step});
      pointer += fmt::format("/{}", step);
    }
    if (text_at(action, {way, "host"}).empty()) continue;
    faults.push_back({fmt::format("{}/{}/host", pointer, way),
                      fmt::format("{}: {} names a host", container.who, *(where.end() - 1))});
  }
}

}  // namespace

void hosts_of_probes(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    for (std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"})
      host_of(each, {probe}, faults);
    for (std::string_view hook : {"postStart", "preStop"})
      host_of(each, {"lifecycle", hook}, faults);
  }
}

void windows_host_process(const Pod& pod, bool containers_only, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    if (containers_only && each.is_pod) continue;
    if (bool_at(each.context, {"windowsOptions", "hostProcess"}).value_or(false))
      faults.push_back({each.pointer + "/windowsOptions/hostProcess",
                        fmt::format("{} runs as a process of the node", each.who)});
  }
}

}  // namespace raykeep::profile
