// Rules about whole objects, alone or beside the others of a plan.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "profile/checks.h"

namespace raykeep::profile {
namespace {

using Labels = std::map<std::string_view, std::string_view>;

bool is(const doc::Value& object, std::string_view kind) {
  return doc::find_string(object, {"kind"}) == kind;
}

Labels labels_at(const doc::Value& object, std::initializer_list<std::string_view> path) {
  Labels labels;
  const doc::Object* found = doc::find_object(object, path);
  if (found == nullptr) return labels;
  for (const auto& member : *found) {
    if (member.value().is_string()) labels.emplace(member.key(), member.value().get_string());
  }
  return labels;
}

/// Are all labels of the selector among those?
bool selects(const Labels& selector, const Labels& labels) {
  return std::ranges::includes(labels, selector);
}

bool same_namespace(const doc::Value& one, const doc::Value& other) {
  return doc::find_string(one, {"metadata", "namespace"}) ==
         doc::find_string(other, {"metadata", "namespace"});
}

std::string_view name_of(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "name"});
}

const doc::Array& ingress_rules(const doc::Value& object) {
  static const doc::Array none;
  const doc::Array* rules = doc::find_array(object, {"spec", "rules"});
  return is(object, "Ingress") && rules != nullptr ? *rules : none;
}

bool is_binding(const doc::Value& object) {
  return is(object, "RoleBinding") || is(object, "ClusterRoleBinding");
}

bool any_of(const doc::Value& rule, std::string_view list, Words words) {
  auto texts = texts_at(rule.if_object(), {list});
  return std::ranges::any_of(
      texts, [&](std::string_view text) { return std::ranges::find(words, text) != words.end(); });
}

}  // namespace

void default_namespace(const doc::Value& object, Faults& faults) {
  if (doc::find_string(object, {"metadata", "namespace"}) == "default")
    faults.push_back({"/metadata/namespace", "the namespace is default"});
}

void service_type(const doc::Value& object, std::string_view type, Faults& faults) {
  if (is(object, "Service") && doc::find_string(object, {"spec", "type"}) == type)
    faults.push_back({"/spec/type", fmt::format("the Service is of type {}", type)});
}

void external_ips(const doc::Value& object, Faults& faults) {
  if (is(object, "Service") && doc::find(object, {"spec", "externalIPs"}) != nullptr)
    faults.push_back({"/spec/externalIPs", "the Service takes over addresses"});
}

void ingress_at_all(const doc::Value& object, Faults& faults) {
  if (is(object, "Ingress") || is(object, "Gateway"))
    faults.push_back({"", "it opens a way into the cluster"});
}

void ingress_without_host(const doc::Value& object, Faults& faults) {
  const doc::Array& rules = ingress_rules(object);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (doc::find_string(rules[i], {"host"}).empty())
      faults.push_back({fmt::format("/spec/rules/{}", i), "the rule has no host"});
  }
}

void ingress_with_wildcard(const doc::Value& object, Faults& faults) {
  const doc::Array& rules = ingress_rules(object);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    std::string_view host = doc::find_string(rules[i], {"host"});
    if (host.empty() || host.contains('*'))
      faults.push_back({fmt::format("/spec/rules/{}/host", i), "the rule takes every host"});
  }
}

void ingress_without_tls(const doc::Value& object, Faults& faults) {
  if (!is(object, "Ingress")) return;
  const doc::Array* tls = doc::find_array(object, {"spec", "tls"});
  bool http = doc::find_string(object, {"metadata", "annotations",
                                        "kubernetes.io/ingress.allow-http"}) == "false";
  if (tls == nullptr || tls->empty() || !http)
    faults.push_back({"/spec/tls", "it answers without TLS"});
}

void secret_of_type(const doc::Value& object, std::string_view type, Faults& faults) {
  if (is(object, "Secret") && doc::find_string(object, {"type"}) == type)
    faults.push_back({"/type", fmt::format("the Secret is of type {}", type)});
}

void removed_api(const doc::Value& object, Words versions, Faults& faults) {
  std::string_view version = doc::find_string(object, {"apiVersion"});
  if (std::ranges::find(versions, version) != versions.end())
    faults.push_back({"/apiVersion", fmt::format("{} is no more", version)});
}

void binding_of(const doc::Value& object, std::string_view cluster_role, Faults& faults) {
  if (is_binding(object) && doc::find_string(object, {"roleRef", "kind"}) == "ClusterRole" &&
      doc::find_string(object, {"roleRef", "name"}) == cluster_role)
    faults.push_back({"/roleRef/name", fmt::format("it grants the ClusterRole {}", cluster_role)});
}

void binding_of_anyone(const doc::Value& object, Faults& faults) {
  const doc::Array* subjects = is_binding(object) ? doc::find_array(object, {"subjects"}) : nullptr;
  if (subjects == nullptr) return;
  for (std::size_t i = 0; i < subjects->size(); ++i) {
    std::string_view name = doc::find_string((*subjects)[i], {"name"});
    if (name == "system:anonymous" || name == "system:unauthenticated")
      faults.push_back(
          {fmt::format("/subjects/{}/name", i), fmt::format("it grants rights to {}", name)});
  }
}

void role_with_exec(const doc::Value& object, Faults& faults) {
  if (!is(object, "Role") && !is(object, "ClusterRole")) return;
  static constexpr std::string_view groups[] = {"", "*"},
                                    resources[] = {"pods/exec", "*", "pods/*"},
                                    verbs[] = {"create", "*"};
  const doc::Array* rules = doc::find_array(object, {"rules"});
  if (rules == nullptr) return;
  for (std::size_t i = 0; i < rules->size(); ++i) {
    const doc::Value& rule = (*rules)[i];
    if (any_of(rule, "apiGroups", groups) && any_of(rule, "resources", resources) &&
        any_of(rule, "verbs", verbs))
      faults.push_back({fmt::format("/rules/{}", i), "it lets others run commands in pods"});
  }
}

void same_selector(const doc::Value& object, Objects all, Faults& faults) {
  if (!is(object, "Service")) return;
  const Labels selector = labels_at(object, {"spec", "selector"});
  if (selector.empty()) return;
  for (const doc::Value& other : all) {
    if (!is(other, "Service") || &other == &object) continue;
    if (labels_at(other, {"spec", "selector"}) == selector)
      faults.push_back(
          {"/spec/selector", fmt::format("Service {} selects the same pods", name_of(other))});
  }
}

namespace {

/// minAvailable that lets none of the replicas go.
bool holds_all(const doc::Value& budget, const doc::Value& workload) {
  auto least = integer_at(budget.if_object(), {"spec", "minAvailable"});
  auto replicas = integer_at(workload.if_object(), {"spec", "replicas"});
  return least && replicas && *replicas <= *least;
}

}  // namespace

void blocking_budget(const doc::Value& object, Objects all, Faults& faults) {
  if (!is(object, "PodDisruptionBudget")) return;
  if (integer_at(object.if_object(), {"spec", "maxUnavailable"}) == 0)
    faults.push_back({"/spec/maxUnavailable", "it lets no pod go, so that a drain never ends"});
  const Labels selector = labels_at(object, {"spec", "selector", "matchLabels"});
  for (const doc::Value& other : all) {
    if (!is(other, "Deployment") && !is(other, "ReplicaSet") && !is(other, "StatefulSet")) continue;
    if (same_namespace(object, other) &&
        selects(selector, labels_at(other, {"spec", "selector", "matchLabels"})) &&
        holds_all(object, other))
      faults.push_back(
          {"/spec/minAvailable", fmt::format("{} {} has no more replicas than that",
                                             doc::find_string(other, {"kind"}), name_of(other))});
  }
}

void unguarded_pods(const doc::Value& object, Objects all, Faults& faults) {
  std::optional<Pod> pod = pod_of(object);
  if (!pod) return;
  Labels labels;
  if (const doc::Object* own =
          pod->metadata ? doc::find_object(*pod->metadata, {"labels"}) : nullptr) {
    for (const auto& member : *own) {
      if (member.value().is_string()) labels.emplace(member.key(), member.value().get_string());
    }
  }
  bool guarded = std::ranges::any_of(all, [&](const doc::Value& policy) {
    return is(policy, "NetworkPolicy") && same_namespace(policy, object) &&
           selects(labels_at(policy, {"spec", "podSelector", "matchLabels"}), labels);
  });
  if (!guarded)
    faults.push_back({pod->pointer + "/metadata/labels", "no NetworkPolicy selects the pod"});
}

}  // namespace raykeep::profile
