#include "plan/mesh.h"

#include <algorithm>

namespace raykeep::plan {

using spec::Mesh;

std::vector<spec::PortRange> redis_with_own_tls(const spec::Storage& storage,
                                                const spec::Site& site) {
  std::vector<spec::PortRange> ports;
  if (storage.backend != spec::Storage::Backend::redis || !storage.tls.enabled ||
      site.redis.in_mesh)
    return ports;
  for (const spec::SitePort& port : storage.ports) ports.push_back(port.range);
  return ports;
}

MeshPod mesh_pod(const Input& input, const flow::End& end) {
  MeshPod made;
  for (const flow::Flow& flow : input.flows) {
    if (flow.to != end || flow.protocol != spec::Protocol::tcp || flow.of_mesh) continue;
    if (std::ranges::find(made.ports, flow.ports) == made.ports.end())
      made.ports.push_back(flow.ports);
  }
  if (end.role == flow::Role::head) made.own_tls = redis_with_own_tls(input.storage, input.site);
  return made;
}

void join_mesh(const spec::Site& site, const MeshPod& pod, doc::Object& pod_template) {
  switch (site.mesh) {
    case Mesh::none:
      return;
    case Mesh::istio_sidecar:
      return join_istio_sidecar(site, pod, object_at(pod_template, "metadata"));
    case Mesh::istio_ambient:
      return join_istio_ambient(object_at(pod_template, "metadata"));
    case Mesh::linkerd:
      return join_linkerd(site, pod, pod_template);
  }
}

void leave_mesh(doc::Object& pod_template) {
  doc::Object& metadata = object_at(pod_template, "metadata");
  doc::Object& labels = object_at(metadata, "labels");
  labels["sidecar.istio.io/inject"] = "false";
  labels["istio.io/dataplane-mode"] = "none";
  object_at(metadata, "annotations")["linkerd.io/inject"] = "disabled";
}

}  // namespace raykeep::plan
