// The flow table: every conversation that a Ray cluster needs, as data. The ports on every `ray
// start` line, the container ports, the Services, the NetworkPolicies and the reviewer's report are
// derived from it and never written separately. If Ray is seen to use a flow that is not here, the
// table is wrong: mend it here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/ports.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::flow {

enum class Role {
  head,
  worker,
  dns,         // the cluster's name servers
  monitoring,  // scrapes metrics
  ingress,     // calls Serve
  submitter,   // uses the dashboard and the Jobs API
  client,      // opens Ray Client sessions
  controller,  // Raykeep's, in the same namespace
  redis,       // keeps the GCS' state; a pod of ours or somebody else's
  api_server,  // Kubernetes'
  mesh,        // the mesh's control plane, or the address from which it passes on probes
  outside,     // one of the Site's own egress entries
};

std::string_view to_string(Role role);

/// One end of a flow. Workers are told apart by group, because each group may pin its own ports.
struct End {
  Role role;
  /// Worker group, name of the Site's egress entry, or what tells two ends of one role apart; else
  /// empty.
  std::string group;
  bool operator==(const End&) const = default;
};

/// "head", "worker(gpu)".
std::string to_string(const End& end);

/// One permitted conversation. `from` opens the connection.
struct Flow {
  End from;
  End to;
  std::string port_name;  // "gcs-server"; Kubernetes' limit of 15 characters holds
  spec::PortRange ports;
  spec::Protocol protocol = spec::Protocol::tcp;
  std::string encryption;  // "none", "mutual TLS", ... on this Site
  std::string reason;      // one sentence for the reviewer
  /// Who the outside end is. Empty where both ends are pods of the cluster, or the end is `anyone`.
  std::vector<spec::Peer> peers;
  bool anyone = false;  // the outside end is not known: every address there is
  /// No NetworkPolicy says it: the administrator's file does, which `raykeep site policies` prints.
  bool administrator = false;
  bool of_mesh = false;  // the mesh's own row, beside those of what runs in it: see mesh_flows.h

  /// "worker->head gcs-server": the name under which tests, findings and reports speak of it. With
  /// several worker groups "worker(gpu)->worker(cpu) node-manager".
  std::string id() const;
};

/// The table for one cluster on one Site, in a stable order.
std::vector<Flow> flow_table(const spec::RayCluster& cluster, const spec::Site& site);

}  // namespace raykeep::flow
