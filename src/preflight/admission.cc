#include "preflight/admission.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/refusal.h"
#include "preflight/policy_message.h"
#include "preflight/workload.h"

namespace raykeep::preflight {
namespace {

using control::Diagnosis;
using control::list_at;

std::string between(std::string_view text, std::string_view open, std::string_view close) {
  std::size_t from = text.find(open);
  if (from == text.npos) return "";
  from += open.size();
  std::size_t to = text.find(close, from);
  return to == text.npos ? "" : std::string(text.substr(from, to - from));
}

/// The name in the quotes before "not found".
std::string missing_name(std::string_view message) {
  std::size_t end = message.find("\" not found");
  if (end == message.npos) return "";
  std::size_t begin = message.rfind('"', end - 1);
  return begin == message.npos ? "" : std::string(message.substr(begin + 1, end - begin - 1));
}

/// "requested: limits.memory=5Gi,pods=1, used: ..." as the names of resources.
std::vector<std::string> short_resources(std::string_view message) {
  std::string listed = between(message, "requested: ", ", used:");
  std::vector<std::string> out;
  for (std::string_view each : split(listed, ',')) {
    std::size_t equals = each.find('=');
    if (equals != each.npos) out.emplace_back(trim(each.substr(0, equals)));
  }
  return out;
}

Obstacles of_quota(const std::string& about, const std::string& ns, const Diagnosis& said,
                   std::string_view message) {
  std::string quota = between(message, "exceeded quota: ", ",");
  if (quota.empty()) {
    quota = between(message, "failed quota: ", ":");
    return {{code::quota, Weight::blocks, Who::namespace_admin,
             fmt::format("ResourceQuota {}: {}", quota, about), said.what, said.why,
             fmt::format("The ResourceQuota {} in namespace {} wants every container to name its "
                         "resources: {}. Please add a LimitRange with defaults for those.",
                         quota, ns, said.why)}};
  }
  Obstacles out;
  for (const std::string& resource : short_resources(message)) {
    out.push_back({code::quota, Weight::blocks, Who::namespace_admin,
                   fmt::format("ResourceQuota {}: {}", quota, resource),
                   fmt::format("{} does not fit into it", about), said.why,
                   fmt::format("Please raise {} of the ResourceQuota {} in namespace {}: {}",
                               resource, quota, ns, said.why)});
  }
  return out;
}

Obstacles of_policy(const std::string& about, const std::string& ns, std::string_view message) {
  Obstacles out;
  for (const PolicyWord& word : policy_words(message)) {
    out.push_back({code::policy, Weight::blocks, Who::policy_team,
                   fmt::format("policy {}: {}", word.policy, about), "it is refused", word.text,
                   fmt::format("Policy {} refuses {} in namespace {}: {}\nWhat do we have to "
                               "change, or can you make an exception for it?",
                               word.policy, about, ns, word.text)});
  }
  return out;
}

Obstacle plain(const char* code, Who who, std::string about, const Diagnosis& said,
               std::string send) {
  return {code, Weight::blocks, who, std::move(about), said.what, said.why, std::move(send)};
}

bool is_missing_right(const kube::Said& said) {
  return said.message.contains("\" cannot ") && said.message.contains(" resource \"");
}

/// Those of the second list that are not in the first, by name.
std::vector<const doc::Value*> added(const doc::Array& before, const doc::Array& after) {
  std::vector<const doc::Value*> out;
  for (const doc::Value& each : after) {
    std::string_view name = doc::find_string(each, {"name"});
    bool known = std::ranges::any_of(
        before, [&](const doc::Value& other) { return doc::find_string(other, {"name"}) == name; });
    if (!known) out.push_back(&each);
  }
  return out;
}

bool wants_network_rights(const doc::Value& container) {
  for (const doc::Value& each : list_at(container, {"securityContext", "capabilities", "add"})) {
    if (each.is_string() && each.get_string() != "NET_BIND_SERVICE") return true;
  }
  return control::true_at(container, {"securityContext", "privileged"}) ||
         control::integer_at(container, {"securityContext", "runAsUser"}, 1) == 0;
}

}  // namespace

Obstacles judge_dry_run(const std::string& about, const std::string& ns, const kube::Said& said) {
  if (said.good() || is_missing_right(said)) return {};
  if (said.code == 0 || said.code == 401) {
    return {{code::no_answer, Weight::unchecked, Who::cluster_admin, about,
             "the API server did not say whether it admits it", said.message, ""}};
  }
  const Diagnosis known = control::explain_refusal(about, said.message);
  const std::string missing = missing_name(said.message);
  if (known.reason == "Quota") return of_quota(about, ns, known, said.message);
  if (known.reason == "Policy") return of_policy(about, ns, said.message);
  if (known.reason == "PodSecurity") {
    return {plain(code::pod_security, Who::policy_team, about, known,
                  fmt::format("Pod Security refuses {} in namespace {}: {}\nWe change the document "
                              "where we can; where a webhook of yours adds what is refused, it "
                              "must be mended.",
                              about, ns, known.why))};
  }
  if (known.reason == "WebhookUnavailable") {
    return {plain(code::webhook_away, Who::cluster_admin,
                  "webhook " + between(said.message, "failed calling webhook \"", "\""), known,
                  fmt::format("Nothing like {} can be created in namespace {}: {} ({})", about, ns,
                              known.what, known.why))};
  }
  if (known.reason == "LimitRange") {
    return {
        plain(code::limit_range, Who::namespace_admin, about, known,
              fmt::format("The LimitRange of namespace {} refuses {}: {}", ns, about, known.why))};
  }
  if (known.reason == "SecurityContextConstraint") {
    return {plain(code::security_context, Who::you, about, known, known.next)};
  }
  if (known.reason == "ServiceAccount") {
    return {plain(code::service_account, Who::you, "ServiceAccount " + missing, known,
                  fmt::format("kubectl create serviceaccount {} -n {}", missing, ns))};
  }
  if (known.reason == "PriorityClass") {
    std::string name = between(said.message, "no PriorityClass with name ", " was found");
    return {plain(code::priority_class, Who::cluster_admin, "PriorityClass " + name, known,
                  fmt::format("Please create the PriorityClass {}, or tell us which we may use in "
                              "namespace {}.",
                              name, ns))};
  }
  if (known.reason == "RuntimeClass") {
    return {plain(
        code::runtime_class, Who::cluster_admin, "RuntimeClass " + missing, known,
        fmt::format("Please create the RuntimeClass {}, or tell us which we may use.", missing))};
  }
  return {plain(code::refused, Who::you, about, known, known.next)};
}

std::optional<doc::Value> without_what_is_refused(doc::Value pod, std::string_view message,
                                                  const doc::Value& modest) {
  doc::Value* found = pod.is_object() ? pod.get_object().if_contains("spec") : nullptr;
  if (found == nullptr || !found->is_object()) return std::nullopt;
  doc::Object& spec = found->get_object();
  const std::string reason = control::explain_refusal("", message).reason;
  auto drop = [&](std::string_view field) { return spec.erase(field) != 0; };
  bool changed = false;
  if (reason == "ServiceAccount") {
    changed = drop("serviceAccountName");
    changed |= drop("serviceAccount");
  } else if (reason == "PriorityClass") {
    changed = drop("priorityClassName");
  } else if (reason == "RuntimeClass") {
    changed = drop("runtimeClassName");
  } else if (reason == "LimitRange" || reason == "Quota") {
    for (std::string_view list : {"initContainers", "containers"}) {
      doc::Value* containers = spec.if_contains(list);
      if (containers == nullptr || !containers->is_array()) continue;
      for (doc::Value& each : containers->get_array()) {
        if (!each.is_object()) continue;
        const doc::Value* now = each.get_object().if_contains("resources");
        if (now != nullptr && *now == modest) continue;
        each.get_object()["resources"] = modest;
        changed = true;
      }
    }
  }
  if (!changed) return std::nullopt;
  return pod;
}

Obstacles judge_injection(const std::string& about, const doc::Value& sent,
                          const doc::Value& admitted) {
  std::vector<std::string> names;
  bool refused_by_restricted = false;
  for (std::string_view list : {"initContainers", "containers"}) {
    for (const doc::Value* each :
         added(list_at(sent, {"spec", list}), list_at(admitted, {"spec", list}))) {
      names.emplace_back(doc::find_string(*each, {"name"}));
      refused_by_restricted |= wants_network_rights(*each);
    }
  }
  if (names.empty()) return {};
  return {{code::mesh, refused_by_restricted ? Weight::blocks : Weight::notice, Who::mesh_team,
           about,
           refused_by_restricted
               ? fmt::format("a webhook puts {} into the pods, which needs rights that Pod "
                             "Security \"restricted\" forbids",
                             join(names, ", "))
               : fmt::format("a webhook puts {} into the pods; it counts in the quota",
                             join(names, ", ")),
           "",
           fmt::format("Your webhook adds {} to our pods. Please use the mesh's CNI plug-in, so "
                       "that no container needs NET_ADMIN.",
                       join(names, ", "))}};
}

}  // namespace raykeep::preflight
