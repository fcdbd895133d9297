#include "report/model.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/image.h"
#include "report/certificates.h"
#include "report/describe.h"
#include "report/exceptions.h"
#include "report/findings.h"
#include "report/flow_rows.h"
#include "report/images.h"
#include "report/objects.h"
#include "report/secrets.h"
#include "report/workloads.h"

namespace raykeep::report {
namespace {

template <class Texts>
doc::Array texts(const Texts& all) {
  doc::Array made;
  for (const auto& each : all) made.emplace_back(each);
  return made;
}

std::string_view word_of(spec::TlsMode mode) {
  switch (mode) {
    case spec::TlsMode::none:
      return "none";
    case spec::TlsMode::native:
      return "native";
    case spec::TlsMode::mesh:
      return "mesh";
  }
  return "";
}

std::string_view state_kept(const plan::Plan& plan) {
  switch (plan.storage.backend) {
    case spec::Storage::Backend::memory:
      return "in the head's memory: a head that is lost begins empty";
    case spec::Storage::Backend::redis:
      return "in a Redis outside the cluster";
    case spec::Storage::Backend::managed_redis:
      return "in a Redis that Raykeep runs beside the cluster";
    case spec::Storage::Backend::rocksdb:
      return "on a volume of the head's";
  }
  return "";
}

/// As the pods have it.
std::string image_of(const spec::Group& group, const spec::Site& site) {
  const doc::Object* container = spec::ray_container(group);
  return container == nullptr ? ""
                              : plan::image_on_site(doc::find_string(*container, {"image"}), site);
}

doc::Array groups(const Input& input) {
  doc::Array made;
  made.push_back(doc::Object{{"name", "head"},
                             {"role", "head"},
                             {"replicas", input.cluster.suspend ? 0 : 1},
                             {"image", image_of(input.cluster.head, input.site)}});
  if (input.plan.storage.backend == spec::Storage::Backend::managed_redis)
    made.push_back(doc::Object{{"name", "redis"},
                               {"role", "redis"},
                               {"replicas", input.cluster.suspend ? 0 : 1},
                               {"image", plan::image_on_site(input.site.redis_image, input.site)}});
  for (const spec::WorkerGroup& group : input.cluster.workers) {
    const bool suspended = input.cluster.suspend || group.suspend;
    made.push_back(doc::Object{{"name", group.name},
                               {"role", "worker"},
                               {"replicas", suspended ? 0 : group.replicas},
                               {"image", image_of(group, input.site)}});
  }
  return made;
}

doc::Value running(const Input& input) {
  if (!input.running) return nullptr;
  doc::Array groups;
  for (const RunningGroup& group : input.running->groups) {
    doc::Array pods;
    for (const RunningPod& pod : group.pods)
      pods.push_back(doc::Object{{"name", pod.name},
                                 {"stage", pod.stage},
                                 {"ready", pod.ready},
                                 {"node", pod.node},
                                 {"ip", pod.ip},
                                 {"restarts", pod.restarts}});
    groups.push_back(doc::Object{{"name", group.name},
                                 {"desired", group.desired},
                                 {"ready", group.ready},
                                 {"pods", std::move(pods)}});
  }
  return doc::Object{{"state", input.running->state},
                     {"controller", input.running->keeper},
                     {"groups", std::move(groups)},
                     {"troubles", texts(input.running->troubles)},
                     {"warnings", texts(input.running->warnings)}};
}

doc::Array rights(const Input& input) {
  doc::Array made;
  for (const Right& each : input.controller_rights)
    made.push_back(doc::Object{{"group", each.group},
                               {"resource", each.resource},
                               {"verbs", texts(each.verbs)},
                               {"only", each.only},
                               {"why", each.why}});
  return made;
}

doc::Value verified(const Input& input) {
  if (!input.verified) return nullptr;
  const Verified& result = *input.verified;
  doc::Array pairs;
  for (const VerifiedPair& each : result.pairs)
    pairs.push_back(doc::Object{{"from", each.from},
                                {"to", each.to},
                                {"tried", each.tried},
                                {"blocked", each.blocked},
                                {"good", each.good},
                                {"note", each.note}});
  return doc::Object{{"at", result.at},
                     {"program", result.program},
                     {"good", result.good},
                     {"seconds", result.seconds},
                     {"pairs", std::move(pairs)}};
}

std::int64_t sum(const doc::Array& rows, std::string_view key) {
  std::int64_t all = 0;
  for (const doc::Value& row : rows) all += row.at(key).as_int64();
  return all;
}

std::int64_t count_if(const doc::Array& list, auto&& wanted) {
  return static_cast<std::int64_t>(std::ranges::count_if(list, wanted));
}

/// Of how many flows nobody else may read what is said.
std::int64_t flows_encrypted(const doc::Array& rows, std::string_view how) {
  std::int64_t all = 0;
  for (const doc::Value& row : rows) {
    if (doc::find_string(row, {"encrypted"}) == how) all += row.at("count").as_int64();
  }
  return all;
}

doc::Object summary(const doc::Object& model, bool policies_exact) {
  const doc::Array& rows = model.at("flows").as_array();
  const doc::Array& images = model.at("images").as_array();
  const doc::Array& workloads = model.at("pods").as_array();
  const doc::Array& findings = model.at("findings").as_array();
  std::int64_t deviations = 0;
  for (const doc::Value& each : workloads)
    deviations += static_cast<std::int64_t>(each.at("deviations").as_array().size());
  auto severe = [&findings](std::string_view severity) {
    return count_if(findings, [severity](const doc::Value& each) {
      return doc::find_string(each, {"severity"}) == severity;
    });
  };
  return {{"flows", sum(rows, "count")},
          {"rows", static_cast<std::int64_t>(rows.size())},
          {"encrypted", flows_encrypted(rows, "yes")},
          {"unencrypted", flows_encrypted(rows, "no")},
          {"application", flows_encrypted(rows, "application")},
          {"unpermittedRows",
           count_if(rows, [](const doc::Value& row) { return !row.at("permitted").as_bool(); })},
          {"tested", sum(rows, "tested")},
          {"good", sum(rows, "good")},
          {"exceptions", static_cast<std::int64_t>(model.at("exceptions").as_array().size())},
          {"images", static_cast<std::int64_t>(images.size())},
          {"imagesByDigest",
           count_if(images, [](const doc::Value& each) { return each.at("pinned").as_bool(); })},
          {"deviations", deviations},
          {"policiesExact", policies_exact},
          {"noTokens", std::ranges::none_of(workloads,
                                            [](const doc::Value& each) {
                                              return each.at("tokenMounted").as_bool();
                                            })},
          {"secrets", static_cast<std::int64_t>(model.at("secrets").as_array().size())},
          {"errors", severe("error")},
          {"warnings", severe("warning")}};
}

}  // namespace

doc::Object model(const Input& input) {
  const spec::Site& site = input.site;
  Permits permits(input.objects(),
                  input.running ? input.running->other_policies : std::vector<doc::Value>{});
  doc::Array rows = flow_rows(input, permits);
  doc::Array pods = workloads(input.objects());
  doc::Object made{{"apiVersion", "raykeep.io/v1"},
                   {"kind", "Report"},
                   {"program", input.program},
                   {"at", input.at},
                   {"source", input.running ? "cluster" : "files"},
                   {"cluster", doc::Object{{"name", input.plan.cluster},
                                           {"namespace", input.plan.ns},
                                           {"rayVersion", input.cluster.ray_version},
                                           {"suspended", input.cluster.suspend},
                                           {"token", !input.plan.token_secret.empty()},
                                           {"state", state_kept(input.plan)}}},
                   {"site", doc::Object{{"name", site.name},
                                        {"tls", word_of(site.tls_mode)},
                                        {"clusterDomain", site.cluster_domain},
                                        {"openshift", site.openshift},
                                        {"registry", site.registry}}},
                   {"summary", nullptr}};
  made["running"] = running(input);
  made["groups"] = groups(input);
  made["verified"] = verified(input);
  made["findings"] = findings(input, rows, permits);
  made["exceptions"] = exceptions(input, pods);
  made["flows"] = std::move(rows);
  made["rights"] = rights(input);
  made["pods"] = std::move(pods);
  made["images"] = images(input);
  made["secrets"] = secrets(input);
  made["certificates"] = certificates(input);
  made["objects"] = objects(input);
  const bool all_permitted =
      std::ranges::all_of(made.at("flows").as_array(),
                          [](const doc::Value& row) { return row.at("permitted").as_bool(); });
  made["summary"] = summary(made, all_permitted && permits.excess().empty());
  return made;
}

}  // namespace raykeep::report
