// A RayService as it stands in a namespace, and as the values that decide_service() takes. Pure but
// for looking.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/decide/service_facts.h"
#include "control/observe.h"
#include "control/serve_api.h"
#include "plan/ray_service.h"

namespace raykeep::control {

struct ServiceSeen {
  std::string ns;
  std::string name;
  std::optional<doc::Value> owner;          // the ConfigMap above the clusters
  std::vector<Observed> clusters;           // those of it, oldest first
  std::optional<doc::Value> head_service;   // <s>-head-svc
  std::optional<doc::Value> serve_service;  // <s>-serve-svc

  /// Of that name, or nullptr.
  const Observed* cluster(std::string_view cluster_name) const;
  /// The ConfigMap that stands for that cluster, or nullptr.
  const doc::Value* owner_of(std::string_view cluster_name) const;
  /// The cluster that the Services point to; empty: none yet.
  std::string points_to() const;
};

/// Of a cluster, by its owner: percent.
int capacity_of(const doc::Value& owner);

/// Looks once. Not found: owner is empty, and clusters may be left.
awaitable<ServiceSeen> observe_service(const Access& access, std::string ns, std::string name,
                                       ObserveOptions options);

/// Is the object of a RayService, and stands above its clusters? Its name; empty: it does not.
std::string_view service_above(const doc::Value& object);

/// The RayServices of a namespace, by their owner ConfigMaps.
awaitable<std::vector<std::string>> services_in(const Access& access, std::string ns);

/// The document and Site that are stored with a RayService.
struct StoredService {
  spec::RayService service;
  spec::Site site;
};
Result<StoredService> stored_service(const doc::Value& owner, std::string_view document_key);

/// What a RayService is meant to be.
struct ServiceWish {
  decide::ServiceDesired desired;
  std::optional<StoredService> stored;  // nothing when it cannot be used
  std::optional<plan::ServicePlan> plan;
};
ServiceWish wish_of(const ServiceSeen& seen);

/// What was found out by asking, by cluster.
struct ServeSighting {
  ServeStatus status;
  decide::Answered answered;
  std::string refused;  // what Serve said to what it was told last; empty: it took it
};

/// Requires: seen.owner.
decide::ServiceObserved service_facts(const ServiceSeen& seen, const ServiceWish& wish,
                                      const std::map<std::string, ServeSighting>& sightings);

/// The plan of one of its clusters as `make` applies it: with the RayService as its owner.
plan::Plan plan_to_make(const ServiceSeen& seen, const ServiceWish& wish,
                        const std::string& cluster, int capacity);

/// The two Services pointing to a cluster that is there, planned from what it was made from.
std::vector<doc::Value> services_to_point(const ServiceSeen& seen, const std::string& cluster,
                                          bool mixed);

/// A hash of a configuration of Serve's; empty for none.
std::string configuration_hash(std::string_view config);

/// The pods of a cluster whose proxies take requests.
int proxies_of(const Observed& cluster);

}  // namespace raykeep::control
