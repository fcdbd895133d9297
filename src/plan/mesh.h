// How our pods come into the Site's mesh, with a namespace's own rights alone: labels, annotations
// and a Service. Ray must work in a mesh that is STRICT already; what only tightens is in a file of
// its own, see plan/mesh_file.h.
//
// One strategy for each mesh, because each finds its traffic in another way:
//
//   Istio sidecar  a call to a pod's address is encrypted only where a headless Service declares
//                  the port; all others leave as plaintext and are reset (measured in the lab)
//   Istio ambient  the node's ztunnel encrypts every TCP port between pods that are enrolled
//   Linkerd        the proxy encrypts every TCP port; it would wait for a client's first bytes on
//                  ports that it is not told to be opaque, and only declared ports have policies
#pragma once

#include <vector>

#include "plan/object.h"

namespace raykeep::plan {

/// A pod of ours, as its mesh has to know it.
struct MeshPod {
  std::vector<spec::PortRange> ports;  // TCP, dialled by others
  /// Ports of servers outside of the mesh to which the pod speaks TLS of their own.
  std::vector<spec::PortRange> own_tls = {};
};

/// The ports of a Redis outside of the mesh to which its clients speak TLS; else none.
std::vector<spec::PortRange> redis_with_own_tls(const spec::Storage& storage,
                                                const spec::Site& site);

/// The pod of one end of the table. Requires: the pod is one of the cluster's.
MeshPod mesh_pod(const Input& input, const flow::End& end);

/// Adds to a pod's template what takes it into the mesh. What the document or the Site wrote there
/// stays; mesh_fit() says where that contradicts. Nothing where tls.mode is not mesh.
void join_mesh(const spec::Site& site, const MeshPod& pod, doc::Object& pod_template);

/// Says in a pod's template that no mesh is to take the pod in. For pods that are there for a
/// minute and then end: a sidecar of the older kind would not end with them.
void leave_mesh(doc::Object& pod_template);

/// `<c>-nodes`: the Service that declares every port of the cluster's pods to Istio's sidecars.
/// Headless, because Ray dials pods by address; with addresses that are not ready, because workers
/// find a head that is still starting. Nothing in another mesh.
std::vector<doc::Value> mesh_services(const Input& input);

// The strategies, for join_mesh().
void join_istio_sidecar(const spec::Site& site, const MeshPod& pod, doc::Object& metadata);
void join_istio_ambient(doc::Object& metadata);
void join_linkerd(const spec::Site& site, const MeshPod& pod, doc::Object& pod_template);

}  // namespace raykeep::plan
