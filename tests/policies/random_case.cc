#include "random_case.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace raykeep::policies {
namespace {

using doc::Array;
using doc::Object;
using doc::Value;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// Both ends included.
  int number(int least, int most) {
    return least + static_cast<int>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(int percent) { return number(1, 100) <= percent; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(number(0, static_cast<int>(list.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;  // its sequence is the standard's; distributions are not
};

class SiteWriter {
 public:
  SiteWriter(Dice& dice, Taste taste) : dice_(dice), tidy_(taste == Taste::tidy) {}

  Value write() {
    enforcer_ =
        dice_.one_of<std::string>({"kubernetes", "cilium", "calico", "openshift", "eks", "antrea"});
    Object spec;
    spec["networkPolicy"] = Object{{"enforcer", enforcer_}, {"endPort", dice_.chance(75)}};
    spec["tls"] = tls();
    if (dice_.chance(30)) spec["openshift"] = true;
    if (dice_.chance(30)) spec["dns"] = dns();
    if (dice_.chance(30)) spec["pods"] = Object{{"labels", Object{{"team", "ml"}}}};
    Object peers;
    for (const char* role : {"monitoring", "ingress", "submitters", "clients"}) {
      if (dice_.chance(60)) peers[role] = some_peers(1, 3);
    }
    if (!peers.empty()) spec["peers"] = std::move(peers);
    if (dice_.chance(60)) spec["egress"] = egress();
    if (dice_.chance(60)) spec["redis"] = redis();
    if (dice_.chance(50)) spec["apiServer"] = api_server();
    if (dice_.chance(40)) spec["workerPorts"] = worker_ports();
    return Object{{"apiVersion", "raykeep.io/v1"},
                  {"kind", "Site"},
                  {"metadata", Object{{"name", "generated"}}},
                  {"spec", std::move(spec)}};
  }

 private:
  Object tls() {
    if (!dice_.chance(30)) {
      if (dice_.chance(70)) return {{"mode", "none"}};
      return {{"mode", "native"}, {"http", dice_.chance(70)}};
    }
    Object made{{"mode", "mesh"}};
    made["mesh"] = dice_.one_of<std::string>({"istio-sidecar", "istio-ambient", "linkerd"});
    if (dice_.chance(30)) made["controlPlane"] = some_peers(1, 2);
    return made;
  }

  Object dns() {
    return {{"servers", some_peers(1, 2)},
            {"ports", Array{Object{{"port", 5353}, {"protocol", "UDP"}},
                            Object{{"port", 5353}, {"protocol", "TCP"}}}}};
  }

  Object labels(const char* key, int n) {
    Object made{{key, fmt::format("a{}", n)}};
    if (dice_.chance(30)) made["tier"] = "gold";
    return made;
  }

  Object new_peer() {
    const int n = ++peers_;
    switch (dice_.number(0, tidy_ ? 4 : 6)) {
      case 0: {
        Object made{{"cidr", fmt::format("10.{}.0.0/16", 2 * n)}};
        if (dice_.chance(50)) {
          made["except"] = Array{Value(fmt::format("10.{}.64.0/18", 2 * n))};
          if (dice_.chance(50))
            made["except"].get_array().push_back(Value(fmt::format("10.{}.8.8/32", 2 * n)));
        }
        return made;
      }
      case 1:
        return {{"cidr", fmt::format("2001:db8:{:x}::/48", 2 * n)}};
      case 2:
        return {{"namespace", fmt::format("ns-{}", n)}, {"podLabels", labels("app", n)}};
      case 3:
        return {{"namespaceLabels", labels("team", n)}, {"podLabels", labels("app", n)}};
      case 4:
        return {{"podLabels", labels("app", n)}};
      case 5:
        return {{"namespace", dice_.chance(50) ? "ray" : fmt::format("ns-{}", n)}};
      default:
        return {{"namespaceLabels", Object{{"team", "ml"}}}};  // our own namespace is one
    }
  }

  Array some_peers(int least, int most) {
    Array made;
    for (int i = dice_.number(least, most); i > 0; --i) {
      if (tidy_ || known_.empty() || dice_.chance(60)) known_.push_back(new_peer());
      made.push_back(tidy_ ? known_.back() : dice_.one_of(known_));
    }
    return made;
  }

  /// Tidy: no two the same, and no two side by side.
  /// Above those that a mesh's proxy keeps for itself (4140 to 4191, 15000 to 15090), which are
  /// refused.
  int port() { return tidy_ ? 40000 + 20 * ++ports_ : dice_.number(15100, 65000); }

  Array some_ports() {
    Array made;
    for (int i = dice_.number(1, 3); i > 0; --i) {
      const int first = port();
      switch (dice_.number(0, 2)) {
        case 0:
          made.push_back(first);
          break;
        case 1:
          made.push_back(
              Value(fmt::format("{}-{}", first, first + dice_.number(0, tidy_ ? 9 : 500))));
          break;
        default:
          made.push_back(Object{{"port", first}, {"protocol", dice_.chance(50) ? "UDP" : "TCP"}});
      }
    }
    return made;
  }

  Array egress() {
    Array made;
    for (int i = dice_.number(1, 3); i > 0; --i) {
      Array to = some_peers(1, 2);
      if (enforcer_ == "cilium" && dice_.chance(40)) {
        if (dice_.chance(50)) to.clear();
        to.push_back(Object{{"fqdn", dice_.chance(50) ? "s3.bank.example" : "*.bank.example"}});
      }
      made.push_back(Object{{"name", fmt::format("store-{}", i)},
                            {"reason", "generated"},
                            {"to", std::move(to)},
                            {"ports", some_ports()}});
    }
    return made;
  }

  Object redis() {
    Object made;
    switch (dice_.number(0, 3)) {
      case 0:
        return {{"managed", Object{{"tls", dice_.chance(50)}}}};
      case 1:
        made["addresses"] = Array{Value(fmt::format("10.250.{}.9:{}", dice_.number(0, 250), 6380))};
        break;
      case 2:
        made["addresses"] = Array{"redis.data.svc:6379"};
        if (dice_.chance(70)) made["peers"] = some_peers(1, 2);
        break;
      default:
        made["sentinel"] = Object{{"addresses", Array{"sentinel.data.svc"}},
                                  {"master", "mymaster"},
                                  {"ports", Array{6379, 6390}}};
        if (dice_.chance(70)) made["peers"] = some_peers(1, 2);
    }
    made["tls"] = Object{{"enabled", dice_.chance(50)}};
    return made;
  }

  Object api_server() {
    if ((enforcer_ == "cilium" || enforcer_ == "calico") && dice_.chance(50))
      return {{"administrator", true}};
    Object made{{"addresses", Array{"172.20.0.1/32"}}};
    if (dice_.chance(50)) made["addresses"].get_array().push_back("fd00:20::1/128");
    if (dice_.chance(50)) made["port"] = 6443;
    return made;
  }

  Array worker_ports() {
    Array made;
    for (int i = dice_.number(1, 2); i > 0; --i) {
      made.push_back(Object{
          {"name", fmt::format("lib-{}", i)}, {"reason", "generated"}, {"ports", some_ports()}});
    }
    return made;
  }

  Dice& dice_;
  const bool tidy_;
  std::string enforcer_;
  std::vector<Object> known_;
  int peers_ = 0;
  int ports_ = 0;
};

class ClusterWriter {
 public:
  ClusterWriter(Dice& dice, std::string name) : dice_(dice), name_(std::move(name)) {}

  Value write(int groups) {
    Object spec{{"rayVersion", "2.60.0"}};
    if (dice_.chance(25)) {
      spec["gcsFaultToleranceOptions"] =
          Object{{"redisAddress", dice_.one_of<std::string>({"redis://10.251.0.9:6381",
                                                             "rediss://redis.store.svc:6382"})}};
    }
    spec["headGroupSpec"] = Object{{"rayStartParams", params(true)}, {"template", pod("ray-head")}};
    Array list;
    for (int i = 0; i < groups; ++i) {
      list.push_back(Object{{"groupName", fmt::format("g{}", i)},
                            {"replicas", 2},
                            {"minReplicas", 0},
                            {"maxReplicas", 5},
                            {"rayStartParams", params(false)},
                            {"template", pod("ray-worker")}});
    }
    spec["workerGroupSpecs"] = std::move(list);
    return Object{{"apiVersion", "ray.io/v1"},
                  {"kind", "RayCluster"},
                  {"metadata", Object{{"name", name_}}},
                  {"spec", std::move(spec)}};
  }

 private:
  Object params(bool head) {
    Object made;
    if (dice_.chance(50)) return made;
    int next = 21000 + dice_.number(0, 40) * 50;
    auto pin = [&](const char* option) {
      if (dice_.chance(40)) made[option] = std::to_string(next += dice_.number(1, 3));
    };
    if (head) {
      for (const char* option : {"port", "dashboard-port", "ray-client-server-port"}) pin(option);
    }
    for (const char* option :
         {"object-manager-port", "node-manager-port", "metrics-export-port",
          "dashboard-agent-listen-port", "dashboard-agent-grpc-port", "runtime-env-agent-port"}) {
      pin(option);
    }
    if (dice_.chance(40)) {
      const int first = 30000 + dice_.number(0, 50) * 100;
      made["min-worker-port"] = std::to_string(first);
      made["max-worker-port"] = std::to_string(first + dice_.number(31, 90));
    }
    return made;
  }

  Object pod(const char* container) {
    Object ray{{"name", container}, {"image", "rayproject/ray:2.60.0"}};
    ray["resources"] =
        Object{{"limits", Object{{"cpu", std::to_string(dice_.number(1, 12))}, {"memory", "4Gi"}}}};
    Array ports;
    if (dice_.chance(20)) ports.push_back(Object{{"name", "serve"}, {"containerPort", 8100}});
    if (dice_.chance(20)) ports.push_back(Object{{"name", "serve-grpc"}, {"containerPort", 9000}});
    if (!ports.empty()) ray["ports"] = std::move(ports);
    return {{"spec", Object{{"containers", Array{std::move(ray)}}}}};
  }

  Dice& dice_;
  std::string name_;
};

}  // namespace

Scene random_scene(std::uint64_t seed, Taste taste) {
  Dice dice(seed);
  Value site = SiteWriter(dice, taste).write();
  std::vector<Value> clusters;
  const bool tidy = taste == Taste::tidy;
  clusters.push_back(ClusterWriter(dice, "demo").write(dice.number(0, tidy ? 3 : 8)));
  if (dice.chance(40))
    clusters.push_back(ClusterWriter(dice, "demo-2").write(dice.number(0, tidy ? 1 : 3)));
  return scene_of(site, clusters);
}

}  // namespace raykeep::policies
