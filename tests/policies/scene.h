// One generated case: a Site, the clusters and the controller in its namespace, the policies that
// Raykeep makes of them, the rows of the flow table, and everybody who may send or receive there.
#pragma once

#include <string>
#include <vector>

#include "doc/json.h"
#include "endpoint.h"
#include "flow/flow.h"
#include "spec/site.h"

namespace raykeep::policies {

/// The rows of one table: a cluster's, or the controller's.
struct Table {
  std::string name;  // of the cluster; "controller"
  std::vector<flow::Flow> rows;
};

struct Inhabitant {
  Endpoint endpoint;
  /// The table whose end it is; -1: a stranger, whom no policy of ours may touch.
  int table = -1;
  flow::End end = {};
  /// A pod with the labels of the cluster of that table and of a worker, but of no group. No policy
  /// may isolate it. To others it passes for a worker where one rule speaks of all groups, which is
  /// where all groups are asked for the same ports.
  int groupless_of = -1;
};

struct Scene {
  std::string site_text;                   // for people
  std::vector<std::string> cluster_texts;  // likewise
  spec::Site site;
  std::vector<doc::Value> policies;
  std::vector<Table> tables;
  std::vector<Inhabitant> inhabitants;
};

/// The documents as Raykeep reads them, planned. Throws where they have errors: the generator is
/// wrong then.
Scene scene_of(const doc::Value& site, const std::vector<doc::Value>& clusters);

}  // namespace raykeep::policies
