#include "spec/peers.h"

#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/cidr.h"
#include "spec/groups.h"
#include "spec/names.h"

namespace raykeep::spec {
namespace {

void validate_addresses(const Cursor& peer) {
  Cursor at = peer["cidr"];
  Result<Cidr> cidr = parse_cidr(at.text());
  if (!cidr) {
    bool bare = !at.text().contains('/') && parse_cidr(at.text() + "/32");
    at.report("RK3012", cidr.error().text,
              bare ? "write " + quoted(at.text() + "/32") : "write it as in 10.1.0.0/16");
  } else if (cidr->has_host_bits()) {
    at.report("RK3017", fmt::format("{} has bits beyond its prefix", quoted(at.text())));
  }
  for (const Cursor& item : peer["except"].items()) {
    if (!item || !item.value().is_string()) continue;
    Result<Cidr> hole = parse_cidr(item.text());
    if (!hole) {
      item.report("RK3012", hole.error().text);
    } else if (cidr && (!cidr->contains(*hole) || *hole == *cidr)) {
      item.report("RK3013",
                  fmt::format("{} is not a part of {}", quoted(item.text()), quoted(at.text())));
    }
  }
}

void validate_pods(const Cursor& peer) {
  Cursor ns = peer["namespace"];
  if (ns && peer["namespaceLabels"]) {
    ns.report("RK3011", "namespace and namespaceLabels are both written", "keep one of them");
  }
  if (ns && ns.value().is_string()) {
    if (std::string wrong = wrong_with_dns_label(ns.text()); !wrong.empty()) {
      ns.report("RK3033", fmt::format("the namespace {} {}", quoted(ns.text()), wrong));
    }
  }
  validate_labels(peer["namespaceLabels"], "RK3014");
  validate_labels(peer["podLabels"], "RK3014");
  Cursor every = peer["namespaceLabels"];
  if (every && every.value().is_object() && every.value().get_object().empty()) {
    every.report("RK3019", "{} is every namespace", "name the namespace if you can");
  }
}

/// "s3.bank.example", or "*.bank.example" for every name below it.
void validate_name(const Cursor& at, Names names) {
  if (names == Names::refused) {
    return at.report_key("RK3023", "fqdn is for egress entries only",
                         "name pods or addresses: who calls in is known by them alone");
  }
  std::string name = at.text();
  std::string_view rest = name;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  if (std::string wrong = wrong_with_dns_subdomain(rest); !wrong.empty()) {
    at.report("RK3023", fmt::format("{} {}", quoted(name), wrong),
              "write it as in s3.bank.example");
  } else if (!rest.contains('.')) {
    at.report("RK3023", fmt::format("{} has no domain", quoted(name)),
              "write the whole name, as in s3.bank.example");
  }
}

Peer parse_peer(const Cursor& at, Names names) {
  Peer peer;
  peer.name = at["name"].text();
  peer.cidr = at["cidr"].text();
  peer.except = at["except"].strings();
  peer.fqdn = at["fqdn"].text();
  if (at["namespaceLabels"]) peer.namespace_labels = at["namespaceLabels"].string_map();
  if (at["namespace"])
    peer.namespace_labels = StringMap{{kNamespaceNameLabel, at["namespace"].text()}};
  if (at["podLabels"]) peer.pod_labels = at["podLabels"].string_map();

  bool pods = at["namespace"] || at["namespaceLabels"] || at["podLabels"];
  const int forms = (pods ? 1 : 0) + (at["cidr"] ? 1 : 0) + (at["fqdn"] ? 1 : 0);
  if (forms > 1) {
    at.report("RK3010",
              at["fqdn"] ? "the peer is a DNS name and something else"
                         : "the peer is both pods and addresses",
              "make two entries of it");
  } else if (forms == 0) {
    at.report("RK3010", "the peer says neither which pods nor which addresses",
              "write namespace, namespaceLabels, podLabels or cidr");
  }
  if (!at["cidr"] && at["except"])
    at["except"].report_key("RK3013", "except goes with cidr only", "remove it");
  if (at["cidr"] && at["cidr"].value().is_string()) validate_addresses(at);
  if (at["fqdn"] && at["fqdn"].value().is_string()) validate_name(at["fqdn"], names);
  validate_pods(at);
  return peer;
}

/// A port number; 0 if the text is none.
int port_number(std::string_view text) {
  if (text.empty() || text.size() > 5 ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return 0;
  int number = std::stoi(std::string(text));
  return number <= 65535 ? number : 0;
}

void refuse(const Cursor& at, std::string what) {
  at.report("RK3015", std::move(what),
            "write 9000, \"9000-9010\" or {port: 9000, endPort: 9010, protocol: TCP}");
}

std::optional<SitePort> checked(const Cursor& at, PortRange range, Protocol protocol,
                                std::string_view written) {
  if (range.first < 1 || range.last < 1) {
    refuse(at, fmt::format("{} is not a port", written));
  } else if (range.last < range.first) {
    refuse(at, fmt::format("{} ends before it begins", written));
  } else {
    return SitePort{range, protocol};
  }
  return std::nullopt;
}

std::optional<SitePort> parse_port_text(const Cursor& at) {
  std::string written = at.text();
  std::string_view text = written;
  Protocol protocol = Protocol::tcp;
  if (text.ends_with("/UDP")) protocol = Protocol::udp;
  if (text.ends_with("/UDP") || text.ends_with("/TCP")) text.remove_suffix(4);
  std::size_t dash = text.find('-');
  PortRange range;
  range.first = port_number(text.substr(0, dash));
  range.last = dash == std::string_view::npos ? range.first : port_number(text.substr(dash + 1));
  return checked(at, range, protocol, quoted(written));
}

std::optional<SitePort> parse_port_map(const Cursor& at) {
  for (const auto& [key, member] : at.members()) {
    if (key != "port" && key != "endPort" && key != "protocol") {
      member.report_key("RK3001", fmt::format("there is no field {} here", quoted(key)),
                        "a port has port, endPort and protocol");
    }
  }
  auto number = [&](const char* key) {
    std::int64_t port = at[key].integer().value_or(0);
    return port < 1 || port > 65535 ? 0 : static_cast<int>(port);
  };
  std::string protocol = at["protocol"].text(at["protocol"] ? "?" : "TCP");
  if (protocol != "TCP" && protocol != "UDP") {
    at["protocol"].report("RK3004", describe(at["protocol"].value()) + " is not one of TCP, UDP");
    return std::nullopt;
  }
  PortRange range{number("port"), at["endPort"] ? number("endPort") : number("port")};
  return checked(at, range, protocol == "UDP" ? Protocol::udp : Protocol::tcp, "the entry");
}

std::optional<SitePort> parse_port(const Cursor& at) {
  if (!at) {
    refuse(at, "the entry is empty");
    return std::nullopt;
  }
  if (at.value().is_string()) return parse_port_text(at);
  if (at.value().is_object()) return parse_port_map(at);
  std::int64_t number = at.integer().value_or(0);
  int port = number < 1 || number > 65535 ? 0 : static_cast<int>(number);
  return checked(at, {port, port}, Protocol::tcp, describe(at.value()));
}

}  // namespace

std::vector<Peer> parse_peers(const Cursor& list, Names names) {
  std::vector<Peer> peers;
  std::map<std::string, std::string> seen;
  for (const Cursor& item : list.items()) {
    if (!item || !item.value().is_object()) continue;
    peers.push_back(parse_peer(item, names));
    const std::string& name = peers.back().name;
    if (!name.empty() && !seen.emplace(name, item.pointer()).second) {
      item["name"].report(
          "RK3020", fmt::format("{} is already the name of an entry of this list", quoted(name)));
    }
  }
  return peers;
}

std::vector<SitePort> parse_ports(const Cursor& list) {
  std::vector<SitePort> ports;
  for (const Cursor& item : list.items()) {
    if (std::optional<SitePort> port = parse_port(item)) ports.push_back(*port);
  }
  return ports;
}

const std::string* named_namespace(const Peer& peer) {
  if (!peer.namespace_labels) return nullptr;
  auto name = peer.namespace_labels->find(std::string(kNamespaceNameLabel));
  return name == peer.namespace_labels->end() ? nullptr : &name->second;
}

}  // namespace raykeep::spec
