#include "control/decide/simulated_world.h"

#include <algorithm>
#include <string>

namespace raykeep::decide::simulated {
namespace {

constexpr int node_grace = 40;       // node-monitor-grace-period
constexpr int eviction_after = 300;  // the default toleration of unreachable
constexpr int workers_wanted = 3;

}  // namespace

World::World(std::uint64_t seed, Storage kind) : storage(kind), random_(seed) {
  nodes.resize(3);
  std::ranges::fill(objects, Object::Stands::absent);
  desired.keeps_keys = storage == Storage::redis;
}

bool World::kubelet_talks(int node) const {
  const Node& it = nodes[static_cast<std::size_t>(node)];
  return it.runs(now) && now >= it.off_api_until && api_up();
}

Container* World::container_of(int pod) {
  for (Container& each : containers) {
    if (each.writer.pod == pod) return &each;
  }
  return nullptr;
}

void World::run_containers() {
  for (Container& each : containers) {
    const Node& node = nodes[static_cast<std::size_t>(each.writer.node)];
    if (!each.head || !node.runs(now) || now < each.hung_until) continue;
    if (storage == Storage::redis) {
      if (now < redis_down_until || now < node.off_redis_until) continue;
      redis.keep_lease(each.writer, now);
      redis.write(each.writer, now);
    } else if (storage == Storage::rocksdb && each.ready(now)) {
      volume.write(each.writer, now);
    }
  }
  // A write that was sent before its head froze may arrive much later.
  if (storage == Storage::redis && now >= redis_down_until && !containers.empty()) {
    const Container& late =
        containers[static_cast<std::size_t>(random_.below(static_cast<int>(containers.size())))];
    if (late.head && late.writer.epoch != 0) redis.apply(late.writer, now);
  }
}

void World::run_kubelet_of(PodObject& pod) {
  Container* container = container_of(pod.uid);
  if (pod.going_since >= 0) {
    const bool drained =
        container == nullptr || now >= pod.going_since + 2 || now >= pod.going_since + pod.grace;
    if (!drained) return;
    std::erase_if(containers, [&](const Container& each) { return each.writer.pod == pod.uid; });
    pod.uid = 0;  // confirmed: the object goes
    return;
  }
  if (container == nullptr) {
    pod.kubelet_says = PodSays::starting;
    const bool volume_here = !pod.head || storage != Storage::rocksdb || volume.node() == pod.node;
    if (now >= pod.made + 3 && volume_here)
      containers.push_back(
          {.writer = {.pod = pod.uid, .node = pod.node}, .head = pod.head, .started = now});
    return;
  }
  if (container->writer.fenced || now >= container->hung_until + 30) {
    const bool restart = container->writer.fenced || container->hung_until > container->started;
    if (restart)
      *container = {.writer = {.pod = pod.uid, .node = pod.node}, .head = pod.head, .started = now};
  }
  const bool leads = !pod.head || storage != Storage::redis ||
                     (container->writer.epoch != 0 && redis.holder(now) == pod.uid);
  pod.kubelet_says = container->ready(now) && leads ? PodSays::ready : PodSays::not_ready;
}

void World::run_kubelets() {
  for (int node = 0; node < static_cast<int>(nodes.size()); ++node) {
    if (!kubelet_talks(node)) continue;
    nodes[static_cast<std::size_t>(node)].heard = now;
    std::erase_if(containers, [&](const Container& each) {  // whose pod object is gone
      return each.writer.node == node && std::ranges::none_of(pods, [&](const PodObject& pod) {
               return pod.uid == each.writer.pod;
             });
    });
    for (PodObject& pod : pods) {
      if (pod.node == node && pod.uid != 0) run_kubelet_of(pod);
      pod.says = pod.node == node ? pod.kubelet_says : pod.says;
    }
  }
  std::erase_if(pods, [](const PodObject& pod) { return pod.uid == 0; });
}

void World::watch_nodes() {
  for (PodObject& pod : pods) {
    if (pod.node < 0) continue;
    const int silent = now - nodes[static_cast<std::size_t>(pod.node)].heard;
    if (silent >= node_grace && pod.says == PodSays::ready) pod.says = PodSays::node_lost;
    if (silent >= node_grace + eviction_after && pod.going_since < 0) {
      pod.going_since = now;
      pod.grace = 30;
    }
  }
}

int World::choose_node() {
  std::vector<int> possible, liked;
  for (int node = 0; node < static_cast<int>(nodes.size()); ++node) {
    if (now - nodes[static_cast<std::size_t>(node)].heard >= node_grace) continue;
    possible.push_back(node);
    if (node != avoided) liked.push_back(node);
  }
  std::vector<int>& from = liked.empty() ? possible : liked;
  if (from.empty()) return -1;
  return from[static_cast<std::size_t>(random_.below(static_cast<int>(from.size())))];
}

void World::make_pods() {
  const bool wanted = owner == Owner::present && !desired.suspended;
  if (!wanted) {
    for (PodObject& pod : pods) {
      if (pod.going_since >= 0) continue;
      pod.going_since = now;
      pod.grace = 30;
    }
  }
  const bool head_there = std::ranges::any_of(pods, &PodObject::head);
  if (wanted && !head_there && objects[1] != Object::Stands::absent)
    pods.push_back({.uid = ++last_uid_, .made = now, .head = true});
  auto workers = std::ranges::count_if(
      pods, [](const PodObject& pod) { return !pod.head && pod.going_since < 0; });
  if (wanted && workers < workers_wanted && objects[2] != Object::Stands::absent)
    pods.push_back({.uid = ++last_uid_, .made = now});
  for (PodObject& pod : pods) {
    if (pod.node >= 0) continue;
    pod.node = choose_node();
    if (pod.node >= 0) pod.says = PodSays::unacknowledged;
  }
  std::erase_if(pods, [](const PodObject& pod) { return pod.node < 0 && pod.going_since >= 0; });
}

void World::step() {
  ++now;
  desired.suspended = now < suspended_until;
  desired.document =
      now < unusable_until ? Desired::Document::unreadable : Desired::Document::usable;
  desired.problem = now < unusable_until ? "line 3: no" : "";
  if (owner == Owner::absent) std::ranges::fill(objects, Object::Stands::absent);
  run_containers();
  run_kubelets();
  if (api_up()) {
    watch_nodes();
    make_pods();
  }
  auto head = std::ranges::find_if(pods, &PodObject::head);
  const int volume_node = volume.node();
  const bool unmounted = volume_node >= 0 && kubelet_talks(volume_node) &&
                         std::ranges::none_of(containers, [&](const Container& each) {
                           return each.head && each.writer.node == volume_node;
                         });
  if (api_up()) volume.attend(head == pods.end() ? -1 : head->node, unmounted, now);
  if (redis.broken() != nullptr) broken = redis.broken();
  if (volume.broken() != nullptr) broken = volume.broken();
}

Fence World::fence() const {
  Fence made{.storage = storage, .on_road = on_road, .detach_cuts = detach_cuts};
  if (storage != Storage::redis) return made;
  if (now < redis_down_until || now < controller_off_redis_until) {
    made.problem = "Redis does not answer";
    return made;
  }
  const int holder = redis.holder(now);
  made.lease = holder == 0 ? Fence::Lease::free : Fence::Lease::held;
  if (holder != 0) made.holder = "u" + std::to_string(holder);
  made.epoch_known = redis.epoch_known();
  return made;
}

}  // namespace raykeep::decide::simulated
