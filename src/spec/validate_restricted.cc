// Each check is one of k8s.io/pod-security-admission/policy 0.34, in its order; the comment names
// it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

using namespace std::string_view_literals;

// restrictedVolumes
constexpr std::array kVolumes = {"configMap"sv, "csi"sv,   "downwardAPI"sv,           "emptyDir"sv,
                                 "ephemeral"sv, "image"sv, "persistentVolumeClaim"sv, "projected"sv,
                                 "secret"sv};
// sysctls, as of Kubernetes 1.32
constexpr std::array kSysctls = {"kernel.shm_rmid_forced"sv,
                                 "net.ipv4.ip_local_port_range"sv,
                                 "net.ipv4.ip_unprivileged_port_start"sv,
                                 "net.ipv4.tcp_syncookies"sv,
                                 "net.ipv4.ping_group_range"sv,
                                 "net.ipv4.ip_local_reserved_ports"sv,
                                 "net.ipv4.tcp_keepalive_time"sv,
                                 "net.ipv4.tcp_fin_timeout"sv,
                                 "net.ipv4.tcp_keepalive_intvl"sv,
                                 "net.ipv4.tcp_keepalive_probes"sv,
                                 "net.ipv4.tcp_rmem"sv,
                                 "net.ipv4.tcp_wmem"sv};
// seLinuxOptions, as of Kubernetes 1.31
constexpr std::array kSELinuxTypes = {""sv, "container_t"sv, "container_init_t"sv,
                                      "container_kvm_t"sv, "container_engine_t"sv};

bool among(const auto& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// What pods and containers may both say of their security.
void check_context(const Cursor& context) {
  // runAsNonRoot, runAsUser
  Cursor user = context["runAsUser"], non_root = context["runAsNonRoot"];
  if (user.integer() == 0) {
    user.report("RK2254", "user 0 is root", "write the user of the Ray image, 1000");
  } else if (user.integer().value_or(0) < 0) {
    user.report("RK2005", fmt::format("{} is negative", *user.integer()));
  }
  if (non_root && non_root.value().is_bool() && !non_root.boolean()) {
    non_root.report("RK2254", "runAsNonRoot: false allows root", "write true, or remove it");
  }
  // seccompProfile, appArmorProfile
  for (const char* profile : {"seccompProfile", "appArmorProfile"}) {
    Cursor type = context[profile]["type"];
    if (type.text() == "Unconfined") {
      type.report("RK2257", "Unconfined turns the protection off", "write RuntimeDefault");
    }
  }
  // seLinuxOptions
  Cursor se_linux = context["seLinuxOptions"];
  if (std::string type = se_linux["type"].text(); !among(kSELinuxTypes, type)) {
    se_linux["type"].report("RK2258",
                            fmt::format("the SELinux type {} is not allowed", quoted(type)),
                            "write container_t, or remove it");
  }
  for (const char* key : {"user", "role"}) {
    if (!se_linux[key].text().empty()) {
      se_linux[key].report("RK2258", fmt::format("the SELinux {} may not be set", key),
                           "remove it");
    }
  }
  // windowsHostProcess
  if (context["windowsOptions"]) {
    context["windowsOptions"].report_key("RK2262", "windowsOptions have no meaning on Linux",
                                         "remove them");
  }
}

void check_capabilities(const Cursor& capabilities) {
  for (const Cursor& name : capabilities["add"].items()) {
    if (name && name.value().is_string() && name.text() != "NET_BIND_SERVICE") {
      name.report("RK2253", fmt::format("the capability {} may not be added", quoted(name.text())),
                  "remove it");
    }
  }
  Cursor drop = capabilities["drop"];
  std::vector<std::string> dropped = drop.strings();
  if (drop && drop.value().is_array() && std::ranges::find(dropped, "ALL") == dropped.end()) {
    drop.report("RK2253", "drop does not have ALL", "write drop: [ALL]");
  }
}

/// hostProbesAndHostLifecycle
void check_hosts(const Cursor& container) {
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    for (const char* way : {"httpGet", "tcpSocket"}) {
      Cursor host = container.at({probe, way, "host"});
      if (!host.text().empty())
        host.report("RK2261", "a probe may not name a host", "remove it: the pod is asked");
    }
  }
  for (const char* hook : {"postStart", "preStop"}) {
    for (const char* way : {"httpGet", "tcpSocket"}) {
      Cursor host = container.at({"lifecycle", hook, way, "host"});
      if (!host.text().empty())
        host.report("RK2261", "a hook may not name a host", "remove it: the pod is asked");
    }
  }
}

void check_container(const Cursor& container) {
  Cursor context = container["securityContext"];
  check_context(context);
  // privileged, allowPrivilegeEscalation, procMount
  if (context["privileged"].boolean()) {
    context["privileged"].report("RK2251", "a privileged container is the node itself",
                                 "write false, or remove it");
  }
  if (context["allowPrivilegeEscalation"].boolean()) {
    context["allowPrivilegeEscalation"].report("RK2252", "privilege escalation is forbidden",
                                               "write false, or remove it");
  }
  if (std::string mount = context["procMount"].text("Default"); mount != "Default") {
    context["procMount"].report("RK2260", fmt::format("procMount {} is forbidden", quoted(mount)),
                                "remove it");
  }
  check_capabilities(context["capabilities"]);
  check_hosts(container);
  // hostPorts
  for (const Cursor& port : container["ports"].items()) {
    if (port["hostPort"].integer().value_or(0) != 0) {
      port["hostPort"].report("RK2256", "a port of the node is forbidden",
                              "remove hostPort; a Service leads to the pod");
    }
  }
}

}  // namespace

void validate_restricted(const Cursor& pod_template) {
  Cursor spec = pod_template["spec"];
  for (const char* key : {"hostNetwork", "hostPID", "hostIPC"}) {
    if (spec[key].boolean())
      spec[key].report("RK2250", fmt::format("{} is forbidden", key), "remove it");
  }
  Cursor context = spec["securityContext"];
  check_context(context);
  for (const Cursor& sysctl : context["sysctls"].items()) {
    if (std::string name = sysctl["name"].text(); !name.empty() && !among(kSysctls, name)) {
      sysctl["name"].report("RK2259", fmt::format("the sysctl {} is forbidden", quoted(name)),
                            "remove it");
    }
  }
  for (const Cursor& volume : spec["volumes"].items()) {
    for (const auto& [kind, source] : volume.members()) {
      if (kind == "name" || among(kVolumes, kind)) continue;
      source.report_key("RK2255", fmt::format("volumes of type {} are forbidden", quoted(kind)),
                        kind == "hostPath" ? "use an emptyDir or a persistentVolumeClaim"
                                           : "use a persistentVolumeClaim");
    }
  }
  for (const char* list : {"containers", "initContainers"}) {
    for (const Cursor& container : spec[list].items()) check_container(container);
  }
}

}  // namespace raykeep::spec
