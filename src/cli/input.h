// What the user's files hold: the RayClusters among their documents, the Site, and every finding of
// reading, parsing and planning. Nothing here talks to a cluster.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "cli/arguments.h"
#include "plan/plan.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::cli {

struct Input {
  std::vector<spec::RayCluster> clusters;  // those without errors
  std::vector<doc::Document> documents;    // theirs, in the same order
  spec::Site site;
  Findings findings;  // sorted by place

  /// Everything was understood: the plans may be used.
  bool usable() const { return !has_errors(findings); }
};

/// Reads documents and Site. Documents of foreign kinds are passed by with a notice; ray.io kinds
/// that Raykeep cannot run yet are findings.
Input read_input(const InputArguments& arguments);

/// A plan for each cluster, with those options but for the namespace; their findings join
/// input.findings. `ns` (the -n flag) wins over the documents'; `fallback` is used where neither
/// says one.
std::vector<plan::Plan> plans_of(Input& input, const std::string& ns, const std::string& fallback,
                                 plan::PlanOptions options = {});

}  // namespace raykeep::cli
