#include "control/signing.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// The only value of userInfo.extra's member, which is a list.
std::string extra(const doc::Value& review, std::string_view key) {
  const auto values = texts_at(review, {"status", "userInfo", "extra", key});
  return values.size() == 1 ? values.front() : "";
}

std::vector<std::string> addresses_of(const doc::Value& pod) {
  std::vector<std::string> all;
  for (const doc::Value& each : list_at(pod, {"status", "podIPs"})) {
    if (std::string_view ip = doc::find_string(each, {"ip"}); !ip.empty()) all.emplace_back(ip);
  }
  return all;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

/// "10.0.0.1" of "::ffff:10.0.0.1", as a socket for both families gives it.
std::string_view without_mapping(std::string_view address) {
  constexpr std::string_view mapped = "::ffff:";
  return address.starts_with(mapped) && address.contains('.') ? address.substr(mapped.size())
                                                              : address;
}

}  // namespace

Result<Caller> caller_of(const doc::Value& review, const std::string& ns) {
  // pkg/serviceaccount/util.go: the keys of bound tokens' claims.
  Caller caller{.ns = {},
                .service_account = {},
                .pod = extra(review, "authentication.kubernetes.io/pod-name"),
                .pod_uid = extra(review, "authentication.kubernetes.io/pod-uid")};
  const std::string_view user = doc::find_string(review, {"status", "userInfo", "username"});
  const auto parts = split(user, ':');
  if (parts.size() != 4 || parts[0] != "system" || parts[1] != "serviceaccount")
    return error(fmt::format("the token is {}'s, and not a service account's", quoted(user)));
  caller.ns = parts[2];
  caller.service_account = parts[3];
  if (caller.ns != ns)
    return error(
        fmt::format("the token is of namespace {}, and this is {}", quoted(caller.ns), ns));
  if (caller.pod.empty() || caller.pod_uid.empty())
    return error(fmt::format("the token of service account {} is bound to no pod",
                             quoted(caller.service_account)));
  return caller;
}

std::optional<std::string> refusal_of(const Caller& caller, const doc::Value& pod,
                                      const std::string& peer_address) {
  if (uid_of(pod) != caller.pod_uid)
    return fmt::format("the token is bound to another pod of the name {}", quoted(caller.pod));
  const std::string_view account = doc::find_string(pod, {"spec", "serviceAccountName"});
  if (account != caller.service_account)
    return fmt::format("pod {} runs as service account {}", quoted(caller.pod), quoted(account));
  if (is_going(pod)) return fmt::format("pod {} is being removed", quoted(caller.pod));
  const std::string_view phase = doc::find_string(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed")
    return fmt::format("pod {} has ended", quoted(caller.pod));
  if (label_of(pod, plan::managed_by_label) != plan::managed_by ||
      label_of(pod, plan::ray_is_node_label) != "yes" || label_of(pod, plan::cluster_label).empty())
    return fmt::format("pod {} is not a Ray node of Raykeep's", quoted(caller.pod));
  const std::vector<std::string> addresses = addresses_of(pod);
  if (addresses.empty()) return fmt::format("pod {} has no address yet", quoted(caller.pod));
  const std::string from(without_mapping(peer_address));
  if (!holds(addresses, from))
    return fmt::format(
        "the request came from {}, and pod {} has {}; where the network rewrites addresses between "
        "pods, as kube-proxy's --masquerade-all does, nodes cannot be told apart",
        from, quoted(caller.pod), join(addresses, ", "));
  return std::nullopt;
}

pki::Names names_of(const doc::Value& pod, const std::vector<std::string>& services,
                    const std::string& cluster_domain) {
  pki::Names names{.dns = {"localhost", std::string(name_of(pod))}, .ip = addresses_of(pod)};
  names.ip.insert(names.ip.end(), {"127.0.0.1", "::1"});
  const std::string ns(doc::find_string(pod, {"metadata", "namespace"}));
  for (const std::string& service : services) {
    names.dns.insert(names.dns.end(), {service, fmt::format("{}.{}", service, ns),
                                       fmt::format("{}.{}.svc", service, ns),
                                       fmt::format("{}.{}.svc.{}", service, ns, cluster_domain)});
  }
  return names;
}

std::optional<std::string> excess_of(const pki::Requested& requested, const std::string& pod,
                                     const pki::Names& allowed) {
  if (!requested.common_name.empty() && requested.common_name != pod.substr(0, 64))
    return fmt::format("it asks for the name {}, and is pod {}", quoted(requested.common_name),
                       quoted(pod));
  for (const std::string& name : requested.names.dns) {
    if (!holds(allowed.dns, name))
      return fmt::format("it asks for the name {}, which is not pod {}'s", quoted(name),
                         quoted(pod));
  }
  for (const std::string& address : requested.names.ip) {
    if (!holds(allowed.ip, address))
      return fmt::format("it asks for the address {}, which is not pod {}'s", quoted(address),
                         quoted(pod));
  }
  return std::nullopt;
}

}  // namespace raykeep::control
