// Site (raykeep.io/v1): everything that is true of the enclave and not of the workload. Written
// once by the platform engineer. Every field has a default that suits a plain, locked-down
// Kubernetes namespace, so that an absent Site is a Site with nothing in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"
#include "spec/peer.h"
#include "spec/ray_cluster.h"
#include "spec/site_network.h"
#include "spec/site_redis.h"

namespace raykeep::spec {

/// One outward conversation that the workload needs at this site: an object store, a model store, a
/// database.
struct Egress {
  std::string name;    // "models"
  std::string reason;  // for the reviewer: "model weights are read from the object store"
  std::vector<Peer> to;
  std::vector<SitePort> ports;
};

/// Registries that have what another one has; only whoever makes a bundle asks them.
struct ImageMirror {
  std::string registry;              // "docker.io", or with a path
  std::vector<std::string> mirrors;  // asked in this order, before the registry itself
};

enum class TlsMode { none, native, mesh };

struct Dns {
  std::vector<Peer> servers;    // default: pods labelled k8s-app=kube-dns in namespace kube-system
  std::vector<SitePort> ports;  // default: 53/UDP and 53/TCP (OpenShift: 5353)
};

struct PodDefaults {
  std::optional<std::int64_t> run_as_user;   // default 1000; absent with openshift: true
  std::optional<std::int64_t> run_as_group;  // default 1000; absent with openshift: true
  std::optional<std::int64_t> fs_group;      // default 1000; absent with openshift: true
  std::string service_account_name;  // default "": the namespace's default, token not mounted
  std::string priority_class_name;
  std::string tmp_size = "2Gi";    // emptyDir at /tmp
  std::string home_size = "1Gi";   // emptyDir at $HOME
  std::string home = "/home/ray";  // what $HOME is in the Ray image
  StringMap labels;                // put on every pod
  StringMap annotations;
};

/// How a RayService is reached from outside of the cluster.
struct SiteRoute {
  std::string kind;  // "Ingress", "HTTPRoute", "Route"; empty: there is none
  std::string host;
  std::string path = "/";
  std::string ingress_class;
  std::string gateway;  // "name" or "namespace/name"
  std::string tls_secret;
  StringMap annotations;
};

struct Site {
  std::string name = "default";
  std::string cluster_domain = "cluster.local";
  bool openshift = false;
  Enforcer enforcer = Enforcer::kubernetes;
  bool end_port = true;  // does the enforcer know NetworkPolicy port ranges?
  ApiServer api_server;
  TlsMode tls_mode = TlsMode::none;
  bool tls_mode_written = false;  // "none" must be written out: else check warns
  Mesh mesh = Mesh::none;
  std::vector<Peer> mesh_control_plane;                                 // empty without a mesh
  std::chrono::seconds certificate_lifetime = std::chrono::hours(720);  // of nodes; native only
  bool tls_http = false;        // outsiders reach HTTP through the agent's TLS; native only
  std::string tls_http_secret;  // with the certificate of dashboard and Serve; "": the node's own
  std::string mesh_revision;    // Istio's label istio.io/rev; empty: the default revision
  /// Proxies are init containers that go on running: Kubernetes 1.29 and newer.
  bool mesh_native_sidecar = true;
  Dns dns;
  PodDefaults pods;
  std::string registry;       // prefix for every image: "registry.bank.example/mirror"
  std::string raykeep_image;  // Raykeep's own, before the prefix: "raykeep:0.1.0"
  std::string redis_image;    // of a managed Redis, before the prefix
  std::vector<std::string> image_pull_secrets;
  std::string image_pull_policy;  // "" leaves the document's own
  StringMap image_digests;        // by full_image_name(): "docker.io/rayproject/ray:2.60.0"
  std::vector<ImageMirror> image_mirrors;
  bool air_gapped = false;       // nothing is loaded from outside, and images go by digest
  std::vector<Peer> monitoring;  // may scrape metrics
  std::vector<Peer> ingress;     // may call Serve
  std::vector<Peer> submitters;  // may use the dashboard and the Jobs API
  std::vector<Peer> clients;     // may open Ray Client sessions
  std::vector<Egress> egress;
  std::vector<WorkerPorts> worker_ports;
  SiteRedis redis;
  SiteRoute route;
  std::vector<std::string> profiles;  // of policies that hold here, as profile/profile.h names them
  doc::Object document;  // as written; stored beside the RayCluster. Empty for the default Site
};

struct ParsedSite {
  std::optional<Site> site;
  Findings findings;  // RK3xxx
};

ParsedSite parse_site(const doc::Document& document);

/// The Site used where none is given.
Site default_site();

}  // namespace raykeep::spec
