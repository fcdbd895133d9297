// What tightens a mesh around our pods, for whoever may apply it: a namespace's own rights do not
// reach a mesh's kinds. Made from the flow table, and only ever narrower than what is there: Ray
// works without it in a mesh that is STRICT. Nothing in it says PERMISSIVE.
//
//   Istio          PeerAuthentication STRICT, AuthorizationPolicies by service account and port;
//                  with sidecars also DestinationRules and a Sidecar
//   Linkerd        for ports that outsiders may dial: Server, AuthorizationPolicy and
//                  MeshTLSAuthentication
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/dialect.h"
#include "plan/plan.h"

namespace raykeep::plan {

struct MeshFileInput {
  const spec::Site& site;
  std::string ns;
  std::vector<const Plan*> plans;  // of this namespace
  std::vector<flow::Flow> controller;
  std::string controller_account = "raykeep-controller";
};

/// Notes alone where the Site has no mesh.
AdministratorFile mesh_file(const MeshFileInput& input);

/// Who may call, as a mesh knows it: pods by service account, a whole namespace, or anybody with a
/// certificate of the mesh's.
struct Caller {
  enum class Kind { account, in_namespace, meshed };
  Kind kind = Kind::meshed;
  std::string ns = {};
  std::string account = {};
  auto operator<=>(const Caller&) const = default;
};

/// One kind of pod of ours, and who may call which of its ports.
struct MeshTarget {
  std::string name;   // of the objects: "demo-head"
  std::string about;  // "Ray cluster demo, its head"
  doc::Object labels;
  struct Port {
    int number = 0;
    std::string name = {};  // the table's
    bool single = true;     // not one of a range
    std::set<Caller> callers = {};
  };
  std::vector<Port> ports;
  bool refuses_addresses = false;  // the Site lets callers in by address; they have no certificate
};

/// The pods of the clusters and of the controller.
std::vector<MeshTarget> mesh_targets(const MeshFileInput& input);

// The strategies, for mesh_file().
std::vector<DialectObject> istio_objects(const MeshFileInput& input);
std::vector<DialectObject> linkerd_objects(const MeshFileInput& input);

}  // namespace raykeep::plan
