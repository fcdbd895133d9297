#include "spec/site_network.h"

#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/cidr.h"
#include "spec/names.h"
#include "spec/peers.h"
#include "spec/reader.h"
#include "spec/site.h"

namespace raykeep::spec {
namespace {

/// The word's place in the list, as a value of the enumeration; `otherwise` where it is none.
template <class Enum, std::size_t n>
Enum one_of(const std::string& word, const std::array<const char*, n>& words, Enum otherwise) {
  for (std::size_t i = 0; i < n; ++i) {
    if (word == words[i]) return static_cast<Enum>(i);
  }
  return otherwise;
}

void parse_policy(const Cursor& policy, Site& site) {
  site.end_port = policy["endPort"].boolean(true);
  constexpr std::array words{"kubernetes", "cilium", "calico", "openshift", "eks", "antrea"};
  site.enforcer = one_of(policy["enforcer"].text(), words,
                         site.openshift ? Enforcer::openshift : Enforcer::kubernetes);
  if (site.enforcer == Enforcer::eks && !site.end_port) {
    policy["endPort"].report("RK3063", "the VPC CNI takes at most 24 ports for each peer",
                             "leave endPort out: it knows ranges");
  }
}

/// The control plane's own pods: they and nobody else hand out certificates and routes.
Peer control_plane_of(Mesh mesh) {
  Peer peer{.name = "control-plane",
            .namespace_labels = StringMap{{kNamespaceNameLabel, "istio-system"}},
            .pod_labels = StringMap{{"app", "istiod"}},
            .cidr = {},
            .except = {}};
  if (mesh == Mesh::linkerd) {
    peer.namespace_labels = StringMap{{kNamespaceNameLabel, "linkerd"}};
    peer.pod_labels.reset();
  }
  return peer;
}

void parse_mesh(const Cursor& tls, Site& site) {
  constexpr std::array words{"", "istio-sidecar", "istio-ambient", "linkerd"};
  site.mesh = one_of(tls["mesh"].text(), words, Mesh::none);
  for (const char* key : {"mesh", "controlPlane", "revision", "nativeSidecar"}) {
    if (tls[key] && site.tls_mode != TlsMode::mesh)
      tls[key].report_key("RK3041", fmt::format("{} goes with tls.mode: mesh only", key),
                          "remove it, or write mode: mesh");
  }
  if (site.tls_mode == TlsMode::mesh && !tls["mesh"])
    tls["mode"].report("RK3046", "which mesh encrypts is not said",
                       "write mesh: istio-sidecar, istio-ambient or linkerd");
  site.mesh_revision = tls["revision"].text();
  if (Cursor revision = tls["revision"];
      !site.mesh_revision.empty() && !wrong_with_dns_label(site.mesh_revision).empty())
    revision.report("RK3033", fmt::format("{} {}", quoted(site.mesh_revision),
                                          wrong_with_dns_label(site.mesh_revision)));
  if (tls["revision"] && site.mesh != Mesh::none && site.mesh != Mesh::istio_sidecar)
    tls["revision"].report_key("RK3047", "revision is of Istio's sidecars", "remove it");
  site.mesh_native_sidecar = tls["nativeSidecar"].boolean(true);
  if (tls["nativeSidecar"] && site.mesh == Mesh::istio_ambient)
    tls["nativeSidecar"].report_key("RK3047", "ambient has no proxy in the pod", "remove it");
  Cursor peers = tls["controlPlane"];
  if (peers && site.mesh == Mesh::none)
    peers.report_key("RK3041", "controlPlane without mesh", "write which mesh it is of");
  if (peers && peers.value().is_array() && peers.value().get_array().empty())
    peers.report("RK3018", "controlPlane is empty", "name one, or leave it out for the default");
  if (site.mesh == Mesh::none) return;
  site.mesh_control_plane =
      peers ? parse_peers(peers) : std::vector<Peer>{control_plane_of(site.mesh)};
}

void parse_addresses(const Cursor& list, ApiServer& out) {
  for (const Cursor& item : list.items()) {
    if (!item || !item.value().is_string()) continue;
    out.addresses.push_back(item.text());
    if (Result<Cidr> cidr = parse_cidr(item.text()); !cidr)
      item.report("RK3012", cidr.error().text, "write it as in 10.0.0.1/32");
  }
}

void parse_api_server(const Cursor& at, Site& site) {
  if (!at || !at.value().is_object()) return;
  ApiServer& out = site.api_server;
  parse_addresses(at["addresses"], out);
  out.administrator = at["administrator"].boolean();
  if (std::optional<std::int64_t> port = at["port"].integer()) {
    if (*port < 1 || *port > 65535) {
      at["port"].report("RK3015", fmt::format("{} is not a port", *port));
    } else {
      out.port = static_cast<int>(*port);
    }
  }
  if (out.administrator && !knows_api_server(site.enforcer)) {
    at["administrator"].report("RK3060",
                               "this enforcer has no policy that names the API server itself",
                               "write addresses");
  } else if (out.administrator && !out.addresses.empty()) {
    at["addresses"].report("RK3060", "addresses and administrator are both written",
                           "keep one of them");
  } else if (!out.administrator && out.addresses.empty()) {
    at.report("RK3060", "apiServer says no address",
              "write addresses, or leave apiServer out for any address on 443 and 6443");
  } else if (site.enforcer == Enforcer::cilium && !out.addresses.empty()) {
    at["addresses"].report(
        "RK3061",
        "Cilium matches no address of a node with a NetworkPolicy, unless it runs "
        "with policyCIDRMatchMode: nodes",
        "where the API server is on a node of the cluster, have the administrator "
        "apply what `raykeep site policies` prints, and write administrator: true");
  }
}

void check_worker_ports(const Cursor& at, const WorkerPorts& entry, std::set<std::string>& seen) {
  // The table's own names for ports between nodes.
  if (entry.name == "node-manager" || entry.name == "object-manager" || entry.name == "worker" ||
      entry.name == "mesh") {
    at["name"].report("RK3062", fmt::format("{} is a flow of Ray's", quoted(entry.name)),
                      "choose another name");
  } else if (std::string wrong = wrong_with_port_name(entry.name);
             at["name"].value().is_string() && !wrong.empty()) {
    at["name"].report("RK3062", fmt::format("{} {}", quoted(entry.name), wrong));
  } else if (!seen.insert(entry.name).second) {
    at["name"].report("RK3020",
                      fmt::format("{} is already the name of another entry", quoted(entry.name)));
  }
  if (at["reason"] && at["reason"].value().is_string() && trim(entry.reason).empty())
    at["reason"].report("RK3003", "reason is empty");
  if (Cursor ports = at["ports"];
      ports && ports.value().is_array() && ports.value().get_array().empty())
    ports.report("RK3018", "ports is empty, which Kubernetes reads as everything",
                 "name at least one");
}

void parse_worker_ports(const Cursor& list, Site& site) {
  std::set<std::string> seen;
  for (const Cursor& item : list.items()) {
    if (!item || !item.value().is_object()) continue;
    site.worker_ports.push_back({.name = item["name"].text(),
                                 .reason = item["reason"].text(),
                                 .ports = parse_ports(item["ports"])});
    if (item["name"]) check_worker_ports(item, site.worker_ports.back(), seen);
  }
}

}  // namespace

void parse_site_network(const Cursor& spec, Site& site) {
  parse_policy(spec["networkPolicy"], site);
  parse_mesh(spec["tls"], site);
  parse_api_server(spec["apiServer"], site);
  parse_worker_ports(spec["workerPorts"], site);
}

bool knows_names(Enforcer enforcer) { return enforcer == Enforcer::cilium; }

bool knows_api_server(Enforcer enforcer) {
  return enforcer == Enforcer::cilium || enforcer == Enforcer::calico;
}

}  // namespace raykeep::spec
