// What a NetworkPolicy cannot say, in the dialect of whoever enforces policies: a file for the
// cluster's administrator, because a namespace's own rights do not reach such objects. The flow
// table is the source here, too; nothing in the file opens more than its rows.
//
//   cilium      the API server as an entity; egress by DNS name
//   calico      the API server as a Service; an order before the administrator's own denials
//   openshift   what an AdminNetworkPolicy or BaselineAdminNetworkPolicy that denies must pass on
//   others      nothing: notes only
#pragma once

#include <string>
#include <vector>

#include "doc/json.h"
#include "flow/flow.h"
#include "spec/site.h"

namespace raykeep::plan {

/// The rows of one cluster.
struct ClusterFlows {
  std::string cluster;
  std::vector<flow::Flow> flows;
  std::string service = {};  // the RayService that it belongs to; empty: none
};

struct DialectInput {
  const spec::Site& site;
  std::string ns;
  std::vector<ClusterFlows> clusters;
  std::vector<flow::Flow> controller;
};

/// An object, and why it is needed, for whoever is asked to apply it. One line each.
struct DialectObject {
  std::vector<std::string> why;
  doc::Value object;
};

struct AdministratorFile {
  std::vector<std::string> notes;  // what to know of this enforcer; one line each
  std::vector<DialectObject> objects;
};

AdministratorFile administrator_file(const DialectInput& input);

/// YAML with the notes and reasons as comments.
std::string to_text(const AdministratorFile& file);

// The dialects, for administrator_file() and tests.
std::vector<DialectObject> cilium_policies(const DialectInput& input);
std::vector<DialectObject> calico_policies(const DialectInput& input);
std::vector<DialectObject> admin_network_policies(const DialectInput& input);

}  // namespace raykeep::plan
