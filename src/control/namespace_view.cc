#include "control/namespace_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// The API server leaves kind and apiVersion out of the items of a list.
doc::Value with_kind(doc::Value object, const kube::Kind& kind) {
  object.as_object()["apiVersion"] = kind.api_version;
  object.as_object()["kind"] = kind.kind;
  return object;
}

}  // namespace

NamespaceView::NamespaceView(const Access& access, std::string ns) : ns_(std::move(ns)) {
  const std::string ours = fmt::format("{}={}", plan::managed_by_label, plan::managed_by);
  for (const kube::Kind& kind : listed_kinds()) add(access, kind, ours);
  add(access, kinds::replica_set, ours);
  add(access, kinds::pod, ours);
  add(access, kinds::config_map, std::string(cleanup_label));
}

void NamespaceView::add(const Access& access, const kube::Kind& kind, const std::string& labels) {
  informers_.push_back(std::make_unique<kube::Informer>(
      access.client, access.clock,
      kube::Informer::Options{.kind = kind,
                              .ns = ns_,
                              .selector = {.labels = labels, .fields = ""},
                              .request_timeout = access.request_timeout}));
}

awaitable<void> NamespaceView::watch(std::size_t kind, Listener listener) {
  // A deletion is told with the last state, so a cluster hears of it, too.
  auto changed = [&listener](const doc::Value& object) {
    std::string_view name = label_of(object, plan::cluster_label);
    if (name.empty()) name = label_of(object, cleanup_label);
    if (!name.empty()) listener.changed(std::string(name));
  };
  co_await informers_[kind]->run(changed, listener.troubled);
}

bool NamespaceView::is_complete() const {
  return std::ranges::all_of(informers_,
                             [](const auto& informer) { return informer->has_listed(); });
}

std::set<std::string> NamespaceView::clusters() const {
  std::set<std::string> names;
  for (const auto& informer : informers_) {
    const std::string_view label = is_of_notes(*informer) ? cleanup_label : plan::cluster_label;
    for (const auto& [name, object] : informer->objects()) {
      if (std::string_view cluster = label_of(*object, label); !cluster.empty())
        names.emplace(cluster);
    }
  }
  return names;
}

std::vector<std::pair<const kube::Kind*, doc::Value>> NamespaceView::labelled(
    std::string_view label, const std::string& cluster, bool notes) const {
  std::vector<std::pair<const kube::Kind*, doc::Value>> found;
  for (const auto& informer : informers_) {
    if (is_of_notes(*informer) != notes) continue;
    for (const auto& [name, object] : informer->objects()) {
      if (label_of(*object, label) != cluster) continue;
      found.emplace_back(&informer->kind(), with_kind(*object, informer->kind()));
    }
  }
  return found;
}

Observed NamespaceView::cluster(const std::string& name) const {
  Observed observed;
  observed.ns = ns_;
  observed.cluster = name;
  for (auto& [kind, object] : labelled(plan::cluster_label, name, false)) {
    auto& to = *kind == kinds::pod           ? observed.pods
               : *kind == kinds::replica_set ? observed.replica_sets
                                             : observed.objects;
    to.push_back(std::move(object));
  }
  observed.at = wall_now();
  return observed;
}

std::set<std::string> NamespaceView::services() const {
  std::set<std::string> names;
  for (const auto& informer : informers_) {
    if (informer->kind() != kinds::config_map || is_of_notes(*informer)) continue;
    for (const auto& [name, object] : informer->objects()) {
      if (std::string_view service = service_above(*object); !service.empty())
        names.emplace(service);
    }
  }
  return names;
}

ServiceSeen NamespaceView::service(const std::string& name) const {
  ServiceSeen seen;
  seen.ns = ns_;
  seen.name = name;
  std::vector<std::pair<std::string, std::string>> clusters;  // by age
  for (const auto& informer : informers_) {
    if (is_of_notes(*informer)) continue;
    const bool owners = informer->kind() == kinds::config_map;
    if (!owners && informer->kind() != kinds::service) continue;
    for (const auto& [key, object] : informer->objects()) {
      if (label_of(*object, spec::origin_name_label) != name ||
          label_of(*object, spec::origin_kind_label) != spec::ray_service_kind)
        continue;
      const std::string cluster(label_of(*object, plan::cluster_label));
      if (owners && !cluster.empty() && key == plan::owner_name(cluster)) {
        clusters.emplace_back(doc::find_string(*object, {"metadata", "creationTimestamp"}),
                              cluster);
      } else if (cluster.empty()) {
        auto& to = owners                                 ? seen.owner
                   : key == plan::head_service_name(name) ? seen.head_service
                                                          : seen.serve_service;
        to = with_kind(*object, informer->kind());
      }
    }
  }
  std::ranges::sort(clusters);
  for (const auto& [age, cluster_name] : clusters) seen.clusters.push_back(cluster(cluster_name));
  return seen;
}

std::vector<std::shared_ptr<const doc::Value>> NamespaceView::pods() const {
  std::vector<std::shared_ptr<const doc::Value>> found;
  for (const auto& informer : informers_) {
    if (informer->kind() != kinds::pod) continue;
    for (const auto& [name, pod] : informer->objects()) {
      if (!label_of(*pod, plan::cluster_label).empty()) found.push_back(pod);
    }
  }
  return found;
}

std::shared_ptr<const doc::Value> NamespaceView::head(const std::string& cluster) const {
  for (const auto& informer : informers_) {
    if (informer->kind() != kinds::pod) continue;
    auto found = informer->objects().find(plan::head_name(cluster) + "-0");
    if (found != informer->objects().end()) return found->second;
  }
  return nullptr;
}

std::vector<doc::Value> NamespaceView::notes(const std::string& cluster) const {
  std::vector<doc::Value> found;
  for (auto& [kind, note] : labelled(cleanup_label, cluster, true))
    found.push_back(std::move(note));
  return found;
}

}  // namespace raykeep::control
