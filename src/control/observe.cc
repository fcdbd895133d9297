#include "control/observe.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "control/diagnose.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/mask.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// The API server leaves kind and apiVersion out of the items of a list.
void name_kind(doc::Value& item, const kube::Kind& kind) {
  doc::Object& object = item.as_object();
  object["apiVersion"] = kind.api_version;
  object["kind"] = kind.kind;
}

}  // namespace

awaitable<std::vector<doc::Value>> list(const Access& access, kube::Kind kind, std::string ns,
                                        std::string labels) {
  kube::List listed =
      co_await access.client.list(kind, ns, {.labels = labels, .fields = ""}, access.request());
  for (doc::Value& item : listed.items) name_kind(item, kind);
  co_return std::move(listed.items);
}

namespace {

/// When an event was seen last. eventTime is for those of the newer API, which the scheduler
/// writes.
std::string_view last_seen(const doc::Value& event) {
  for (auto path : {std::pair{"series", "lastObservedTime"}, std::pair{"", "lastTimestamp"},
                    std::pair{"", "eventTime"}, std::pair{"metadata", "creationTimestamp"}}) {
    std::string_view time = *path.first == '\0'
                                ? doc::find_string(event, {path.second})
                                : doc::find_string(event, {path.first, path.second});
    if (!time.empty()) return time.substr(0, 19);  // whole seconds compare as text
  }
  return "";
}

/// Keeps the events that are about one of the observed objects, oldest first.
void keep_ours(std::vector<doc::Value>& events, const Observed& observed) {
  std::set<std::string_view> uids;
  for (const auto* objects : {&observed.objects, &observed.pods, &observed.replica_sets}) {
    for (const doc::Value& object : *objects) uids.insert(uid_of(object));
  }
  std::erase_if(events, [&](const doc::Value& event) {
    return !uids.contains(doc::find_string(event, {"involvedObject", "uid"}));
  });
  std::ranges::stable_sort(events, {}, last_seen);
}

}  // namespace

const doc::Value* Observed::find(std::string_view kind, std::string_view name) const {
  for (const doc::Value& object : objects) {
    if (kind_of(object) == kind && name_of(object) == name) return &object;
  }
  return nullptr;
}

const doc::Value* Observed::owner() const { return find("ConfigMap", plan::owner_name(cluster)); }

awaitable<Observed> observe(const Access& access, std::string ns, std::string cluster,
                            ObserveOptions options) {
  Observed observed;
  observed.ns = ns;
  observed.cluster = cluster;
  const std::string ours = plan::inventory_selector(cluster);
  for (const kube::Kind& kind : listed_kinds()) {
    if (!options.everything && kind != kinds::stateful_set && kind != kinds::deployment) continue;
    std::vector<doc::Value> items = co_await list(access, kind, ns, ours);
    std::ranges::move(items, std::back_inserter(observed.objects));
  }
  // Pods last: a pod that its controller made meanwhile is then seen, and its controller is known.
  observed.replica_sets = co_await list(access, kinds::replica_set, ns, ours);
  observed.pods = co_await list(access, kinds::pod, ns, ours);
  if (options.events) {
    observed.events = co_await list(access, kinds::event, ns, "");
    keep_ours(observed.events, observed);
  }
  observed.at = wall_now();
  co_return observed;
}

awaitable<std::vector<std::string>> clusters_in(const Access& access, std::string ns) {
  std::set<std::string> names;
  const std::string all =
      fmt::format("{}={},{}", plan::managed_by_label, plan::managed_by, plan::cluster_label);
  for (const kube::Kind& kind : {kinds::config_map, kinds::stateful_set}) {
    std::vector<doc::Value> items = co_await list(access, kind, ns, all);
    for (const doc::Value& item : items) names.emplace(label_of(item, plan::cluster_label));
  }
  co_return std::vector<std::string>(names.begin(), names.end());
}

awaitable<void> fetch_logs(const Access& access, Observed& observed) {
  constexpr std::size_t most_containers = 12;
  for (const LogWanted& wanted : logs_worth_reading(observed, most_containers)) {
    kube::LogOptions options{.container = wanted.container,
                             .previous = wanted.previous,
                             .tail_lines = 15,
                             .limit_bytes = 64u << 10};
    try {
      std::optional<std::string> log =
          co_await access.client.logs(observed.ns, wanted.pod, options, access.request());
      if (log) observed.logs[wanted.pod + "/" + wanted.container] = mask_secrets(*log);
    } catch (const Failure& failure) {
      // A diagnosis without the log is better than none.
      if (failure.kind() == Failure::Kind::cancelled) throw;
    }
  }
}

}  // namespace raykeep::control
