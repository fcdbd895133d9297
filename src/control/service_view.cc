#include "control/service_view.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "control/apply.h"
#include "control/diagnose.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/matches.h"
#include "control/persisted.h"
#include "control/status.h"
#include "control/stored_document.h"
#include "control/understanding.h"
#include "plan/names.h"
#include "plan/object.h"

namespace raykeep::control {
namespace {

using decide::ServiceCluster;

std::string annotation_of(const doc::Value& object, std::string_view key) {
  return std::string(doc::find_string(object, {"metadata", "annotations", key}));
}

/// Kubernetes has carried out what the stored document says now, not what it said before.
bool is_as_stored(const ClusterStatus& status, const spec::RayCluster& cluster) {
  if (!is_settled(status) || status.groups.size() < 1 + cluster.workers.size()) return false;
  return std::ranges::all_of(cluster.workers, [&](const spec::WorkerGroup& group) {
    auto found = std::ranges::find(status.groups, group.name, &GroupStatus::name);
    const std::int64_t wanted = cluster.suspend || group.suspend ? 0 : group.replicas;
    return found != status.groups.end() && found->desired == wanted;
  });
}

/// A cluster of its own waits for whoever mends these; beside one that serves it had better go.
bool ends_an_upgrade(const Diagnosis& trouble) {
  static constexpr std::string_view reasons[] = {
      "ImagePull",      "ImageNeverPull", "InvalidImageName", "ContainerConfig",
      "ContainerStart", "Crash",          "OutOfMemory"};
  return trouble.hopeless || std::ranges::find(reasons, trouble.reason) != std::end(reasons);
}

/// What stands in its way: what waiting will not heal comes first.
void take_troubles(const ClusterStatus& status, ServiceCluster& made) {
  auto hopeless = std::ranges::find_if(status.troubles, ends_an_upgrade);
  made.hopeless = hopeless != status.troubles.end();
  if (made.hopeless) {
    made.trouble = lasting_text(*hopeless);
  } else if (!status.troubles.empty()) {
    made.trouble = lasting_text(status.troubles.front());
  }
}

ServiceCluster cluster_facts(const ServiceSeen& seen, const ServiceWish& wish,
                             const Observed& cluster, const ServeSighting& sighting) {
  ServiceCluster made{.name = cluster.cluster};
  const doc::Value* owner = cluster.owner();
  made.going = owner == nullptr || is_being_removed(*owner);
  if (owner == nullptr) return made;
  made.capacity = capacity_of(*owner);
  made.config = configuration_hash(doc::find_string(*owner, {"data", serve_key}));
  made.good = configuration_hash(doc::find_string(*owner, {"data", good_serve_key}));
  made.put = annotation_of(*owner, serve_put_annotation);
  if (wish.plan && wish.plan->cluster == made.name) {
    const plan::Plan planned = plan_to_make(seen, wish, made.name, made.capacity);
    made.stale = !first_difference(planned.objects.front(), *owner).empty();
  }
  const ClusterStatus status = status_of(cluster);
  Result<StoredDocument> document = stored_document(*owner, cluster.cluster);
  made.settled = document && is_as_stored(status, document->cluster);
  if (!made.settled) take_troubles(status, made);
  made.serve = decide::ServeSays::unasked;
  made.refused = !sighting.refused.empty();
  made.serve_text = sighting.refused;
  if (sighting.refused.empty()) {
    made.serve = serve_says(sighting.status, made.serve_text);
  } else {
    made.serve = decide::ServeSays::failed;
  }
  made.proxies = proxies_of(cluster);
  made.expected = static_cast<int>(std::ranges::count_if(cluster.pods, [&](const doc::Value& pod) {
    const std::string_view ip = doc::find_string(pod, {"status", "podIP"});
    return !label_of(pod, plan::ray_serve_label).empty() && !is_going(pod) &&
           std::ranges::find(sighting.status.proxies, ip) != sighting.status.proxies.end();
  }));
  made.answered = sighting.answered;
  made.workers = static_cast<int>(std::ranges::count_if(cluster.pods, [](const doc::Value& pod) {
    return label_of(pod, plan::ray_node_type_label) == "worker";
  }));
  return made;
}

std::string selected_cluster(const std::optional<doc::Value>& service) {
  if (!service) return "";
  return std::string(doc::find_string(*service, {"spec", "selector", plan::ray_cluster_label}));
}

bool differs(const std::optional<doc::Value>& live, const doc::Value& planned) {
  return !live || !first_difference(planned, *live).empty();
}

}  // namespace

int capacity_of(const doc::Value& owner) {
  const std::string text = annotation_of(owner, plan::capacity_annotation);
  return text.empty() ? 100 : std::atoi(text.c_str());
}

std::string ServiceSeen::points_to() const { return selected_cluster(head_service); }

const doc::Value* ServiceSeen::owner_of(std::string_view cluster_name) const {
  const Observed* there = cluster(cluster_name);
  return there == nullptr ? nullptr : there->owner();
}

const Observed* ServiceSeen::cluster(std::string_view cluster_name) const {
  auto found = std::ranges::find(clusters, cluster_name, &Observed::cluster);
  return found == clusters.end() ? nullptr : &*found;
}

std::string_view service_above(const doc::Value& object) {
  if (label_of(object, spec::origin_kind_label) != spec::ray_service_kind) return "";
  if (!label_of(object, plan::cluster_label).empty()) return "";
  if (label_of(object, plan::managed_by_label) != plan::managed_by) return "";
  return label_of(object, spec::origin_name_label);
}

awaitable<std::vector<std::string>> services_in(const Access& access, std::string ns) {
  std::vector<std::string> names;
  const std::string labels = fmt::format("{}={},{}={}", plan::managed_by_label, plan::managed_by,
                                         spec::origin_kind_label, spec::ray_service_kind);
  std::vector<doc::Value> items = co_await list(access, kinds::config_map, ns, labels);
  for (const doc::Value& item : items) {
    const std::string name(service_above(item));
    if (!name.empty() && name_of(item) == plan::service_owner_name(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  co_return names;
}

awaitable<ServiceSeen> observe_service(const Access& access, std::string ns, std::string name,
                                       ObserveOptions options) {
  ServiceSeen seen;
  seen.ns = ns;
  seen.name = name;
  const std::string labels =
      fmt::format("{}={},{}={},{}={}", plan::managed_by_label, plan::managed_by,
                  spec::origin_kind_label, spec::ray_service_kind, spec::origin_name_label, name);
  std::vector<doc::Value> owners = co_await list(access, kinds::config_map, ns, labels);
  std::ranges::sort(owners, {}, [](const doc::Value& each) {
    return std::string(doc::find_string(each, {"metadata", "creationTimestamp"}));
  });
  for (const doc::Value& owner : owners) {
    const std::string cluster(label_of(owner, plan::cluster_label));
    if (cluster.empty()) {
      if (name_of(owner) == plan::service_owner_name(name)) seen.owner = owner;
    } else if (name_of(owner) == plan::owner_name(cluster)) {
      options.everything = true;
      seen.clusters.push_back(co_await observe(access, ns, cluster, options));
    }
  }
  std::vector<doc::Value> services = co_await list(access, kinds::service, ns, labels);
  for (const doc::Value& service : services) {
    if (service_above(service).empty()) continue;
    auto& to =
        name_of(service) == plan::head_service_name(name) ? seen.head_service : seen.serve_service;
    to = service;
  }
  co_return seen;
}

Result<StoredService> stored_service(const doc::Value& owner, std::string_view document_key) {
  Result<doc::Document> document = stored_yaml(owner, document_key);
  if (!document) return std::unexpected(document.error());
  Result<spec::Site> site = stored_site(owner);
  if (!site) return std::unexpected(site.error());
  StoredService made{.service = {}, .site = std::move(*site)};
  spec::ParsedRayService parsed = spec::parse_ray_service(*document);
  if (std::string problem = error_in(parsed.findings); !parsed.service || !problem.empty())
    return error(problem);
  made.service = std::move(*parsed.service);
  return made;
}

ServiceWish wish_of(const ServiceSeen& seen) {
  ServiceWish made;
  Result<StoredService> stored = stored_service(*seen.owner, plan::document_key);
  decide::ServiceDesired& desired = made.desired;
  if (!stored) {
    desired.usable = false;
    desired.problem = "the stored document cannot be used: " + stored.error().text;
    return made;
  }
  const spec::RayService& service = stored->service;
  made.plan =
      plan::plan_service(service, stored->site, {.ns = seen.ns, .generation = "", .token = ""});
  if (std::string problem = error_in(made.plan->findings); !problem.empty()) {
    desired.usable = false;
    desired.problem = problem;
    made.plan.reset();
    return made;
  }
  desired.cluster = made.plan->cluster;
  desired.config = configuration_hash(service.serve_config);
  desired.way = service.upgrade == spec::ServiceUpgrade::none ? decide::UpgradeWay::none
                : service.upgrade == spec::ServiceUpgrade::incremental
                    ? decide::UpgradeWay::incremental
                    : decide::UpgradeWay::new_cluster;
  desired.surge = service.max_surge_percent;
  desired.suspended = service.suspend;
  desired.patience = service.patience;
  desired.together = service.deletion_delay;
  desired.step = service.step_interval;
  made.stored = std::move(*stored);
  return made;
}

decide::ServiceObserved service_facts(const ServiceSeen& seen, const ServiceWish& wish,
                                      const std::map<std::string, ServeSighting>& sightings) {
  decide::ServiceObserved made;
  for (const Observed& cluster : seen.clusters) {
    auto sighting = sightings.find(cluster.cluster);
    made.clusters.push_back(cluster_facts(
        seen, wish, cluster, sighting == sightings.end() ? ServeSighting{} : sighting->second));
  }
  made.points_to = seen.points_to();
  made.mixed = seen.serve_service && selected_cluster(seen.serve_service).empty();
  made.given_up = annotation_of(*seen.owner, given_up_annotation);
  made.given_up_why = annotation_of(*seen.owner, given_up_why_annotation);
  if (seen.cluster(made.points_to) != nullptr) {
    const std::vector<doc::Value> planned = services_to_point(seen, made.points_to, made.mixed);
    made.front_stale = planned.size() >= 2 && (differs(seen.head_service, planned[0]) ||
                                               differs(seen.serve_service, planned[1]));
  }
  return made;
}

plan::Plan plan_to_make(const ServiceSeen& seen, const ServiceWish& wish,
                        const std::string& cluster, int capacity) {
  const doc::Value* owner = seen.owner_of(cluster);
  plan::Plan made;
  const bool is_wanted = wish.plan && wish.plan->cluster == cluster;
  if (is_wanted || owner == nullptr) {
    made = plan::plan_cluster(wish.stored->service, wish.stored->site,
                              {.ns = seen.ns, .generation = "", .token = ""}, cluster, capacity);
  } else if (Result<StoredService> from = stored_service(*owner, plan::service_key)) {
    made = plan::plan_cluster(from->service, from->site,
                              {.ns = seen.ns, .generation = "", .token = ""}, cluster, capacity);
  }
  if (!made.objects.empty())
    made.objects.front() = owned(std::move(made.objects.front()), owner_reference(*seen.owner));
  return made;
}

std::vector<doc::Value> services_to_point(const ServiceSeen& seen, const std::string& cluster,
                                          bool mixed) {
  std::vector<doc::Value> made;
  const doc::Value* from = seen.owner_of(cluster);
  std::string_view key = plan::service_key;
  if (from == nullptr) {  // it is being made from what is wanted
    from = &*seen.owner;
    key = plan::document_key;
  }
  Result<StoredService> stored = stored_service(*from, key);
  if (!stored) return made;
  made = plan::front_services(stored->service, stored->site, seen.ns, cluster, mixed);
  for (doc::Value& service : made)
    service = owned(std::move(service), owner_reference(*seen.owner));
  return made;
}

std::string configuration_hash(std::string_view config) {
  return config.empty() ? "" : plan::content_hash(config);
}

int proxies_of(const Observed& cluster) {
  return static_cast<int>(std::ranges::count_if(cluster.pods, [](const doc::Value& pod) {
    return label_of(pod, plan::ray_serve_label) == plan::serves && is_ready(pod) && !is_going(pod);
  }));
}

}  // namespace raykeep::control
