#include "verify/places.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/persisted.h"
#include "spec/peers.h"
#include "verify/mesh_proxy.h"

namespace raykeep::verify {
namespace {

using control::label_of;
using control::name_of;
using flow::End;
using flow::Role;

constexpr std::string_view stranger = "stranger";
constexpr std::string_view worker_guest = "worker-";  // and a number: groups have long names
constexpr std::string_view controller_app = "raykeep-controller";

spec::StringMap labels_of(const doc::Object& labels) {
  spec::StringMap made;
  for (const auto& [key, value] : labels) {
    if (value.is_string()) made[std::string(key)] = std::string(value.get_string());
  }
  return made;
}

std::optional<End> role_by(const spec::StringMap& labels, const std::string& cluster) {
  auto label = [&](std::string_view key) {
    auto at = labels.find(std::string(key));
    return at == labels.end() ? std::string() : at->second;
  };
  if (label(plan::ray_cluster_label) != cluster) return std::nullopt;
  const std::string type = label(plan::ray_node_type_label);
  for (Role role : {Role::head, Role::worker, Role::redis}) {
    if (type == flow::to_string(role))
      return End{role, role == Role::worker ? label(plan::ray_group_label) : ""};
  }
  return std::nullopt;
}

bool is_running(const doc::Value& pod) {
  return doc::find_string(pod, {"status", "phase"}) == "Running" && !control::is_going(pod) &&
         !doc::find_string(pod, {"status", "podIP"}).empty();
}

/// Where the agent put the program, if the container has it.
std::string program_in(const doc::Value& container) {
  for (const doc::Value& word : control::list_at(container, {"command"})) {
    if (word.is_string() &&
        (word.get_string() == "/raykeep/raykeep" || word.get_string() == "/raykeep"))
      return std::string(word.get_string());
  }
  return "";
}

Place place_of_pod(const doc::Value& pod, End end) {
  const doc::Value& container = control::list_at(pod, {"spec", "containers"}).at(0);
  return {.kind = Place::Kind::role,
          .end = std::move(end),
          .pod = std::string(name_of(pod)),
          .container = std::string(doc::find_string(container, {"name"})),
          .program = program_in(container),
          .ip = std::string(doc::find_string(pod, {"status", "podIP"})),
          .node = std::string(doc::find_string(pod, {"spec", "nodeName"})),
          .sidecar = has_sidecar(pod)};
}

bool is_controller(const doc::Value& pod) {
  return label_of(pod, "app.kubernetes.io/name") == controller_app &&
         label_of(pod, plan::managed_by_label) == plan::managed_by;
}

/// The labels of a pod of this namespace that a peer means; nothing when it means no such pod.
std::optional<doc::Object> labels_here(const spec::Peer& peer, const std::string& ns) {
  if (!peer.cidr.empty() || !peer.fqdn.empty()) return std::nullopt;
  if (peer.namespace_labels) {
    for (const auto& [key, value] : *peer.namespace_labels) {
      if (key != spec::kNamespaceNameLabel || value != ns) return std::nullopt;
    }
  }
  doc::Object labels;
  for (const auto& [key, value] : peer.pod_labels.value_or(spec::StringMap{})) labels[key] = value;
  return labels;
}

Guest guest(const spec::Site& site, const std::string& run, std::string name, doc::Object labels,
            bool open_in, bool open_out, int pods = 1) {
  Guest made{.name = std::move(name),
             .labels = std::move(labels),
             .annotations = {},
             .pods = pods,
             .pod_spec = probing_pod_spec(site),
             .policies = {}};
  if (open_in || open_out) made.policies.push_back(open_policy(run, made.name, open_in, open_out));
  return made;
}

}  // namespace

std::string Place::name() const {
  if (kind == Kind::stranger) return std::string(stranger);
  if (kind == Kind::desk) return "this machine";
  return to_string(end);
}

ProgramIn program_of(const Place& place) {
  return {.pod = place.pod, .container = place.container, .program = place.program};
}

bool is_pod(Role role) { return role == Role::head || role == Role::worker || role == Role::redis; }

std::vector<policy::OwnPod> own_pods(const plan::Plan& plan) {
  std::vector<policy::OwnPod> own;
  for (const doc::Value& object : plan.objects) {
    const doc::Object* labels =
        doc::find_object(object, {"spec", "template", "metadata", "labels"});
    if (labels == nullptr) continue;
    policy::Endpoint endpoint{.ns = plan.ns, .labels = labels_of(*labels)};
    std::optional<End> end = role_by(endpoint.labels, plan.cluster);
    if (!end) continue;
    for (const doc::Value& container :
         control::list_at(object, {"spec", "template", "spec", "containers"})) {
      for (const doc::Value& port : control::list_at(container, {"ports"})) {
        spec::Protocol protocol = doc::find_string(port, {"protocol"}) == "UDP"
                                      ? spec::Protocol::udp
                                      : spec::Protocol::tcp;
        endpoint.named_ports[std::string(doc::find_string(port, {"name"}))] = {
            protocol, static_cast<int>(control::integer_at(port, {"containerPort"}))};
      }
    }
    own.push_back({std::move(*end), std::move(endpoint)});
  }
  return own;
}

std::optional<End> role_of(const doc::Value& pod, const std::string& cluster) {
  const doc::Object* labels = doc::find_object(pod, {"metadata", "labels"});
  return labels == nullptr ? std::nullopt : role_by(labels_of(*labels), cluster);
}

std::vector<Place> every_place_of(const std::vector<doc::Value>& pods, const std::string& cluster) {
  std::vector<Place> places;
  for (const doc::Value& pod : pods) {
    if (!is_running(pod) || !label_of(pod, short_lived_label).empty()) continue;
    std::optional<End> end = role_of(pod, cluster);
    if (!end && is_controller(pod)) end = End{Role::controller, ""};
    if (end) places.push_back(place_of_pod(pod, *end));
  }
  return places;
}

std::vector<Place> places_of(const std::vector<doc::Value>& pods, const std::string& cluster) {
  const std::vector<Place> all = every_place_of(pods, cluster);
  std::vector<Place> taken;
  auto take = [&](bool elsewhere_only) {
    for (const Place& place : all) {
      auto same = [&](const Place& each) { return each.end == place.end; };
      const bool known = std::ranges::find(taken, place.pod, &Place::pod) != taken.end();
      const auto most = place.end.role == Role::worker ? 2 : 1;
      if (known || std::ranges::count_if(taken, same) >= most) continue;
      const bool beside = std::ranges::any_of(
          taken, [&](const Place& each) { return same(each) && each.node == place.node; });
      if (!elsewhere_only || !beside) taken.push_back(place);
    }
  };
  take(true);
  take(false);
  return taken;
}

std::vector<Guest> guests_for(const plan::Plan& plan, const spec::Site& site,
                              const std::vector<Place>& there, const std::string& run,
                              std::size_t most_stand_ins) {
  std::vector<Guest> guests;
  guests.push_back(guest(site, run, std::string(stranger), {}, true, true, 2));
  std::set<Role> done;
  std::set<std::string> groups;
  for (const flow::Flow& flow : plan.flows) {
    const Role role = flow.from.role;
    if (role == Role::worker && flow.to == flow.from) groups.insert(flow.from.group);
    const bool known =
        std::ranges::any_of(there, [&](const Place& place) { return place.end.role == role; });
    if (flow.peers.empty() || known || done.contains(role) || role == Role::head ||
        role == Role::worker)
      continue;
    for (const spec::Peer& peer : flow.peers) {
      std::optional<doc::Object> labels = labels_here(peer, plan.ns);
      if (!labels || done.contains(role)) continue;
      done.insert(role);
      guests.push_back(
          guest(site, run, std::string(flow::to_string(role)), std::move(*labels), false, true));
    }
  }
  std::size_t made = 0;
  for (const std::string& group : groups) {
    const End end{Role::worker, group};
    const bool outsider = site.mesh != spec::Mesh::none && made == 0;
    const bool enough = std::ranges::count(there, end, &Place::end) >= 2;
    if ((enough && !outsider) || made == most_stand_ins) continue;
    ++made;
    doc::Object labels{{plan::ray_cluster_label, plan.cluster},
                       {plan::ray_node_type_label, flow::to_string(Role::worker)},
                       {plan::ray_group_label, group}};
    guests.push_back(
        guest(site, run, fmt::format("{}{}", worker_guest, made), std::move(labels), false, false));
    guests.back().replicated = true;
  }
  return guests;
}

Place place_of(const GuestPod& pod, const plan::Plan& plan) {
  Place made{.kind = Place::Kind::role,
             .end = {},
             .pod = pod.name,
             .container = pod.container,
             .program = "/raykeep",
             .ip = pod.ip,
             .stand_in = true};
  if (pod.guest == stranger) {
    made.kind = Place::Kind::stranger;
    return made;
  }
  if (pod.guest.starts_with(worker_guest)) {
    made.end = role_of(pod.object, plan.cluster).value_or(End{Role::worker, ""});
    return made;
  }
  for (const flow::Flow& flow : plan.flows) {
    if (flow::to_string(flow.from.role) == pod.guest) made.end = flow.from;
  }
  return made;
}

}  // namespace raykeep::verify
