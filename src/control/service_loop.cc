#include "control/service_loop.h"

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/understanding.h"
#include "net/event.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_turns = 1s;

/// The owner alone: everything else is made from it, as of any cluster.
awaitable<void> make(const Access& access, plan::Plan plan) {
  co_await apply_object(access, plan.objects.front(), false);
}

awaitable<void> remove(const Access& access, std::string ns, std::string cluster) {
  co_await access.client.remove({kinds::config_map, ns, plan::owner_name(cluster)}, {},
                                access.request());
}

}  // namespace

ServiceLoop::ServiceLoop(boost::asio::any_io_executor executor, const Access& access,
                         const NamespaceView& view, const ServeLabels& labels, std::string instance,
                         const ControllerLog& log)
    : access_(access),
      view_(view),
      labels_(labels),
      log_(log),
      keeper_(access, hands(std::move(instance))),
      turns_(executor) {}

ServiceHands ServiceLoop::hands(std::string instance) const {
  return {.road = Road::pods,
          .instance = std::move(instance),
          .make = [this](const plan::Plan& plan) { return control::make(access_, plan); },
          .remove =
              [this](std::string cluster) {
                return control::remove(access_, view_.ns(), std::move(cluster));
              },
          .answered =
              [this](const Observed& cluster) {
                decide::Answered made;
                for (const doc::Value& pod : cluster.pods) {
                  const ProxyTraffic of = labels_.traffic(std::string(uid_of(pod)));
                  made.all += of.requests;
                  made.bad += of.errors;
                }
                return made;
              },
          .say =
              [this](bool bad, const std::string& service, const std::string& text) {
                log_(bad, "service", {{"service", service}, {"what", text}});
              }};
}

awaitable<void> ServiceLoop::close() {
  turns_.cancel();
  co_await turns_.finish();
}

void ServiceLoop::forget() {
  keeper_.forget_all();
  conditions_.clear();
}

void ServiceLoop::note(const std::string& service,
                       const std::vector<decide::Condition>& conditions) {
  auto& known = conditions_[service];
  known["RolledBack"] = 0;
  for (const decide::Condition& each : conditions) {
    known[each.type] = each.status == decide::Condition::Status::yes ? 1 : 0;
    if (each.reason == "RolledBack") known["RolledBack"] = 1;
  }
}

awaitable<void> ServiceLoop::look(ServiceLoop* self, std::string service,
                                  std::function<bool()> acts) {
  try {
    const ServiceSeen seen = self->view_.service(service);
    if (seen.owner && !is_being_removed(*seen.owner)) {
      const ServiceKeeper::Turn turn = co_await self->keeper_.look(seen, acts);
      self->note(service, turn.decision.conditions);
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    self->log_(true, "service", {{"service", service}, {"error", failure.what()}});
  }
  self->busy_.erase(service);
}

awaitable<void> ServiceLoop::run(std::function<bool()> acts) {
  for (;;) {
    co_await net::pause(between_turns);
    if (!acts()) continue;
    const std::set<std::string> services = view_.services();
    std::erase_if(conditions_, [&](const auto& known) { return !services.contains(known.first); });
    for (const std::string& service : services) {
      if (busy_.insert(service).second) turns_.spawn(look(this, service, acts));
    }
  }
}

}  // namespace raykeep::control
