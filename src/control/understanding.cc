#include "control/understanding.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/store.h"
#include "doc/document.h"
#include "plan/names.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::control {
namespace {

/// The first error, as people read it; empty: there is none.
std::string error_in(const Findings& findings) {
  auto found = std::ranges::find(findings, Severity::error, &Finding::severity);
  return found == findings.end() ? "" : to_string(*found);
}

Understanding unusable(decide::Desired::Document document, std::string problem) {
  Understanding made;
  made.desired.document = document;
  made.desired.problem = std::move(problem);
  return made;
}

Understanding unreadable(std::string problem) {
  return unusable(decide::Desired::Document::unreadable,
                  "the stored document cannot be used: " + std::move(problem));
}

/// One YAML document of the owner's data; nothing with `problem` filled when it cannot be read.
std::optional<doc::Document> stored(const doc::Value& owner, std::string_view key,
                                    std::string& problem) {
  doc::ReadResult read = doc::read_yaml(doc::find_string(owner, {"data", key}),
                                        fmt::format("{}/{}", name_of(owner), key));
  problem = error_in(read.findings);
  if (problem.empty() && read.documents.size() != 1)
    problem = fmt::format("{} holds {} documents, not one", key, read.documents.size());
  if (!problem.empty()) return std::nullopt;
  return std::move(read.documents[0]);
}

}  // namespace

bool is_being_removed(const doc::Value& owner) {
  return is_going(owner) ||
         doc::find(owner, {"metadata", "annotations", removing_annotation}) != nullptr;
}

Understanding understand(const Observed& observed, const Policy& policy) {
  const doc::Value& owner = *observed.owner();
  std::string problem;
  auto document = stored(owner, plan::document_key, problem);
  if (!document) return unreadable(problem);
  spec::Site site = spec::default_site();
  if (!doc::find_string(owner, {"data", plan::site_key}).empty()) {
    auto written = stored(owner, plan::site_key, problem);
    if (!written) return unreadable(problem);
    spec::ParsedSite parsed = spec::parse_site(*written);
    problem = error_in(parsed.findings);
    if (!parsed.site || !problem.empty()) return unreadable(problem);
    site = std::move(*parsed.site);
  }
  spec::ParsedRayCluster parsed = spec::parse_ray_cluster(*document);
  problem = error_in(parsed.findings);
  if (!parsed.cluster || !problem.empty()) return unreadable(problem);
  if (parsed.cluster->name != observed.cluster)
    return unreadable(fmt::format("it names cluster {}, and the ConfigMap is of {}",
                                  parsed.cluster->name, observed.cluster));

  Understanding made;
  // As `up` plans it, so that the two agree to the byte; completed() puts the generation in.
  made.plan = plan::plan(*parsed.cluster, site, {.ns = observed.ns, .generation = "", .token = ""});
  problem = error_in(made.plan->findings);
  if (!problem.empty()) return unreadable(problem);
  if (std::string refusal = refusal_by(policy, *made.plan); !refusal.empty())
    return unusable(decide::Desired::Document::refused, refusal);
  const std::string owner_name = plan::owner_name(observed.cluster);
  for (doc::Value& object : made.plan->objects) {
    if (kind_of(object) != "ConfigMap" || name_of(object) != owner_name)
      object = completed(std::move(object), owner);
  }
  made.desired.suspended = parsed.cluster->suspend;
  // A Redis of the cluster's own goes with it. And what there is to clean is read from the head's
  // objects: until they are there, nothing is.
  made.desired.keeps_keys =
      made.plan->storage.backend == spec::Storage::Backend::redis && store_of(observed).has_value();
  return made;
}

}  // namespace raykeep::control
