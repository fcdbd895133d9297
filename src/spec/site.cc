#include "spec/site.h"

#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/cidr.h"
#include "spec/groups.h"
#include "spec/names.h"
#include "spec/peers.h"
#include "spec/reader.h"
#include "spec/shape.h"
#include "spec/site_images.h"

namespace raykeep::spec {
namespace {

bool check_kind(const Cursor& root) {
  if (!root || !root.value().is_object()) {
    root.report("RK3006", "the document is not a map",
                "begin with apiVersion: raykeep.io/v1 and kind: Site");
    return false;
  }
  std::string version = root["apiVersion"].text(), kind = root["kind"].text();
  if (kind != "Site") {
    root["kind"].report("RK3006", fmt::format("kind is {}, not Site", quoted(kind)));
    return false;
  }
  if (version != "raykeep.io/v1") {
    root["apiVersion"].report("RK3006", fmt::format("apiVersion is {}", quoted(version)),
                              "write raykeep.io/v1");
  }
  return true;
}

/// Names of Secrets and their like.
void check_name(const Cursor& at, std::string wrong) {
  if (at && at.value().is_string() && !at.text().empty() && !wrong.empty()) {
    at.report("RK3033", fmt::format("{} {}", quoted(at.text()), wrong));
  }
}

/// Whether outsiders reach Ray's HTTP through TLS, and with whose certificate.
void parse_https(const Cursor& tls, Site& site) {
  Cursor http = tls["http"], secret = tls["httpSecret"];
  const bool native = site.tls_mode == TlsMode::native;
  if (http && !native) {
    http.report_key("RK3042", "http goes with tls.mode: native only",
                    "remove it, or write mode: native");
  }
  site.tls_http = native && (http ? http.boolean() : true);
  if (secret && !site.tls_http) {
    secret.report_key("RK3042", "httpSecret goes with tls.mode: native and http: true only",
                      "remove it");
  }
  site.tls_http_secret = secret.text();
  check_name(secret, wrong_with_dns_subdomain(site.tls_http_secret));
}

void parse_tls(const Cursor& tls, Site& site) {
  std::string mode = tls["mode"].text();
  site.tls_mode_written = !mode.empty();
  if (mode == "native") site.tls_mode = TlsMode::native;
  if (mode == "mesh") site.tls_mode = TlsMode::mesh;
  if (mode.empty()) {
    tls["mode"].report("RK3040", "tls.mode is not written, and Ray's traffic is not encrypted",
                       "write mode: none if that is meant");
  }
  Cursor lifetime = tls["certificateLifetime"];
  if (lifetime && site.tls_mode != TlsMode::native) {
    lifetime.report_key("RK3042", "certificateLifetime goes with tls.mode: native only",
                        "remove it, or write mode: native");
  }
  site.certificate_lifetime = std::chrono::duration_cast<std::chrono::seconds>(lifetime.span(
      site.certificate_lifetime, std::chrono::minutes(10), std::chrono::hours(24 * 825)));
  parse_https(tls, site);
}

SiteRoute parse_route(const Cursor& route) {
  SiteRoute made;
  made.kind = route["kind"].text();
  made.host = route["host"].text();
  made.path = route["path"].text("/");
  made.ingress_class = route["ingressClassName"].text();
  made.gateway = route["gateway"].text();
  made.tls_secret = route["tlsSecret"].text();
  made.annotations = route["annotations"].string_map();
  auto only = [&](const char* field, const char* kind) {
    if (route[field] && made.kind != kind)
      route[field].report_key("RK3080", fmt::format("{} goes with kind: {} only", field, kind),
                              "remove it");
  };
  only("ingressClassName", "Ingress");
  only("tlsSecret", "Ingress");
  only("gateway", "HTTPRoute");
  if (made.kind == "HTTPRoute" && made.gateway.empty())
    route.report("RK3080", "an HTTPRoute belongs to a Gateway", "write gateway: NAMESPACE/NAME");
  if (!made.tls_secret.empty() && made.host.empty())
    route["tlsSecret"].report("RK3080", "a certificate is for a host", "write host");
  if (!made.path.starts_with('/'))
    route["path"].report("RK3080", fmt::format("{} does not begin with /", quoted(made.path)));
  return made;
}

Dns parse_dns(const Cursor& dns, bool openshift) {
  Dns out = default_site().dns;
  if (openshift) {
    out.servers[0] =
        Peer{.name = "dns",
             .namespace_labels = StringMap{{kNamespaceNameLabel, "openshift-dns"}},
             .pod_labels = StringMap{{"dns.operator.openshift.io/daemonset-dns", "default"}},
             .cidr = {},
             .except = {}};
    for (SitePort& port : out.ports) port.range = {5353, 5353};
  }
  for (const char* key : {"servers", "ports"}) {
    Cursor list = dns[key];
    if (list && list.value().is_array() && list.value().get_array().empty()) {
      list.report("RK3018", fmt::format("{} is empty", key),
                  "name one, or leave the field out for the default");
    }
  }
  if (dns["servers"]) out.servers = parse_peers(dns["servers"]);
  if (dns["ports"]) out.ports = parse_ports(dns["ports"]);
  return out;
}

/// The ids that restricted Pod Security and OpenShift have an opinion on.
void parse_ids(const Cursor& pods, bool openshift, PodDefaults& out) {
  if (openshift) out.run_as_user = out.run_as_group = out.fs_group = std::nullopt;
  struct Id {
    const char* key;
    std::optional<std::int64_t>& value;
  };
  for (const Id& id : {Id{"runAsUser", out.run_as_user}, Id{"runAsGroup", out.run_as_group},
                       Id{"fsGroup", out.fs_group}}) {
    Cursor at = pods[id.key];
    std::optional<std::int64_t> number = at.integer();
    if (!number) continue;
    id.value = number;
    if (*number < 0 || *number > 2147483647) {
      at.report("RK3005", fmt::format("{} is not between 0 and 2147483647", *number));
    } else if (*number == 0 && std::string_view(id.key) == "runAsUser") {
      at.report("RK3030", "the restricted Pod Security standard forbids user 0",
                "write the user of the Ray image, 1000");
    } else if (openshift) {
      at.report("RK3031", "OpenShift chooses ids itself and refuses others",
                "remove it unless an SCC allows it");
    }
  }
}

/// Labels that the plan sets on every pod (KubeRay's own, and what the plan's selectors look for).
void check_reserved(const Cursor& labels) {
  for (const auto& [key, value] : labels.members()) {
    if (key.starts_with("ray.io/") || key.starts_with("raykeep.io/") ||
        key == "app.kubernetes.io/name" || key == "app.kubernetes.io/created-by") {
      value.report_key("RK3022", fmt::format("{} is set by Raykeep itself", key), "remove it");
    }
  }
}

PodDefaults parse_pods(const Cursor& pods, bool openshift) {
  PodDefaults out = default_site().pods;
  parse_ids(pods, openshift, out);
  out.service_account_name = pods["serviceAccountName"].text();
  out.priority_class_name = pods["priorityClassName"].text();
  check_name(pods["serviceAccountName"], wrong_with_dns_subdomain(out.service_account_name));
  check_name(pods["priorityClassName"], wrong_with_dns_subdomain(out.priority_class_name));
  auto amount = [&](const char* key, std::string& size) {
    if (pods[key])
      size = pods[key].value().is_string() ? pods[key].text() : describe(pods[key].value());
    if (pods[key] && size.starts_with('-'))
      pods[key].report("RK3005", quoted(size) + " is negative");
  };
  amount("tmpSize", out.tmp_size);
  amount("homeSize", out.home_size);
  out.home = pods["home"].text(out.home);
  if (!out.home.starts_with('/') || out.home.contains(':') || out.home == "/" ||
      out.home.contains("..")) {
    pods["home"].report("RK3035",
                        fmt::format("{} is not an absolute path of a directory", quoted(out.home)));
  }
  out.labels = pods["labels"].string_map();
  out.annotations = pods["annotations"].string_map();
  validate_labels(pods["labels"], "RK3014");
  validate_annotations(pods["annotations"], "RK3021");
  check_reserved(pods["labels"]);
  return out;
}

Egress parse_egress_entry(const Cursor& at) {
  Egress entry{.name = at["name"].text(),
               .reason = at["reason"].text(),
               .to = parse_peers(at["to"], Names::taken),
               .ports = parse_ports(at["ports"])};
  for (const char* key : {"to", "ports"}) {
    Cursor list = at[key];
    if (list && list.value().is_array() && list.value().get_array().empty()) {
      list.report("RK3018", fmt::format("{} is empty, which Kubernetes reads as everything", key),
                  "name at least one");
    }
  }
  for (const char* key : {"name", "reason"}) {
    if (at[key] && at[key].value().is_string() && trim(at[key].text()).empty()) {
      at[key].report("RK3003", fmt::format("{} is empty", key));
    }
  }
  for (const Cursor& peer : at["to"].items()) {
    Result<Cidr> cidr = parse_cidr(peer["cidr"].text());
    if (cidr && cidr->is_everything()) {
      peer["cidr"].report("RK3016",
                          fmt::format("{} is every address there is", peer["cidr"].text()),
                          "name the addresses that are needed");
    }
  }
  return entry;
}

/// A NetworkPolicy knows no DNS names, so a dialect must.
void check_names(const Cursor& peers, Enforcer enforcer) {
  if (knows_names(enforcer)) return;
  for (const Cursor& peer : peers.items()) {
    if (!peer["fqdn"]) continue;
    peer["fqdn"].report("RK3024", "only Cilium lets an egress by DNS name through",
                        "name the addresses with cidr, or an egress proxy that knows the name");
  }
}

std::vector<Egress> parse_egress(const Cursor& list, Enforcer enforcer) {
  std::vector<Egress> out;
  std::map<std::string, std::size_t> seen;
  for (const Cursor& item : list.items()) {
    if (!item || !item.value().is_object()) continue;
    out.push_back(parse_egress_entry(item));
    check_names(item["to"], enforcer);
    if (!out.back().name.empty() && !seen.emplace(out.back().name, out.size()).second) {
      item["name"].report("RK3020", fmt::format("{} is already the name of another entry",
                                                quoted(out.back().name)));
    }
  }
  return out;
}

}  // namespace

ParsedSite parse_site(const doc::Document& document) {
  ParsedSite out;
  Cursor root(document, out.findings);
  if (!check_kind(root)) return out;
  check_shape(root, "Site", kSiteShape);

  Cursor spec = root["spec"];
  Site site = default_site();
  site.name = root.at({"metadata", "name"}).text(site.name);
  check_name(root.at({"metadata", "name"}), wrong_with_dns_subdomain(site.name));
  site.cluster_domain = spec["clusterDomain"].text(site.cluster_domain);
  if (std::string wrong = wrong_with_dns_subdomain(site.cluster_domain); !wrong.empty()) {
    spec["clusterDomain"].report("RK3034",
                                 fmt::format("{} {}", quoted(site.cluster_domain), wrong));
  }
  site.openshift = spec["openshift"].boolean();
  site.air_gapped = spec["airGapped"].boolean();
  parse_tls(spec["tls"], site);
  parse_site_network(spec, site);
  site.dns = parse_dns(spec["dns"], site.openshift);
  if (spec["serving"]["route"]) site.route = parse_route(spec["serving"]["route"]);
  site.pods = parse_pods(spec["pods"], site.openshift);
  parse_images(spec["images"], site);
  Cursor peers = spec["peers"];
  site.monitoring = parse_peers(peers["monitoring"]);
  site.ingress = parse_peers(peers["ingress"]);
  site.submitters = parse_peers(peers["submitters"]);
  site.clients = parse_peers(peers["clients"]);
  site.egress = parse_egress(spec["egress"], site.enforcer);
  site.redis = parse_site_redis(spec["redis"]);
  if (spec["redis"]["inMesh"] && site.mesh == Mesh::none)
    spec["redis"]["inMesh"].report_key("RK3047", "the Site has no mesh", "remove it");
  site.profiles = spec["profiles"].strings();
  site.document = stored_document(document.value);
  out.site = std::move(site);
  sort_by_place(out.findings);
  return out;
}

Site default_site() {
  Site site;
  site.dns.servers.push_back(
      Peer{.name = "dns",
           .namespace_labels = StringMap{{kNamespaceNameLabel, "kube-system"}},
           .pod_labels = StringMap{{"k8s-app", "kube-dns"}},
           .cidr = {},
           .except = {}});
  site.dns.ports = {{{53, 53}, Protocol::udp}, {{53, 53}, Protocol::tcp}};
  site.pods.run_as_user = 1000;
  // Said, because an image's own group is often 0, root's.
  site.pods.run_as_group = 1000;
  site.pods.fs_group = 1000;
  site.raykeep_image = "raykeep:" RAYKEEP_VERSION;
  // The last series under the BSD licence; Valkey's images work as well.
  site.redis_image = "redis:7.2";
  return site;
}

}  // namespace raykeep::spec
