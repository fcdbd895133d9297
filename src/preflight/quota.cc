#include "preflight/quota.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"

namespace raykeep::preflight {
namespace {

using control::list_at;
using spec::Quantity;

bool holds_values(const doc::Value& expression, const std::string& value) {
  return std::ranges::any_of(list_at(expression, {"values"}), [&](const doc::Value& each) {
    return each.is_string() && each.get_string() == value;
  });
}

bool in_scope(std::string_view scope, const PodUse& pod) {
  if (scope == "Terminating") return pod.terminating;
  if (scope == "NotTerminating") return !pod.terminating;
  if (scope == "BestEffort") return pod.best_effort;
  if (scope == "NotBestEffort") return !pod.best_effort;
  if (scope == "PriorityClass") return !pod.priority_class.empty();
  // CrossNamespacePodAffinity, VolumeAttributesClass: not what Ray's pods are counted by.
  return false;
}

bool satisfies(const doc::Value& expression, const PodUse& pod) {
  std::string_view scope = doc::find_string(expression, {"scopeName"});
  std::string_view operation = doc::find_string(expression, {"operator"});
  if (scope == "PriorityClass") {
    const bool has = !pod.priority_class.empty();
    if (operation == "Exists") return has;
    if (operation == "DoesNotExist") return !has;
    const bool listed = holds_values(expression, pod.priority_class);
    return operation == "In" ? has && listed : !listed;
  }
  return operation == "DoesNotExist" ? !in_scope(scope, pod) : in_scope(scope, pod);
}

bool has_scopes(const doc::Value& quota) {
  return !list_at(quota, {"spec", "scopes"}).empty() ||
         !list_at(quota, {"spec", "scopeSelector", "matchExpressions"}).empty();
}

Quantity sum(const doc::Value& quota, const std::vector<PodUse>& pods, std::string_view resource) {
  Quantity total;
  for (const PodUse& pod : pods) {
    auto found = pod.amounts.find(resource);
    if (found != pod.amounts.end() && counts(quota, pod)) total = total + found->second;
  }
  return total;
}

Quantity difference(const Quantity& a, const Quantity& b) {
  return Quantity::from_milli(a.milli() - b.milli());
}

Obstacle shortage(const doc::Value& quota, std::string_view name, const Quantity& hard,
                  const Quantity& used, const Quantity& wanted, const Quantity& own) {
  const std::string resource = canonical_resource(name);
  const Quantity others = difference(used, own), enough = others + wanted;
  std::string quota_name(control::name_of(quota));
  std::string ns(doc::find_string(quota, {"metadata", "namespace"}));
  auto text = [&](const Quantity& amount) { return amount_text(resource, amount); };
  return {code::quota,
          Weight::blocks,
          Who::namespace_admin,
          fmt::format("ResourceQuota {}: {}", quota_name, name),
          fmt::format("the cluster needs {}, and of {} there {} {} in use by others: {} too little",
                      text(wanted), text(hard), others == Quantity::from_milli(1000) ? "is" : "are",
                      text(others), text(difference(enough, hard))),
          "",
          fmt::format("kubectl patch resourcequota {} -n {} --type=merge -p "
                      "'{{\"spec\":{{\"hard\":{{\"{}\":\"{}\"}}}}}}'\n"
                      "(or we lower replicas or resources in the document)",
                      quota_name, ns, name, text(enough))};
}

}  // namespace

std::vector<PodUse> uses_of(const std::vector<doc::Value>& pods,
                            const std::function<bool(const doc::Value&)>& which) {
  std::vector<PodUse> out;
  for (const doc::Value& pod : pods) {
    std::string_view phase = doc::find_string(pod, {"status", "phase"});
    if (phase == "Succeeded" || phase == "Failed" || !which(pod)) continue;
    if (const doc::Value* spec = doc::find(pod, {"spec"})) out.push_back(use_of_pod(*spec));
  }
  return out;
}

bool counts(const doc::Value& quota, const PodUse& pod) {
  for (const doc::Value& scope : list_at(quota, {"spec", "scopes"})) {
    if (scope.is_string() && !in_scope(scope.get_string(), pod)) return false;
  }
  for (const doc::Value& each : list_at(quota, {"spec", "scopeSelector", "matchExpressions"})) {
    if (!satisfies(each, pod)) return false;
  }
  return true;
}

Obstacles judge_quotas(const std::vector<doc::Value>& quotas, const Usage& demand,
                       const std::vector<PodUse>& own) {
  Obstacles out;
  for (const doc::Value& quota : quotas) {
    const doc::Object* hard = doc::find_object(quota, {"status", "hard"});
    if (hard == nullptr || hard->empty()) hard = doc::find_object(quota, {"spec", "hard"});
    if (hard == nullptr) continue;
    for (const auto& member : *hard) {
      const std::string_view name = member.key();
      const std::string resource = canonical_resource(name);
      const doc::Value* in_use = doc::find(quota, {"status", "used", name});
      const Quantity used = in_use == nullptr ? Quantity() : quantity_in(*in_use);
      const Quantity limit = quantity_in(member.value());
      Quantity wanted = sum(quota, demand.pods, resource);
      if (auto found = demand.objects.find(resource);
          found != demand.objects.end() && !has_scopes(quota))
        wanted = wanted + found->second;
      const Quantity ours = sum(quota, own, resource);
      if (wanted.is_zero() || used + wanted <= limit + ours) continue;
      out.push_back(shortage(quota, name, limit, used, wanted, ours));
    }
  }
  return out;
}

}  // namespace raykeep::preflight
