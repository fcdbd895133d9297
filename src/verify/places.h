// Where a probe can be run and what it can call: the cluster's pods and the short-lived ones that
// stand for its neighbours, each under the role that the flow table knows it by. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/flow.h"
#include "plan/plan.h"
#include "policy/compare.h"
#include "verify/probe_in.h"
#include "verify/short_lived.h"

namespace raykeep::verify {

struct Place {
  enum class Kind {
    role,      // one of the table's: a pod of the cluster, or one that stands for a role
    stranger,  // a pod of the namespace that the table does not know, itself open to everybody
    desk,      // this machine
  } kind = Kind::role;
  flow::End end = {};  // of a role
  std::string pod = {};
  std::string container = {};
  std::string program = {};  // where raykeep is in it; empty: nothing can be run there
  std::string ip = {};
  std::string node = {};
  bool stand_in = false;  // short-lived, with the role's labels
  bool sidecar = false;   // a mesh's, which takes every connection of the pod itself

  std::string name() const;  // "head", "worker(gpu)", "stranger", "this machine"
};

ProgramIn program_of(const Place& place);

/// Is it one of the roles that are pods of a cluster?
bool is_pod(flow::Role role);

/// The cluster's own kinds of pods with the labels of their templates, for comparing policies.
std::vector<policy::OwnPod> own_pods(const plan::Plan& plan);

/// The role of a pod of this cluster by its labels; nothing for others.
std::optional<flow::End> role_of(const doc::Value& pod, const std::string& cluster);

/// The running pods of the cluster as places: at most two of each worker group, on different nodes
/// where there are.
std::vector<Place> places_of(const std::vector<doc::Value>& pods, const std::string& cluster);

/// The same with every running pod.
std::vector<Place> every_place_of(const std::vector<doc::Value>& pods, const std::string& cluster);

/// The short-lived pods that are needed beside `there`: strangers, callers whom the Site has in
/// this namespace, a controller where none runs, and a second worker for groups with fewer than two
/// (at most `most_stand_ins` of these). None is in the mesh, and with one a worker stands in for
/// those outside of it.
std::vector<Guest> guests_for(const plan::Plan& plan, const spec::Site& site,
                              const std::vector<Place>& there, const std::string& run,
                              std::size_t most_stand_ins = 8);

/// Under which role a guest stands.
Place place_of(const GuestPod& pod, const plan::Plan& plan);

}  // namespace raykeep::verify
