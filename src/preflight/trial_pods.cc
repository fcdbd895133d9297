#include "preflight/trial_pods.h"

#include <fmt/format.h>

#include "control/fields.h"
#include "preflight/amounts.h"
#include "verify/short_lived.h"

namespace raykeep::preflight {
namespace {

using control::list_at;

constexpr const char* no_command = "/raykeep-preflight-runs-nothing";

void copy(const doc::Value& from, std::initializer_list<std::string_view> fields, doc::Object& to) {
  for (std::string_view field : fields) {
    if (const doc::Value* value = doc::find(from, {field})) to[field] = *value;
  }
}

/// What was seen of it; nullptr where it was not looked at.
const kube::Said* seen_of(const Survey& survey, Reference::Kind kind, std::string_view name) {
  for (const PlanSurvey& plan : survey.plans) {
    for (std::size_t i = 0; i < plan.references.size(); ++i) {
      if (plan.references[i].kind == kind && plan.references[i].name == name)
        return plan.referred[i] ? &*plan.referred[i] : nullptr;
    }
  }
  return nullptr;
}

bool is_missing(const Survey& survey, Reference::Kind kind, std::string_view name) {
  const kube::Said* seen = seen_of(survey, kind, name);
  return seen != nullptr && seen->absent();
}

/// One that nobody may read is known from the dry runs.
bool is_missing_runtime_class(const Survey& survey, std::string_view name) {
  if (name.empty()) return false;
  if (is_missing(survey, Reference::Kind::runtime_class, name)) return true;
  const std::string words = fmt::format("RuntimeClass \"{}\" not found", name);
  for (const PlanSurvey& plan : survey.plans) {
    for (const Tried& tried : plan.tried) {
      if (!tried.said.good() && tried.said.message.contains(words)) return true;
    }
  }
  return false;
}

void leave_out_what_is_missing(const Survey& survey, doc::Object& spec) {
  std::string account(doc::find_string(spec, {"serviceAccountName"}));
  if (is_missing(survey, Reference::Kind::service_account, account))
    spec.erase("serviceAccountName");
  std::string runtime(doc::find_string(spec, {"runtimeClassName"}));
  if (is_missing_runtime_class(survey, runtime)) spec.erase("runtimeClassName");
}

/// One that waits for its first user is left alone: a pod of ours must not decide where it is.
bool is_bound(const Survey& survey, std::string_view claim) {
  const kube::Said* seen = seen_of(survey, Reference::Kind::volume_claim, claim);
  return seen != nullptr && doc::find_string(seen->body, {"status", "phase"}) == "Bound";
}

void set_resources(doc::Object& pod_spec, doc::Value resources) {
  pod_spec["containers"].get_array()[0].get_object()["resources"] = std::move(resources);
}

}  // namespace

doc::Object probing_pod(const PodMaker& maker) {
  doc::Object spec = verify::probing_pod_spec(maker.site);
  leave_out_what_is_missing(maker.survey, spec);
  set_resources(spec, maker.modest);
  return spec;
}

doc::Object image_pod(const PodMaker& maker, const doc::Value& pod_spec,
                      const doc::Value& container) {
  doc::Object only{{"name", "image"}};
  copy(container, {"image", "imagePullPolicy", "securityContext"}, only);
  only["command"] = doc::Array{no_command};
  only["resources"] = maker.modest;
  doc::Object spec;
  copy(pod_spec, {"securityContext", "imagePullSecrets", "serviceAccountName"}, spec);
  spec["automountServiceAccountToken"] = false;
  spec["terminationGracePeriodSeconds"] = 0;
  spec["containers"] = doc::Array{std::move(only)};
  leave_out_what_is_missing(maker.survey, spec);
  return spec;
}

doc::Object size_pod(const PodMaker& maker, const Workload& workload) {
  doc::Object spec = verify::probing_pod_spec(maker.site);
  copy(workload.spec(),
       {"nodeSelector", "affinity", "tolerations", "schedulerName", "topologySpreadConstraints",
        "runtimeClassName"},
       spec);
  leave_out_what_is_missing(maker.survey, spec);
  doc::Array claims;
  for (const doc::Value& volume : list_at(workload.spec(), {"volumes"})) {
    std::string_view claim = doc::find_string(volume, {"persistentVolumeClaim", "claimName"});
    if (!claim.empty() && is_bound(maker.survey, claim)) claims.push_back(volume);
  }
  if (!claims.empty()) spec["volumes"] = std::move(claims);
  doc::Object requests, limits;
  for (const auto& [name, amount] : use_of_pod(workload.spec()).amounts) {
    if (name.starts_with("requests.")) requests[name.substr(9)] = amount_text(name, amount);
    if (name.starts_with("limits.")) limits[name.substr(7)] = amount_text(name, amount);
  }
  set_resources(spec,
                doc::Object{{"requests", std::move(requests)}, {"limits", std::move(limits)}});
  return spec;
}

doc::Object unbindable_claim(const std::string& name, const std::string& run,
                             const doc::Value& planned, const doc::Value& job) {
  const doc::Object ours{{verify::short_lived_label, run}};
  doc::Object owner{{"apiVersion", "batch/v1"},
                    {"kind", "Job"},
                    {"name", control::name_of(job)},
                    {"uid", control::uid_of(job)}};
  doc::Object spec;
  if (const doc::Object* given = doc::find_object(planned, {"spec"})) spec = *given;
  spec["selector"] = doc::Object{{"matchLabels", ours}};
  return {
      {"apiVersion", "v1"},
      {"kind", "PersistentVolumeClaim"},
      {"metadata", doc::Object{{"name", name},
                               {"namespace", doc::find_string(planned, {"metadata", "namespace"})},
                               {"labels", ours},
                               {"ownerReferences", doc::Array{std::move(owner)}}}},
      {"spec", std::move(spec)}};
}

}  // namespace raykeep::preflight
