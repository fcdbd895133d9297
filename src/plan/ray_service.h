// What a RayService becomes. Each of its clusters is a RayCluster like any other, planned and kept
// like one; its name follows from what its pods are, so that another document or Site that changes
// the pods names another cluster, and the same one names the same. What stands above the clusters:
// a ConfigMap that stores document and Site and owns the clusters' own, and the two Services, which
// point to the cluster that serves.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "spec/ray_service.h"

namespace raykeep::plan {

struct ServicePlan {
  std::string ns;
  std::string service;
  std::string cluster;                 // the one that should serve
  Plan cluster_plan;                   // of it, with all of its capacity
  doc::Value owner;                    // the ConfigMap above the clusters
  std::vector<PlannedSecret> secrets;  // of the document's Redis password: one for all clusters
  Findings findings;
};

/// Pure, as plan() is.
ServicePlan plan_service(const spec::RayService& service, const spec::Site& site,
                         const PlanOptions& options);

/// The name of the cluster that has these pods: the RayService's, a dash, and five characters from
/// what the pods are. Replicas and the names in the cluster do not count.
std::string cluster_name(const spec::RayService& service, const spec::Site& site,
                         const PlanOptions& options);

/// One cluster with part of its capacity, in percent: every worker group has so much of its
/// replicas, rounded up.
Plan plan_cluster(const spec::RayService& service, const spec::Site& site,
                  const PlanOptions& options, const std::string& cluster, int capacity);

/// The Services <s>-head-svc and <s>-serve-svc in this order, and the Site's route to the latter if
/// it wants one. They point to `cluster`; with `mixed` requests go to all clusters of the
/// RayService whose proxies take them. `service` is as that cluster was made from: its ports count.
std::vector<doc::Value> front_services(const spec::RayService& service, const spec::Site& site,
                                       const std::string& ns, const std::string& cluster,
                                       bool mixed);

/// On a cluster's owner: its capacity in percent.
inline constexpr std::string_view capacity_annotation = "raykeep.io/capacity";

}  // namespace raykeep::plan
