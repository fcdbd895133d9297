#include "preflight/site_init.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "preflight/place.h"
#include "preflight/references.h"
#include "preflight/survey.h"

namespace raykeep::preflight {
namespace {

using control::list_at;
using control::name_of;

constexpr std::string_view todo = "TODO(you)";

/// A text of the cluster's as a YAML scalar that nothing in it can leave.
std::string scalar(std::string_view text) { return doc::write_json(doc::Value(text)); }

class Text {
 public:
  explicit Text(int indent = 0) : indent_(static_cast<std::size_t>(indent), ' ') {}
  void line(std::string_view text) { out_ += indent_ + std::string(text) + "\n"; }
  void note(std::string_view text) { line("# " + harmless(text)); }
  void add(const std::string& lines) { out_ += lines; }
  const std::string& text() const { return out_; }

 private:
  std::string indent_;
  std::string out_;
};

std::string cannot_read(const kube::Said& said, std::string_view what, std::string_view whom) {
  return fmt::format("{} could not be read ({}): ask {}", what,
                     said.denied() ? "no right" : said.message, whom);
}

std::string names(const std::vector<doc::Value>& objects) {
  std::vector<std::string> out;
  for (const doc::Value& each : objects) out.emplace_back(name_of(each));
  return join(out, ", ");
}

std::vector<const doc::Value*> pod_containers(const std::vector<doc::Value>& pods) {
  std::vector<const doc::Value*> out;
  for (const doc::Value& pod : pods) {
    for (const doc::Value& each : list_at(pod, {"spec", "containers"})) out.push_back(&each);
  }
  return out;
}

bool is_openshift(const SiteFacts& facts) {
  return facts.groups.contains("security.openshift.io") ||
         facts.groups.contains("route.openshift.io");
}

// --- The namespace and what guards it: comments.

void guards(const SiteFacts& facts, Text& out) {
  if (facts.ns_object.good()) {
    std::string_view level = doc::find_string(
        facts.ns_object.body, {"metadata", "labels", "pod-security.kubernetes.io/enforce"});
    out.note(fmt::format("Pod Security: {} (label of the namespace)",
                         level.empty() ? "nothing is enforced by a label" : level));
  } else {
    out.note(cannot_read(facts.ns_object, "Pod Security and mesh labels of the namespace",
                         "its administrator"));
  }
  if (facts.policies.good()) {
    const auto policies = items_of(facts.policies);
    out.note(fmt::format("Default deny: ingress {}, egress {} (NetworkPolicies: {})",
                         denies_by_default(policies, "Ingress") ? "yes" : "NO",
                         denies_by_default(policies, "Egress") ? "yes" : "NO",
                         policies.empty() ? "none" : names(policies)));
  } else {
    out.note(cannot_read(facts.policies, "NetworkPolicies", "the namespace's administrator"));
  }
  for (const doc::Value& quota : items_of(facts.quotas)) {
    const doc::Object* hard = doc::find_object(quota, {"status", "hard"});
    if (hard == nullptr) continue;
    std::vector<std::string> parts;
    for (const auto& member : *hard) {
      std::string_view key = member.key();
      parts.push_back(
          fmt::format("{} {} of {}", key, doc::find_string(quota, {"status", "used", key}),
                      member.value().is_string() ? std::string_view(member.value().get_string())
                                                 : std::string_view("?")));
    }
    out.note(fmt::format("ResourceQuota {}, in use: {}", name_of(quota), join(parts, ", ")));
  }
  for (const doc::Value& range : items_of(facts.limit_ranges)) {
    for (const doc::Value& item : list_at(range, {"spec", "limits"}))
      out.note(fmt::format("LimitRange {}: {}", name_of(range), doc::write_json(item)));
  }
  if (facts.storage_classes && facts.storage_classes->good())
    out.note(fmt::format("StorageClasses: {}", names(items_of(*facts.storage_classes))));
  else
    out.note(
        "StorageClasses could not be read (no right): ask the cluster's administrator which "
        "you may use");
  if (facts.priority_classes && facts.priority_classes->good())
    out.note(fmt::format("PriorityClasses: {}", names(items_of(*facts.priority_classes))));
  std::vector<std::string> engines;
  for (auto [group, name] : {std::pair{"kyverno.io", "Kyverno"},
                             {"templates.gatekeeper.sh", "Gatekeeper"},
                             {"cilium.io", "Cilium"},
                             {"crd.projectcalico.org", "Calico"},
                             {"policy.networking.k8s.io", "cluster-wide network policies"},
                             {"networking.istio.io", "Istio"},
                             {"linkerd.io", "Linkerd"},
                             {"cert-manager.io", "cert-manager"},
                             {"ray.io", "KubeRay's CRDs"}}) {
    if (facts.groups.contains(group)) engines.emplace_back(name);
  }
  if (!engines.empty())
    out.note(fmt::format("In this cluster: {} (API groups)", join(engines, ", ")));
}

// --- The parts of the Site.

void tls(const SiteFacts& facts, Text& out) {
  const std::string mesh = facts.ns_object.good() ? mesh_of(facts.ns_object.body) : "";
  std::set<std::string> sidecars;
  for (const doc::Value& pod : items_of(facts.pods)) {
    for (std::string_view list : {"containers", "initContainers"}) {
      for (const doc::Value& each : list_at(pod, {"spec", list})) {
        std::string_view name = doc::find_string(each, {"name"});
        if (name == "istio-proxy" || name == "linkerd-proxy") sidecars.emplace(name);
      }
    }
  }
  out.line("tls:");
  if (!mesh.empty())
    out.line(harmless(fmt::format("  # The namespace is in a mesh ({}, its labels).", mesh)));
  if (!sidecars.empty())
    out.line(fmt::format("  # Running pods have a mesh's proxy ({}).",
                         join({sidecars.begin(), sidecars.end()}, ", ")));
  const bool any = !mesh.empty() || !sidecars.empty();
  out.line(fmt::format("  mode: none  # {}: {}", todo,
                       any ? "ask the mesh's team which mesh it is, and whether it is STRICT; then "
                             "write mode: mesh, mesh: istio-sidecar, istio-ambient or linkerd"
                           : "no mesh was seen; none means that the nodes' network encrypts, or "
                             "nobody has to"));
}

/// Who enforces NetworkPolicies, by the API groups that only that one brings; empty: not seen.
std::string_view enforcer_of(const SiteFacts& facts) {
  if (facts.groups.contains("cilium.io")) return "cilium";
  if (facts.groups.contains("crd.projectcalico.org")) return "calico";
  if (facts.groups.contains("crd.antrea.io")) return "antrea";
  return is_openshift(facts) ? "openshift" : "";
}

void network_policy(const SiteFacts& facts, Text& out) {
  const std::string_view enforcer = enforcer_of(facts);
  if (!enforcer.empty()) {
    out.line("networkPolicy:");
    out.line(fmt::format("  enforcer: {}  # its API group", enforcer));
  } else {
    out.note(fmt::format("networkPolicy: {{enforcer: kubernetes}}  {} which one enforces policies",
                         todo));
  }
  out.note(fmt::format("  endPort: false  {} if your enforcer knows no port ranges", todo));
}

/// For the controller, whose policy must let it through to the API server.
void api_server(const SiteFacts& facts, Text& out) {
  const bool known = facts.api_endpoints && facts.api_endpoints->good();
  std::vector<std::string> addresses;
  if (known) {
    for (const doc::Value& endpoint : list_at(facts.api_endpoints->body, {"endpoints"})) {
      for (const doc::Value& each : list_at(endpoint, {"addresses"})) {
        std::string_view address = each.is_string() ? std::string_view(each.get_string()) : "";
        if (!address.empty())
          addresses.push_back(
              scalar(fmt::format("{}/{}", address, address.contains(':') ? 128 : 32)));
      }
    }
  }
  std::int64_t port = 0;
  if (known) {
    for (const doc::Value& each : list_at(facts.api_endpoints->body, {"ports"}))
      port = control::integer_at(each, {"port"});
  }
  // Cilium knows the API server by what it is, and not by addresses.
  const bool by_address = enforcer_of(facts) != "cilium";
  if (!addresses.empty() && port > 0 && by_address) {
    out.line("apiServer:  # EndpointSlice default/kubernetes");
    out.line(fmt::format("  addresses: [{}]", join(addresses, ", ")));
    out.line(fmt::format("  port: {}", port));
    return;
  }
  if (!addresses.empty())
    out.note(fmt::format("apiServer: at {} port {} (EndpointSlice default/kubernetes)",
                         join(addresses, ", "), port));
  else
    out.note(
        fmt::format("apiServer: {} if you run the controller: its addresses as pods see them; "
                    "the kubeconfig has {}",
                    todo, facts.server));
}

/// A peer of a NetworkPolicy in the Site's words; empty for a form that a Site does not know.
std::vector<std::string> peer_lines(const doc::Value& peer) {
  std::vector<std::string> out;
  std::string_view cidr = doc::find_string(peer, {"ipBlock", "cidr"});
  if (!cidr.empty()) return {fmt::format("cidr: {}", scalar(cidr))};
  for (auto [selector, member] :
       {std::pair{"namespaceSelector", "namespaceLabels"}, {"podSelector", "podLabels"}}) {
    const doc::Object* labels = doc::find_object(peer, {selector, "matchLabels"});
    if (doc::find(peer, {selector, "matchExpressions"}) != nullptr) return {};
    if (labels == nullptr || labels->empty()) continue;
    out.push_back(fmt::format("{}: {}", member, doc::write_json(doc::Value(*labels))));
  }
  return out;
}

struct DnsRule {
  std::string policy;
  std::vector<std::vector<std::string>> peers;
  std::vector<std::pair<std::int64_t, bool>> ports;  // bool: UDP
};

/// The rule by which the namespace's own policies let pods ask for names.
std::optional<DnsRule> dns_rule(const std::vector<doc::Value>& policies) {
  for (const doc::Value& policy : policies) {
    if (control::label_of(policy, "app.kubernetes.io/managed-by") == "raykeep") continue;
    for (const doc::Value& rule : list_at(policy, {"spec", "egress"})) {
      DnsRule found{std::string(name_of(policy)), {}, {}};
      for (const doc::Value& port : list_at(rule, {"ports"})) {
        std::int64_t number = control::integer_at(port, {"port"});
        if (number == 53 || number == 5353)
          found.ports.emplace_back(number, doc::find_string(port, {"protocol"}) == "UDP");
      }
      for (const doc::Value& peer : list_at(rule, {"to"})) {
        if (auto lines = peer_lines(peer); !lines.empty()) found.peers.push_back(std::move(lines));
      }
      if (!found.ports.empty() && !found.peers.empty()) return found;
    }
  }
  return std::nullopt;
}

void dns(const SiteFacts& facts, Text& out) {
  if (auto rule = dns_rule(items_of(facts.policies))) {
    out.line(harmless(fmt::format("dns:  # from NetworkPolicy {}", rule->policy)));
    out.line("  servers:");
    for (const auto& peer : rule->peers) {
      for (std::size_t i = 0; i < peer.size(); ++i) out.line((i == 0 ? "  - " : "    ") + peer[i]);
    }
    out.line("  ports:");
    for (auto [port, udp] : rule->ports)
      out.line(fmt::format("  - {{port: {}, protocol: {}}}", port, udp ? "UDP" : "TCP"));
    return;
  }
  out.note(fmt::format("dns: not written, so {} answer on port {}.",
                       is_openshift(facts) ? "OpenShift's DNS pods (namespace openshift-dns)"
                                           : "pods labelled k8s-app=kube-dns in kube-system",
                       is_openshift(facts) ? 5353 : 53));
  if (facts.dns_service && facts.dns_service->good()) {
    const doc::Object* selector = doc::find_object(facts.dns_service->body, {"spec", "selector"});
    out.note(fmt::format("Service kube-system/kube-dns at {} selects {}",
                         doc::find_string(facts.dns_service->body, {"spec", "clusterIP"}),
                         selector == nullptr ? "?" : doc::write_json(doc::Value(*selector))));
  } else {
    out.note(
        fmt::format("{}: kube-system could not be read; raykeep site preflight tries it. Node-"
                    "local DNS needs its address here.",
                    todo));
  }
}

void pods(const SiteFacts& facts, Text& out) {
  Text inner(4);
  if (is_openshift(facts)) {
    std::string_view range =
        facts.ns_object.good()
            ? doc::find_string(facts.ns_object.body,
                               {"metadata", "annotations", "openshift.io/sa.scc.uid-range"})
            : "";
    inner.note(fmt::format("OpenShift gives pods their user ids{}{}: none is written",
                           range.empty() ? "" : ", here ", range));
  }
  std::set<std::string> accounts, priorities;
  for (const doc::Value& pod : items_of(facts.pods)) {
    std::string account(doc::find_string(pod, {"spec", "serviceAccountName"}));
    if (!account.empty() && account != "default") accounts.insert(account);
    std::string priority(doc::find_string(pod, {"spec", "priorityClassName"}));
    if (!priority.empty()) priorities.insert(priority);
  }
  if (!accounts.empty())
    inner.note(fmt::format("serviceAccountName: running pods use {}; Ray's need none",
                           join({accounts.begin(), accounts.end()}, ", ")));
  if (priorities.size() == 1)
    inner.line(fmt::format("priorityClassName: {}  # that of the running pods",
                           scalar(*priorities.begin())));
  else
    inner.note(fmt::format(
        "priorityClassName: {} if your site demands one{}", todo,
        priorities.empty()
            ? ""
            : "; running pods use " + join({priorities.begin(), priorities.end()}, ", ")));
  if (priorities.size() == 1)
    out.line("pods:");
  else
    out.line("# pods:");
  out.add(inner.text());
}

void images(const SiteFacts& facts, Text& out) {
  std::vector<std::string> used;
  std::set<std::string> secrets;
  const auto running = items_of(facts.pods);
  for (const doc::Value* container : pod_containers(running))
    used.emplace_back(doc::find_string(*container, {"image"}));
  for (const doc::Value& pod : running) {
    for (const doc::Value& each : list_at(pod, {"spec", "imagePullSecrets"}))
      secrets.emplace(doc::find_string(each, {"name"}));
  }
  const std::size_t of_pods = secrets.size();
  for (const doc::Value& account : items_of(facts.service_accounts)) {
    for (const doc::Value& each : list_at(account, {"imagePullSecrets"}))
      secrets.emplace(doc::find_string(each, {"name"}));
  }
  secrets.erase("");
  const std::string registry = common_registry(used);
  if (registry.empty() && secrets.empty()) {
    out.note("images:");
    out.note(fmt::format("  registry: {} the mirror that nodes pull from{}", todo,
                         used.empty() ? " (no pod runs here to learn it from)" : ""));
    out.note(fmt::format("  pullSecrets: {} if it asks who you are", todo));
    return;
  }
  out.line("images:");
  if (!registry.empty())
    out.line(fmt::format("  registry: {}  # what the images of the {} running pods begin with",
                         scalar(registry), running.size()));
  else
    out.line(fmt::format("  # registry: {} the mirror that nodes pull from", todo));
  if (!secrets.empty()) {
    out.line(
        fmt::format("  pullSecrets:  # of {}", of_pods > 0 ? "running pods" : "service accounts"));
    for (const std::string& name : secrets) out.line("  - " + scalar(name));
  } else {
    out.line(fmt::format("  # pullSecrets: {} if it asks who you are", todo));
  }
}

void redis(const SiteFacts& facts, Text& out) {
  std::vector<std::string> seen;
  for (const doc::Value& service : items_of(facts.services)) {
    if (control::label_of(service, "app.kubernetes.io/managed-by") == "raykeep") continue;
    for (const doc::Value& port : list_at(service, {"spec", "ports"})) {
      std::int64_t number = control::integer_at(port, {"port"});
      if (number == 6379 || number == 26379)
        seen.push_back(fmt::format("{}.{}.svc:{}", name_of(service), facts.ns, number));
    }
  }
  out.note(
      fmt::format("redis: {} where heads keep their state; without it a lost head begins "
                  "anew.",
                  todo));
  out.note(
      "  Somebody's: addresses: [redis.data.svc:6379], passwordSecret: {name: redis}; or "
      "Raykeep runs one for each cluster: managed: {}");
  if (!seen.empty()) out.note(fmt::format("  Seen in this namespace: {}", join(seen, ", ")));
}

}  // namespace

std::string common_registry(const std::vector<std::string>& images) {
  std::vector<std::string> common;
  bool first = true;
  for (const std::string& image : images) {
    if (registry_of(image) == "docker.io" && !image.starts_with("docker.io/")) return "";
    std::vector<std::string> parts;
    for (std::string_view part : split(image, '/')) parts.emplace_back(part);
    parts.pop_back();  // the image's own name
    if (first) common = parts;
    first = false;
    std::size_t same = 0;
    while (same < std::min(common.size(), parts.size()) && common[same] == parts[same]) ++same;
    common.resize(same);
  }
  return join(common, "/");
}

std::string site_text(const SiteFacts& facts) {
  Text head;
  head.note(fmt::format("Written by raykeep site init for namespace {} at {} (Kubernetes {}).",
                        facts.ns, facts.server, facts.version));
  head.note(
      fmt::format("Lines with {} need a person. Then: raykeep site preflight -f DOCUMENT "
                  "--site FILE",
                  todo));
  head.note("");
  guards(facts, head);
  head.line("apiVersion: raykeep.io/v1");
  head.line("kind: Site");
  head.line("metadata:");
  head.line("  name: " + scalar(facts.ns));
  head.line("spec:");
  Text spec(2);
  if (is_openshift(facts)) spec.line("openshift: true  # API groups of OpenShift");
  tls(facts, spec);
  dns(facts, spec);
  pods(facts, spec);
  images(facts, spec);
  network_policy(facts, spec);
  api_server(facts, spec);
  spec.note(fmt::format("peers: {} who may call in; nobody if not said:", todo));
  spec.note(
      "  monitoring: [{namespace: monitoring}], ingress: [...], submitters: [...], clients: "
      "[...]");
  spec.note(fmt::format("egress: {} what Ray may call, each with its reason:", todo));
  spec.note(
      "  - {name: models, reason: weights are read from the store, to: [{cidr: "
      "10.1.2.3/32}], ports: [443]}");
  redis(facts, spec);
  spec.note(
      fmt::format("profiles: {} the sets of rules that hold here: pss-restricted, kyverno, "
                  "gatekeeper, nsa-cisa, openshift-restricted-v2",
                  todo));
  head.add(spec.text());
  return head.text();
}

}  // namespace raykeep::preflight
