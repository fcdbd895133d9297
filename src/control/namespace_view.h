// What stands in the namespace, kept up to date by informers, and cut into clusters: the same
// Observed that `observe` gets by asking, without asking. While the API server is away it is what
// was last seen.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/observe.h"
#include "control/service_view.h"
#include "kube/informer.h"

namespace raykeep::control {

class NamespaceView {
 public:
  struct Listener {
    std::function<void(const std::string& cluster)> changed;
    std::function<void(const Failure&)> troubled;  // once for each outage
  };

  /// `access` must outlive it. Nothing is seen before the kinds are watched.
  NamespaceView(const Access& access, std::string ns);
  NamespaceView(const NamespaceView&) = delete;

  /// How many kinds there are to watch, and the watch of one of them, until cancelled.
  std::size_t kinds() const { return informers_.size(); }
  awaitable<void> watch(std::size_t kind, Listener listener);

  /// False until every kind was listed once: until then nothing may be concluded from absence.
  bool is_complete() const;

  /// Those of whom anything is there, and those of whom a note of what to clean up is left.
  std::set<std::string> clusters() const;

  /// One cluster as it was last seen, without events and logs.
  Observed cluster(const std::string& name) const;

  /// The RayServices whose document is stored, and one of them as it was last seen.
  std::set<std::string> services() const;
  ServiceSeen service(const std::string& name) const;

  /// The pods of all clusters, as the API server lists them: without kind and apiVersion. Nothing
  /// is copied, so this may be asked often.
  std::vector<std::shared_ptr<const doc::Value>> pods() const;

  const std::string& ns() const { return ns_; }

  /// The pod of its head, or nothing.
  std::shared_ptr<const doc::Value> head(const std::string& cluster) const;

  /// The notes of what to clean up that bear the cluster's name.
  std::vector<doc::Value> notes(const std::string& cluster) const;

 private:
  bool is_of_notes(const kube::Informer& informer) const {
    return &informer == informers_.back().get();
  }
  void add(const Access& access, const kube::Kind& kind, const std::string& labels);
  std::vector<std::pair<const kube::Kind*, doc::Value>> labelled(std::string_view label,
                                                                 const std::string& cluster,
                                                                 bool notes) const;

  std::string ns_;
  std::vector<std::unique_ptr<kube::Informer>> informers_;  // the last is that of the notes
};

}  // namespace raykeep::control
