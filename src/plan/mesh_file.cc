#include "plan/mesh_file.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "flow/controller_flows.h"
#include "plan/names.h"
#include "plan/object.h"
#include "spec/peers.h"

namespace raykeep::plan {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;
using spec::Mesh;

/// The service account of a role's pods; all groups of a cluster are asked for one by one.
std::string account_of(const Plan& plan, const End& end) {
  for (const doc::Value& object : plan.objects) {
    auto label = [&](std::string_view key) {
      return doc::find_string(object, {"metadata", "labels", key});
    };
    const doc::Value* pod = doc::find(object, {"spec", "template", "spec"});
    if (pod == nullptr || label(ray_node_type_label) != flow::to_string(end.role)) continue;
    if (end.role == Role::worker && label(ray_group_label) != end.group) continue;
    std::string_view account = doc::find_string(*pod, {"serviceAccountName"});
    return account.empty() ? "default" : std::string(account);
  }
  return "default";
}

/// A peer as the mesh knows it. Meshes know no labels: the whole namespace, or everybody in them.
std::vector<Caller> callers_of(const spec::Peer& peer, const std::string& ns) {
  if (!peer.cidr.empty() || !peer.fqdn.empty()) return {};
  if (!peer.namespace_labels) return {{Caller::Kind::in_namespace, ns}};
  const std::string* name = spec::named_namespace(peer);
  if (name == nullptr) return {{Caller::Kind::meshed}};
  return {{Caller::Kind::in_namespace, *name}};
}

class Targets {
 public:
  explicit Targets(const MeshFileInput& input) : input_(input) {}

  /// Adds the rows into `end` to a new target.
  void add(std::string name, std::string about, doc::Object labels, const End& end,
           const std::vector<Flow>& flows, const Plan* plan) {
    MeshTarget target{std::move(name), std::move(about), std::move(labels), {}, false};
    std::map<int, MeshTarget::Port> ports;
    for (const Flow& flow : flows) {
      if (flow.to != end || flow.of_mesh || flow.protocol != spec::Protocol::tcp) continue;
      const std::set<Caller> callers = callers_from(flow, plan, target);
      for (int port = flow.ports.first; port <= flow.ports.last; ++port) {
        MeshTarget::Port& into = ports[port];
        into.number = port;
        if (into.name.empty()) into.name = flow.port_name;
        into.single = into.single && flow.ports.first == flow.ports.last;
        into.callers.insert(callers.begin(), callers.end());
      }
    }
    for (auto& [number, port] : ports) target.ports.push_back(std::move(port));
    made_.push_back(std::move(target));
  }

  std::vector<MeshTarget> take() { return std::move(made_); }

 private:
  std::set<Caller> callers_from(const Flow& flow, const Plan* plan, MeshTarget& target) const {
    if (flow.anyone) return {{Caller::Kind::meshed}};
    if (flow.from.role == Role::controller)
      return {{Caller::Kind::account, input_.ns, input_.controller_account}};
    if (flow.peers.empty() && plan != nullptr)
      return {{Caller::Kind::account, input_.ns, account_of(*plan, flow.from)}};
    std::set<Caller> callers;
    for (const spec::Peer& peer : flow.peers) {
      if (!peer.cidr.empty()) target.refuses_addresses = true;
      for (Caller& each : callers_of(peer, input_.ns)) callers.insert(std::move(each));
    }
    return callers;
  }

  const MeshFileInput& input_;
  std::vector<MeshTarget> made_;
};

doc::Object role_labels(const Plan& plan, Role role, const std::string& group) {
  spec::RayCluster named;
  named.name = plan.cluster;
  doc::Object labels = pod_selector(named, role, group);
  if (!plan.service.empty()) labels.erase(ray_cluster_label);
  add_missing(labels, lasting_labels(plan.cluster, plan.service));
  return labels;
}

std::vector<std::string> notes_of(Mesh mesh) {
  switch (mesh) {
    case Mesh::none:
      return {"The Site has no mesh: nothing to apply."};
    case Mesh::istio_sidecar:
    case Mesh::istio_ambient:
      return {"For Istio. Ray works without any of it in a mesh that is STRICT; it only narrows.",
              "A rule names service accounts, not pods: whoever else in the namespace runs as one "
              "of them passes. Give Ray's pods an account of their own: pods.serviceAccountName.",
              "Callers by address (cidr) have no certificate and stay outside: they come in by a "
              "gateway of the mesh."};
    case Mesh::linkerd:
      return {"For Linkerd. Ray works without any of it; it only narrows.",
              "Ports without a Server take every client of the mesh (the pods' annotation "
              "default-inbound-policy: all-authenticated); between Ray's own pods the network "
              "policies say which. A Server is one port, and worker ports are many.",
              "A rule names service accounts, not pods: whoever else in the namespace runs as one "
              "of them passes. Give Ray's pods an account of their own: pods.serviceAccountName."};
  }
  return {};
}

}  // namespace

std::vector<MeshTarget> mesh_targets(const MeshFileInput& input) {
  Targets targets(input);
  for (const Plan* plan : input.plans) {
    const std::string cluster = lasting_name(plan->cluster, plan->service);
    std::set<std::string> seen;
    for (const Flow& flow : plan->flows) {
      const End& end = flow.to;
      const bool redis =
          end.role == Role::redis && plan->storage.backend == spec::Storage::Backend::managed_redis;
      if (end.role != Role::head && end.role != Role::worker && !redis) continue;
      if (!seen.insert(flow::to_string(end)).second) continue;
      std::string name = end.role == Role::head ? head_name(cluster)
                         : redis                ? redis_name(cluster)
                                                : worker_name(cluster, end.group);
      targets.add(std::move(name), fmt::format("Ray cluster {}: {}", cluster, flow::to_string(end)),
                  role_labels(*plan, end.role, end.group), end, plan->flows, plan);
    }
  }
  const spec::Peer controller = flow::controller_peer();
  targets.add(controller.pod_labels->at("app.kubernetes.io/name"), "Raykeep's controller",
              to_object(*controller.pod_labels), {Role::controller, ""}, input.controller, nullptr);
  return targets.take();
}

AdministratorFile mesh_file(const MeshFileInput& input) {
  AdministratorFile made{notes_of(input.site.mesh), {}};
  switch (input.site.mesh) {
    case Mesh::none:
      return made;
    case Mesh::istio_sidecar:
    case Mesh::istio_ambient:
      made.objects = istio_objects(input);
      break;
    case Mesh::linkerd:
      made.objects = linkerd_objects(input);
      break;
  }
  made.notes.push_back("To be applied by whoever may: kubectl apply --server-side -f FILE");
  return made;
}

}  // namespace raykeep::plan
