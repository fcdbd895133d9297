// What the pods of a plan refer to and the plan does not make: Secrets, ConfigMaps and their keys,
// service accounts, claims, classes. Each is asked for by its name; Secrets are never listed, and
// nothing of their values leaves this file. Pure.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "kube/ask.h"
#include "plan/plan.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

struct Reference {
  enum class Kind {
    secret,
    config_map,
    pull_secret,
    service_account,
    volume_claim,
    priority_class,
    runtime_class,
    storage_class,
  };
  Kind kind;
  std::string name;
  std::set<std::string> keys = {};        // that must be in it
  std::set<std::string> users = {};       // "StatefulSet demo-head"
  std::set<std::string> registries = {};  // of a pull secret: of the images that it is for
};

/// Those that have to be there when the pods start; optional ones are left out. In a stable order.
std::vector<Reference> references_of(const plan::Plan& plan);

/// "ServiceAccount ray-runner".
std::string to_string(const Reference& reference);

/// Classes belong to the cluster, all else to the namespace.
bool is_cluster_wide(const Reference& reference);
/// The plural by which rights speak of it, and its group.
std::pair<std::string_view, std::string_view> resource_of(const Reference& reference);

kube::Question question_about(const Reference& reference, const std::string& ns);

Obstacles judge_reference(const Reference& reference, const std::string& ns,
                          const kube::Said& said);

/// Where an image comes from: "registry.bank.example:5000"; "docker.io" where its name says
/// nothing.
std::string registry_of(std::string_view image);

}  // namespace raykeep::preflight
