#include "scene.h"

#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "control/install.h"
#include "doc/document.h"
#include "plan/plan.h"
#include "plan/site_fit.h"
#include "spec/ray_cluster.h"

namespace raykeep::policies {
namespace {

constexpr const char* our_namespace = "ray";
constexpr const char* name_label = "kubernetes.io/metadata.name";

Labels labels_at(const doc::Value& object, std::initializer_list<std::string_view> path) {
  Labels made;
  if (const doc::Object* found = doc::find_object(object, path)) {
    for (const auto& member : *found) made[member.key()] = member.value().as_string();
  }
  return made;
}

Labels labels_of_namespace(const std::string& ns) { return {{name_label, ns}, {"team", "ml"}}; }

/// Fills the world, each with an address of its own.
class Settlement {
 public:
  explicit Settlement(Scene& scene) : scene_(scene) {}

  Inhabitant& pod(std::string name, std::string ns, Labels ns_labels, Labels labels) {
    Inhabitant made;
    made.endpoint.name = std::move(name);
    made.endpoint.ns = std::move(ns);
    made.endpoint.ns_labels = std::move(ns_labels);
    made.endpoint.labels = std::move(labels);
    ++pods_;
    made.endpoint.ip = address(fmt::format("10.244.{}.{}", pods_ / 250, 1 + pods_ % 250));
    return scene_.inhabitants.emplace_back(std::move(made));
  }

  void outside(const Address& ip, const std::string& name) {
    if (!addresses_.insert(ip).second) return;
    Inhabitant made;
    made.endpoint.name = name;
    made.endpoint.ip = ip;
    scene_.inhabitants.push_back(std::move(made));
  }

  /// The pods of a workload, as its template has them, and strangers that look like them.
  void workload(const doc::Value& object, int table, flow::End end,
                const std::vector<std::string>& identity) {
    const std::string name(doc::find_string(object, {"metadata", "name"}));
    const Labels labels = labels_at(object, {"spec", "template", "metadata", "labels"});
    for (int replica = 0; replica < 2; ++replica) {
      Inhabitant& made = pod(fmt::format("{}-{}", name, replica), our_namespace,
                             labels_of_namespace(our_namespace), labels);
      made.table = table;
      made.end = end;
    }
    // The label by which only the controller's rules tell our pods from others.
    Labels unmanaged = labels;
    if (unmanaged.erase("app.kubernetes.io/managed-by") == 0)
      throw std::logic_error(name + " is not in the inventory");
    Inhabitant& odd = pod(name + " unmanaged", our_namespace, labels_of_namespace(our_namespace),
                          std::move(unmanaged));
    odd.table = table;
    odd.end = end;
    pod(name + " elsewhere", "other", labels_of_namespace("other"), labels);
    for (const std::string& key : identity) {
      Labels fewer = labels;
      if (fewer.erase(key) == 0) throw std::logic_error(name + " lacks the label " + key);
      look_alike(name + " without " + key, fewer);
      Labels others = labels;
      others[key] += "-x";
      look_alike(name + " with another " + key, others);
    }
  }

  void look_alike(const std::string& name, Labels labels) {
    pod(name, our_namespace, labels_of_namespace(our_namespace), std::move(labels));
  }

  void peer(const spec::Peer& peer) {
    if (!peer.cidr.empty()) return addresses_of(peer);
    if (!peer.fqdn.empty()) return;
    const Labels labels =
        peer.pod_labels ? Labels(peer.pod_labels->begin(), peer.pod_labels->end()) : Labels{};
    Labels of_namespace = labels_of_namespace(our_namespace);
    std::string ns = our_namespace;
    if (peer.namespace_labels) {
      of_namespace = {peer.namespace_labels->begin(), peer.namespace_labels->end()};
      ns = of_namespace.contains(name_label) ? of_namespace[name_label] : "labelled";
      of_namespace.try_emplace(name_label, ns);
    }
    pod("peer", ns, of_namespace, labels);
    pod("neighbour of a peer", ns, of_namespace, {{"app", "neighbour"}});
    pod("peer elsewhere", "elsewhere", labels_of_namespace("elsewhere"), labels);
    pod("peer here", our_namespace, labels_of_namespace(our_namespace), labels);
    for (const auto& [key, value] : labels) {
      Labels fewer = labels;
      fewer.erase(key);
      pod("peer without " + key, ns, of_namespace, fewer);
      fewer[key] = value + "-x";
      pod("peer with another " + key, ns, of_namespace, fewer);
    }
    if (!peer.namespace_labels) return;
    for (const auto& [key, value] : *peer.namespace_labels) {
      Labels fewer = of_namespace;
      fewer.erase(key);
      pod("peer in a namespace without " + key, "renamed", fewer, labels);
    }
  }

 private:
  /// First and last inside, the next ones outside, and one in the block that a bit less would add.
  void edges(const std::string& cidr) {
    const Block whole = block(cidr);
    const int spare = whole.first.bits() - whole.prefix;
    Address last = whole.first;
    for (int bit = whole.prefix; bit < whole.first.bits(); ++bit)
      last.bytes[static_cast<std::size_t>(bit / 8)] |=
          static_cast<std::uint8_t>(1 << (7 - bit % 8));
    outside(whole.first, "first of " + cidr);
    outside(last, "last of " + cidr);
    outside(stepped(whole.first, -1), "before " + cidr);
    outside(stepped(last, 1), "after " + cidr);
    if (whole.prefix > 0) {
      Address twin = whole.first;
      const int bit = whole.prefix - 1;
      twin.bytes[static_cast<std::size_t>(bit / 8)] ^=
          static_cast<std::uint8_t>(1 << (7 - bit % 8));
      outside(twin, "twin of " + cidr);
      if (spare > 1) outside(stepped(twin, 1), "inside the twin of " + cidr);
    }
  }

  static Address stepped(Address at, int by) {
    for (int i = at.bits() / 8 - 1; i >= 0; --i) {
      auto& byte = at.bytes[static_cast<std::size_t>(i)];
      byte = static_cast<std::uint8_t>(byte + by);
      if (byte != (by > 0 ? 0 : 255)) break;  // no carry
    }
    return at;
  }

  void addresses_of(const spec::Peer& peer) {
    edges(peer.cidr);
    for (const std::string& hole : peer.except) edges(hole);
  }

  Scene& scene_;
  std::set<Address> addresses_;
  int pods_ = 0;
};

/// Those that the rows name, but for the controller, whose pods are settled already.
std::vector<const spec::Peer*> peers_of(const Scene& scene) {
  std::vector<const spec::Peer*> made;
  std::set<std::string> seen;
  const auto controller_labels = flow::controller_peer().pod_labels;
  auto text = [](const spec::Peer& peer) {
    std::string all = peer.cidr + '|' + peer.fqdn;
    for (const std::string& hole : peer.except) all += '|' + hole;
    if (peer.namespace_labels) {
      for (const auto& [key, value] : *peer.namespace_labels) all += "|n" + key + '=' + value;
    }
    if (peer.pod_labels) {
      for (const auto& [key, value] : *peer.pod_labels) all += "|p" + key + '=' + value;
    }
    return all + (peer.namespace_labels ? "n" : "") + (peer.pod_labels ? "p" : "");
  };
  for (const Table& table : scene.tables) {
    for (const flow::Flow& row : table.rows) {
      for (const spec::Peer& peer : row.peers) {
        const bool controller = peer.pod_labels && *peer.pod_labels == *controller_labels;
        if (!controller && seen.insert(text(peer)).second) made.push_back(&peer);
      }
    }
  }
  return made;
}

void refuse_errors(const Findings& findings, const std::string& text) {
  for (const Finding& each : findings) {
    if (each.severity == Severity::error) throw std::logic_error(to_string(each) + '\n' + text);
  }
}

doc::Document document_of(const std::string& text) {
  doc::ReadResult read = doc::read_yaml(text, "generated.yaml");
  if (!read.findings.empty()) throw std::logic_error(to_string(read.findings.front()));
  return std::move(read.documents.at(0));
}

void settle_cluster(const plan::Plan& plan, const spec::RayCluster& cluster, int table,
                    Settlement& settlement) {
  const std::vector<std::string> identity{"ray.io/cluster", "ray.io/node-type"};
  for (const doc::Value& object : plan.objects) {
    const std::string_view kind = doc::find_string(object, {"kind"});
    if (kind != "StatefulSet" && kind != "Deployment") continue;
    const std::string name(doc::find_string(object, {"metadata", "name"}));
    if (name == cluster.name + "-head") {
      settlement.workload(object, table, {flow::Role::head, ""}, identity);
      continue;
    }
    if (name == cluster.name + "-redis") {
      settlement.workload(object, table, {flow::Role::redis, ""}, identity);
      continue;
    }
    bool known = false;
    for (const spec::WorkerGroup& group : cluster.workers) {
      if (name != cluster.name + "-worker-" + group.name) continue;
      settlement.workload(object, table, {flow::Role::worker, group.name}, identity);
      known = true;
    }
    if (!known) throw std::logic_error("whose pods are those of " + name + "?");
  }
}

void settle_strangers(Scene& scene, Settlement& settlement) {
  settlement.pod("stranger", our_namespace, labels_of_namespace(our_namespace), {});
  settlement.pod("stranger elsewhere", "other", labels_of_namespace("other"), {{"app", "web"}});
  settlement.pod("name server", "kube-system", labels_of_namespace("kube-system"),
                 {{"k8s-app", "kube-dns"}});
  settlement.outside(address("203.0.113.7"), "internet");
  settlement.outside(address("2001:db8::7"), "internet, IPv6");
  for (const spec::Peer* peer : peers_of(scene)) settlement.peer(*peer);
}

}  // namespace

Scene scene_of(const doc::Value& site, const std::vector<doc::Value>& clusters) {
  Scene scene;
  scene.site_text = doc::write_yaml(site);
  spec::ParsedSite parsed_site = spec::parse_site(document_of(scene.site_text));
  refuse_errors(parsed_site.findings, scene.site_text);
  scene.site = *parsed_site.site;
  Settlement settlement(scene);

  for (const doc::Value& cluster : clusters) {
    scene.cluster_texts.push_back(doc::write_yaml(cluster));
    const std::string& text = scene.cluster_texts.back();
    spec::ParsedRayCluster parsed = spec::parse_ray_cluster(document_of(text));
    refuse_errors(parsed.findings, text);
    plan::Plan plan = plan::plan(*parsed.cluster, scene.site,
                                 {.ns = our_namespace, .generation = "", .token = ""});
    refuse_errors(plan.findings, scene.site_text + text);
    settle_cluster(plan, *parsed.cluster, static_cast<int>(scene.tables.size()), settlement);
    for (doc::Value& object : plan.objects) {
      if (doc::find_string(object, {"kind"}) == "NetworkPolicy")
        scene.policies.push_back(std::move(object));
    }
    Inhabitant& groupless =
        settlement.pod("worker without group", our_namespace, labels_of_namespace(our_namespace),
                       {{"ray.io/cluster", plan.cluster}, {"ray.io/node-type", "worker"}});
    groupless.groupless_of = static_cast<int>(scene.tables.size());
    scene.tables.push_back({plan.cluster, std::move(plan.flows)});
  }

  const int controller = static_cast<int>(scene.tables.size());
  for (doc::Value& object :
       control::controller_objects({.ns = our_namespace, .image = "raykeep:1"}, scene.site)) {
    const std::string_view kind = doc::find_string(object, {"kind"});
    if (kind == "Deployment") {
      settlement.workload(object, controller, {flow::Role::controller, ""},
                          {"app.kubernetes.io/name"});
    }
    if (kind == "NetworkPolicy") scene.policies.push_back(std::move(object));
  }
  scene.tables.push_back({"controller", flow::controller_flows(scene.site, {})});
  settle_strangers(scene, settlement);
  return scene;
}

}  // namespace raykeep::policies
