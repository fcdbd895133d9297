#include "plan/dialect.h"

#include <utility>

#include <fmt/format.h>

namespace raykeep::plan {
namespace {

using spec::Enforcer;

/// How the enforcer sees the API server; whoever writes spec.apiServer needs it.
std::vector<std::string> notes_of(Enforcer enforcer) {
  const std::string endpoints =
      "The API server's addresses are the endpoints of Service default/kubernetes "
      "(kubectl get endpointslices -n default), on their own port.";
  switch (enforcer) {
    case Enforcer::cilium:
      return {
          "Cilium knows the API server as an entity. Where it is on a node of the cluster, an "
          "ipBlock opens no way to it, unless Cilium runs with policyCIDRMatchMode: nodes.",
          "With or without kube-proxy Cilium judges the endpoint behind a Service, not its "
          "ClusterIP.",
          "A NetworkPolicy and a CiliumNetworkPolicy add up: either one may let a packet through."};
    case Enforcer::calico:
      return {
          endpoints,
          "Calico judges after the Service's address was replaced, with iptables and eBPF alike.",
          "Kubernetes' NetworkPolicies have order 1000 in the tier default. A "
          "GlobalNetworkPolicy of a lower order, or of an earlier tier, that denies comes before "
          "them: it must pass these pods on (action Pass).",
          "Egress by DNS name (domains) is not in Calico Open Source: use addresses, or an "
          "egress proxy."};
    case Enforcer::openshift:
      return {
          endpoints,
          "OVN-Kubernetes judges after the Service's address was replaced: DNS pods are asked on "
          "port 5353.",
          "An EgressFirewall of the namespace (k8s.ovn.org/v1) is judged besides: it must allow "
          "the addresses of spec.egress, spec.redis and spec.apiServer."};
    case Enforcer::eks:
      return {
          "The VPC CNI's network policy agent judges before the Service's address is replaced: the "
          "API server's address is the ClusterIP of Service default/kubernetes, port 443.",
          "It takes at most 24 different ports for each peer of a rule: leave "
          "networkPolicy.endPort at true.",
          "It knows no DNS names: use addresses, an interface endpoint in the VPC, or an egress "
          "proxy."};
    case Enforcer::antrea:
      return {
          endpoints, "Antrea judges after the Service's address was replaced.",
          "An administrator's ClusterNetworkPolicy that denies comes before NetworkPolicies: it "
          "must pass these pods on (action Pass)."};
    case Enforcer::kubernetes:
      break;
  }
  return {endpoints};
}

std::vector<DialectObject> objects_of(const DialectInput& input) {
  switch (input.site.enforcer) {
    case Enforcer::cilium:
      return cilium_policies(input);
    case Enforcer::calico:
      return calico_policies(input);
    case Enforcer::openshift:
      return admin_network_policies(input);
    case Enforcer::eks:
    case Enforcer::antrea:
    case Enforcer::kubernetes:
      break;
  }
  return {};
}

/// A Site's reasons are told in comments: nothing in them may end one. YAML breaks lines at
/// controls and at U+0085, U+2028 and U+2029.
std::string one_line(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    const bool control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f;
    if (rest.starts_with("\xC2\x85")) {
      made += ' ';
      i += 1;
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      made += ' ';
      i += 2;
    } else {
      made += control ? ' ' : text[i];
    }
  }
  return made;
}

std::string comment(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += fmt::format("# {}\n", one_line(line));
  return text;
}

}  // namespace

AdministratorFile administrator_file(const DialectInput& input) {
  AdministratorFile made{notes_of(input.site.enforcer), objects_of(input)};
  made.notes.push_back(
      made.objects.empty()
          ? "Nothing to apply: NetworkPolicies, which the namespace applies itself, say all of it."
          : "To be applied once by the cluster's administrator: kubectl apply --server-side -f "
            "FILE");
  return made;
}

std::string to_text(const AdministratorFile& file) {
  std::string text = comment(file.notes);
  for (const DialectObject& each : file.objects)
    text += "---\n" + comment(each.why) + doc::write_yaml(each.object);
  return text;
}

}  // namespace raykeep::plan
