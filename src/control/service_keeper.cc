#include "control/service_keeper.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/status_report.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using decide::ServiceAction;
using Verb = ServiceAction::Verb;
using namespace std::chrono_literals;

constexpr Duration for_question = 3s;
constexpr Duration to_deploy = 30s;

std::string line(const ServiceAction& action) {
  std::string text = fmt::format("{} {}", to_string(action.verb), action.cluster);
  if (action.verb == Verb::make && action.capacity < 100)
    text += fmt::format(" with {} % of its capacity", action.capacity);
  if (action.mixed) text += " and the new one";
  return fmt::format("{}: {}", text, action.reason);
}

/// What people hear of as a Kubernetes event.
bool is_told(Verb verb) {
  return verb == Verb::make || verb == Verb::point || verb == Verb::remove ||
         verb == Verb::give_up || verb == Verb::restore;
}

doc::Object data_patch(std::string_view key, std::string_view text) {
  return {{"data", doc::Object{{key, text}}}};
}

doc::Object annotation_patch(std::string_view key, std::string_view text) {
  return {{"metadata", doc::Object{{"annotations", doc::Object{{key, text}}}}}};
}

std::string_view data_of(const ServiceSeen& seen, const std::string& cluster,
                         std::string_view key) {
  const doc::Value* owner = seen.owner_of(cluster);
  return owner == nullptr ? std::string_view() : doc::find_string(*owner, {"data", key});
}

doc::Value status_of_cluster(const decide::ServiceCluster& cluster,
                             const ServiceKeeper::Turn& turn) {
  doc::Object applications;
  auto sighting = turn.sightings.find(cluster.name);
  if (sighting != turn.sightings.end()) {
    for (const ServeApplication& each : sighting->second.status.applications) {
      doc::Object deployments;
      for (const ServeDeployment& deployment : each.deployments)
        deployments[deployment.name] =
            doc::Object{{"status", deployment.status}, {"message", deployment.message}};
      applications[each.name] = doc::Object{{"status", each.status},
                                            {"message", each.message},
                                            {"serveDeploymentStatuses", std::move(deployments)}};
    }
  }
  return doc::Object{{"rayClusterName", cluster.name},
                     {"targetCapacity", cluster.capacity},
                     {"numServeEndpoints", cluster.proxies},
                     {"applicationStatuses", std::move(applications)}};
}

}  // namespace

std::string service_status_text(const ServiceSeen& seen, const ServiceKeeper::Turn& turn,
                                WallTime now) {
  const doc::Value& owner = *seen.owner;
  const std::string conditions = status_text(turn.decision.conditions, stored_fingerprint(owner),
                                             doc::find_string(owner, {"data", status_key}), now);
  doc::Value made = *doc::parse_json(conditions);
  doc::Object& object = made.as_object();
  for (const decide::ServiceCluster& each : turn.seen.clusters) {
    if (each.going) continue;
    const bool active = each.name == turn.seen.points_to;
    if (active || !object.contains("pendingServiceStatus"))
      object[active ? "activeServiceStatus" : "pendingServiceStatus"] =
          status_of_cluster(each, turn);
  }
  return doc::write_json(made);
}

/// Asks a cluster's Serve how it is. What it refused counts until it is told something else.
awaitable<ServeSighting> ServiceKeeper::sight(const Observed& cluster, Memory& memory) {
  ServeSighting made;
  made.status = co_await look_at_serve(access_, hands_.road, cluster, for_question);
  if (hands_.answered) made.answered = hands_.answered(cluster);
  const doc::Value* owner = cluster.owner();
  const std::string config =
      configuration_hash(owner ? doc::find_string(*owner, {"data", serve_key}) : "");
  auto refused = memory.refused.find(cluster.cluster + ' ' + config);
  if (refused != memory.refused.end()) made.refused = refused->second;
  co_return made;
}

awaitable<ServiceKeeper::Turn> ServiceKeeper::look(const ServiceSeen& seen,
                                                   std::function<bool()> may_act) {
  Memory& memory = memories_[seen.name];
  // Reading and planning take some milliseconds, and documents change rarely.
  const std::string fingerprint = stored_fingerprint(*seen.owner);
  if (!memory.wish || memory.wished_by != fingerprint) {
    memory.wish = std::make_shared<const ServiceWish>(wish_of(seen));
    memory.wished_by = fingerprint;
  }
  const std::shared_ptr<const ServiceWish> kept = memory.wish;
  const ServiceWish& wish = *kept;
  Turn turn;
  for (const Observed& cluster : seen.clusters)
    turn.sightings[cluster.cluster] = co_await sight(cluster, memory);
  turn.seen = service_facts(seen, wish, turn.sightings);
  const Instant now = access_.clock.now();
  decide::remember(memory.decided, turn.seen, now);
  turn.decision = decide::decide_service(turn.seen, wish.desired, now);
  for (const ServiceAction& action : turn.decision.actions) {
    if (!may_act()) co_return turn;
    try {
      co_await carry_out(seen, wish, action, memory);
      hands_.say(false, seen.name, line(action));
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      turn.good = false;
      const std::string problem = fmt::format("{}: {}", line(action), failure.what());
      if (memory.said.insert(problem).second) hands_.say(true, seen.name, problem);
      break;
    }
    if (is_told(action.verb)) co_await tell_event(seen, action);
  }
  if (turn.good) memory.said.clear();
  if (may_act()) co_await write_down(seen, turn);
  co_return turn;
}

awaitable<void> ServiceKeeper::patch_owner_of(const ServiceSeen& seen, const std::string& cluster,
                                              doc::Object patch) {
  const doc::Value* owner = seen.owner_of(cluster);
  if (owner == nullptr)
    throw Failure(Failure::Kind::invalid, fmt::format("cluster {} is not there", cluster));
  co_await access_.client.merge_patch(kube::ref_of(*owner), std::move(patch), access_.request());
}

awaitable<void> ServiceKeeper::deploy(const ServiceSeen& seen, const std::string& cluster,
                                      Memory& memory) {
  const Observed* there = seen.cluster(cluster);
  const std::string config(data_of(seen, cluster, serve_key));
  const std::string hash = configuration_hash(config);
  const int capacity = capacity_of(*there->owner());
  const std::string refused =
      co_await deploy_serve(access_, hands_.road, *there, config, capacity, to_deploy);
  const std::string key = cluster + ' ' + hash;
  if (!refused.empty()) {
    // Where Serve answered, it will not think otherwise; where it did not, it is asked again.
    if (refused.starts_with("Serve answers 4")) memory.refused[key] = refused;
    throw Failure(Failure::Kind::disconnected, refused);
  }
  memory.refused.erase(key);
  co_await patch_owner_of(
      seen, cluster, annotation_patch(serve_put_annotation, fmt::format("{} {}", hash, capacity)));
}

awaitable<void> ServiceKeeper::carry_out(const ServiceSeen& seen, const ServiceWish& wish,
                                         const ServiceAction& action, Memory& memory) {
  const std::string& cluster = action.cluster;
  switch (action.verb) {
    case Verb::make: {
      const plan::Plan plan = plan_to_make(seen, wish, cluster, action.capacity);
      if (plan.objects.empty())
        throw Failure(Failure::Kind::invalid, "what it was made from cannot be read");
      co_return co_await hands_.make(plan);
    }
    case Verb::configure:
      co_return co_await patch_owner_of(seen, cluster,
                                        data_patch(serve_key, wish.stored->service.serve_config));
    case Verb::deploy:
      co_return co_await deploy(seen, cluster, memory);
    case Verb::commend:
      co_return co_await patch_owner_of(
          seen, cluster, data_patch(good_serve_key, data_of(seen, cluster, serve_key)));
    case Verb::restore:
      co_return co_await patch_owner_of(
          seen, cluster, data_patch(serve_key, data_of(seen, cluster, good_serve_key)));
    case Verb::point:
      for (const doc::Value& service : services_to_point(seen, cluster, action.mixed))
        co_await access_.client.apply(
            service, {.field_manager = std::string(plan::field_manager), .force = true},
            access_.request());
      co_return;
    case Verb::remove:
      co_return co_await hands_.remove(cluster);
    case Verb::give_up: {
      doc::Object annotations{
          {given_up_annotation, fmt::format("{} {}", wish.desired.cluster, wish.desired.config)},
          {given_up_why_annotation, action.reason.substr(0, 4000)}};
      doc::Object patch{{"metadata", doc::Object{{"annotations", std::move(annotations)}}}};
      co_await access_.client.merge_patch(kube::ref_of(*seen.owner), std::move(patch),
                                          access_.request());
      co_return;
    }
  }
}

/// Events are for people: not being able to write one stops nothing.
awaitable<void> ServiceKeeper::tell_event(const ServiceSeen& seen, const ServiceAction& action) {
  static constexpr std::pair<Verb, const char*> reasons[] = {{Verb::make, "MakesCluster"},
                                                             {Verb::point, "Switched"},
                                                             {Verb::remove, "RemovesCluster"},
                                                             {Verb::give_up, "RolledBack"},
                                                             {Verb::restore, "RolledBack"}};
  auto reason = std::ranges::find(reasons, action.verb, &std::pair<Verb, const char*>::first);
  const decide::Event event{action.verb == Verb::give_up, "", reason->second, line(action)};
  try {
    co_await access_.client.create(event_object(event, *seen.owner, hands_.instance, wall_now()),
                                   access_.request());
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
  }
}

awaitable<void> ServiceKeeper::write_down(const ServiceSeen& seen, const Turn& turn) {
  std::string after = service_status_text(seen, turn, wall_now());
  if (after == doc::find_string(*seen.owner, {"data", status_key})) co_return;
  try {
    co_await access_.client.merge_patch(kube::ref_of(*seen.owner), data_patch(status_key, after),
                                        access_.request());
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    hands_.say(true, seen.name, fmt::format("its status cannot be written: {}", failure.what()));
  }
}

}  // namespace raykeep::control
