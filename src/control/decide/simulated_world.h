// For the simulation: a namespace with one Ray cluster, three nodes, and what of Kubernetes matters
// to it (kubelets, node lifecycle, eviction, StatefulSet, Deployment, garbage collector), stepping
// a second at a time. Node lifecycle times are Kubernetes' defaults; a scheduler that does not know
// yet that a node is dead may choose it again, as the real one does.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "control/decide/decide.h"
#include "control/decide/memory.h"
#include "control/decide/simulated_store.h"

namespace raykeep::decide::simulated {

/// splitmix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
  bool one_in(int count) { return below(count) == 0; }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

/// What the nodes and the paths between things suffer. Each holds until the second given.
struct Node {
  int frozen_until = 0;   // kubelet and containers stand still
  int off_api_until = 0;  // its kubelet does not reach the API server
  int off_redis_until = 0;
  int off_controller_until = 0;  // the controller does not reach its pods
  int heard = 0;                 // its last heartbeat
  bool runs(int now) const { return now >= frozen_until; }
};

struct PodObject {
  int uid = 0;
  int node = -1;
  int made = 0;
  bool head = false;
  PodSays says = PodSays::unplaced;
  PodSays kubelet_says = PodSays::unacknowledged;  // its last word
  int going_since = -1;
  int grace = 0;
};

/// Containers outlive their pod objects where no kubelet ends them.
struct Container {
  Writer writer;
  bool head = false;
  int started = 0;
  int hung_until = 0;
  bool ready(int now) const { return now >= started + 20 && now >= hung_until; }
};

class World {
 public:
  World(std::uint64_t seed, Storage storage);

  void step();                            // one second
  void fault();                           // a random one
  Observed observe(Random& noise) const;  // as a controller sees it now
  bool carry_out(const Action& action);   // false: the API server was not there
  Fence fence() const;

  static constexpr int planned = 3;
  int now = 0;
  Storage storage;
  bool on_road = true, detach_cuts = true;
  int api_down_until = 0, redis_down_until = 0, controller_off_redis_until = 0;
  std::vector<Node> nodes;
  std::vector<PodObject> pods;
  std::vector<Container> containers;
  Redis redis;
  Volume volume;
  Owner owner = Owner::present;
  Desired desired;
  int unusable_until = 0, suspended_until = 0;
  Object::Stands objects[planned];
  bool orphan = false, claim = true, note = false;
  bool data_was_lost = false;
  int avoided = -1;
  int clean_tries = 0;
  const char* broken = nullptr;  // a promise that was not kept

 private:
  bool api_up() const { return now >= api_down_until; }
  bool kubelet_talks(int node) const;
  Container* container_of(int pod);
  void run_containers();
  void run_kubelets();
  void run_kubelet_of(PodObject& pod);
  void watch_nodes();
  void make_pods();
  int choose_node();
  Random random_;
  int last_uid_ = 0;
};

}  // namespace raykeep::decide::simulated
