// Site (raykeep.io/v1): everything that is true of the enclave and not of the workload. Written
// once by the platform engineer. Every field has a default that suits a plain, locked-down
// Kubernetes namespace, so that an absent Site is a Site with nothing in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"
#include "spec/peer.h"
#include "spec/ray_cluster.h"
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

enum class TlsMode { none, native, mesh };

struct Dns {
  std::vector<Peer> servers;    // default: pods labelled k8s-app=kube-dns in namespace kube-system
  std::vector<SitePort> ports;  // default: 53/UDP and 53/TCP (OpenShift: 5353)
};

struct PodDefaults {
  std::optional<std::int64_t> run_as_user;   // default 1000; absent with openshift: true
  std::optional<std::int64_t> run_as_group;  // default: not set
  std::optional<std::int64_t> fs_group;      // default 1000; absent with openshift: true
  std::string service_account_name;  // default "": the namespace's default, token not mounted
  std::string priority_class_name;
  std::string tmp_size = "2Gi";    // emptyDir at /tmp
  std::string home_size = "1Gi";   // emptyDir at $HOME
  std::string home = "/home/ray";  // what $HOME is in the Ray image
  StringMap labels;                // put on every pod
  StringMap annotations;
};

struct Site {
  std::string name = "default";
  std::string cluster_domain = "cluster.local";
  bool openshift = false;
  bool end_port = true;  // does the enforcer know NetworkPolicy port ranges?
  TlsMode tls_mode = TlsMode::none;
  bool tls_mode_written = false;  // "none" must be written out: else check warns
  Dns dns;
  PodDefaults pods;
  std::string registry;       // prefix for every image: "registry.bank.example/mirror"
  std::string raykeep_image;  // Raykeep's own, before the prefix: "raykeep:0.1.0"
  std::string redis_image;    // of a managed Redis, before the prefix
  std::vector<std::string> image_pull_secrets;
  std::string image_pull_policy;  // "" leaves the document's own
  std::vector<Peer> monitoring;   // may scrape metrics
  std::vector<Peer> ingress;      // may call Serve
  std::vector<Peer> submitters;   // may use the dashboard and the Jobs API
  std::vector<Peer> clients;      // may open Ray Client sessions
  std::vector<Egress> egress;
  SiteRedis redis;
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
