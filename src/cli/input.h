// What the user's files hold: the RayClusters and RayServices among their documents, the Site, and
// every finding of reading, parsing and planning. Nothing here talks to a cluster.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "cli/arguments.h"
#include "plan/ray_service.h"
#include "spec/ray_service.h"
#include "spec/site.h"

namespace raykeep::cli {

/// A RayService and its document.
struct ServiceInput {
  spec::RayService service;
  doc::Document document;
};

struct Input {
  std::vector<spec::RayCluster> clusters;  // those without errors
  std::vector<doc::Document> documents;    // theirs, in the same order
  std::vector<ServiceInput> services;      // likewise
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
/// says one. The cluster that a RayService stands for becomes one of input.clusters here, because
/// its name follows from its plan. To be called once.
std::vector<plan::Plan> plans_of(Input& input, const std::string& ns, const std::string& fallback,
                                 plan::PlanOptions options = {});

/// A plan for each RayService, in their order. Requires: plans_of() had no error.
std::vector<plan::ServicePlan> service_plans_of(const Input& input, const std::string& ns,
                                                const std::string& fallback);

}  // namespace raykeep::cli
