#include "preflight/amounts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control/fields.h"
#include "kube/kind.h"
#include "preflight/workload.h"

namespace raykeep::preflight {
namespace {

using control::list_at;
using spec::Quantity;

void add(Amounts& to, const Amounts& what, std::int64_t times = 1) {
  for (const auto& [name, amount] : what) to[name] = to[name] + amount * times;
}

void raise(Amounts& to, const Amounts& what) {
  for (const auto& [name, amount] : what) to[name] = std::max(to[name], amount);
}

Amounts of_container(const doc::Value& container) {
  Amounts out;
  for (std::string_view part : {"requests", "limits"}) {
    const doc::Object* listed = doc::find_object(container, {"resources", part});
    if (listed == nullptr) continue;
    for (const auto& member : *listed)
      out[fmt::format("{}.{}", part, std::string_view(member.key()))] = quantity_in(member.value());
  }
  // Kubernetes fills in a request that is not written from its limit.
  const Amounts written = out;
  for (const auto& [name, amount] : written) {
    if (name.starts_with("limits.")) out.try_emplace("requests." + name.substr(7), amount);
  }
  return out;
}

bool stays(const doc::Value& container) {
  return doc::find_string(container, {"restartPolicy"}) == "Always";
}

/// Of a claim or a volume: its storage, under all names that a quota may count it by.
void add_claim(Amounts& to, const doc::Value& claim) {
  const doc::Value* size = doc::find(claim, {"spec", "resources", "requests", "storage"});
  const Quantity storage = size == nullptr ? Quantity() : quantity_in(*size);
  Amounts one{{"persistentvolumeclaims", Quantity::from_milli(1000)},
              {"requests.storage", storage}};
  std::string_view storage_class = doc::find_string(claim, {"spec", "storageClassName"});
  if (!storage_class.empty()) {
    std::string prefix = fmt::format("{}.storageclass.storage.k8s.io/", storage_class);
    one[prefix + "requests.storage"] = storage;
    one[prefix + "persistentvolumeclaims"] = Quantity::from_milli(1000);
  }
  add(to, one);
}

void add_object(Amounts& to, const doc::Value& object) {
  const auto kind = std::string(control::kind_of(object));
  if (kind == "PersistentVolumeClaim") return add_claim(to, object);
  const kube::KindInfo* info = kube::find_kind(doc::find_string(object, {"apiVersion"}), kind);
  if (info == nullptr) return;
  std::string_view group = kube::group_of(info->api_version);
  const Quantity one = Quantity::from_milli(1000);
  std::string name =
      group.empty() ? std::string(info->plural) : fmt::format("count/{}.{}", info->plural, group);
  add(to, {{name, one}});
  if (kind == "Deployment") add(to, {{"count/replicasets.apps", one}});
  std::string_view type = doc::find_string(object, {"spec", "type"});
  if (kind == "Service" && type == "LoadBalancer") add(to, {{"services.loadbalancers", one}});
  if (kind == "Service" && (type == "LoadBalancer" || type == "NodePort"))
    add(to, {{"services.nodeports",
              one * static_cast<std::int64_t>(list_at(object, {"spec", "ports"}).size())}});
}

bool is_bytes(std::string_view resource) {
  return resource.contains("memory") || resource.contains("storage") ||
         resource.contains("hugepages");
}

}  // namespace

spec::Quantity quantity_in(const doc::Value& value) {
  std::string text = value.is_string() ? std::string(value.get_string()) : doc::write_json(value);
  auto parsed = spec::parse_quantity(text);
  return parsed ? *parsed : Quantity();
}

PodUse use_of_pod(const doc::Value& pod_spec) {
  PodUse use;
  Amounts together, sidecars, most_at_start;
  for (const doc::Value& container : list_at(pod_spec, {"containers"}))
    add(together, of_container(container));
  for (const doc::Value& container : list_at(pod_spec, {"initContainers"})) {
    Amounts now = of_container(container);
    if (stays(container)) {
      add(together, now);
      add(sidecars, now);
      now = sidecars;
    } else {
      add(now, sidecars);
    }
    raise(most_at_start, now);
  }
  raise(together, most_at_start);
  if (const doc::Object* overhead = doc::find_object(pod_spec, {"overhead"})) {
    for (const auto& member : *overhead) {
      std::string name(member.key());
      add(together, {{"requests." + name, quantity_in(member.value())}});
      if (together.contains("limits." + name))
        add(together, {{"limits." + name, quantity_in(member.value())}});
    }
  }
  use.best_effort = std::ranges::none_of(together, [](const auto& each) {
    return (each.first.ends_with(".cpu") || each.first.ends_with(".memory")) &&
           !each.second.is_zero();
  });
  together["pods"] = Quantity::from_milli(1000);
  use.amounts = std::move(together);
  use.priority_class = doc::find_string(pod_spec, {"priorityClassName"});
  use.terminating = doc::find(pod_spec, {"activeDeadlineSeconds"}) != nullptr;
  return use;
}

Usage use_of_plan(const plan::Plan& plan, const std::vector<bool>& live, int secrets_to_make) {
  Usage usage;
  for (const Workload& workload : workloads_of(plan)) {
    PodUse one = use_of_pod(workload.spec());
    PodUse all = one;
    for (auto& [name, amount] : all.amounts) amount = amount * workload.replicas;
    usage.pods.push_back(std::move(all));
  }
  for (std::size_t i = 0; i < plan.objects.size(); ++i) {
    if (i >= live.size() || !live[i]) add_object(usage.objects, plan.objects[i]);
  }
  if (secrets_to_make > 0)
    add(usage.objects, {{"secrets", Quantity::from_milli(1000) * secrets_to_make}});
  return usage;
}

std::string canonical_resource(std::string_view name) {
  static constexpr std::array core = {"pods",
                                      "services",
                                      "secrets",
                                      "configmaps",
                                      "persistentvolumeclaims",
                                      "replicationcontrollers",
                                      "resourcequotas"};
  if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
    return "requests." + std::string(name);
  if (name.starts_with("count/") && std::ranges::find(core, name.substr(6)) != core.end())
    return std::string(name.substr(6));
  return std::string(name);
}

std::string amount_text(std::string_view resource, const spec::Quantity& amount) {
  if (!is_bytes(resource)) {
    const std::int64_t milli = amount.milli();
    return milli % 1000 == 0 ? fmt::format("{}", milli / 1000) : fmt::format("{}m", milli);
  }
  const std::int64_t bytes = amount.ceil();
  for (auto [unit, name] : {std::pair<std::int64_t, const char*>{std::int64_t(1) << 40, "Ti"},
                            {std::int64_t(1) << 30, "Gi"},
                            {std::int64_t(1) << 20, "Mi"},
                            {std::int64_t(1) << 10, "Ki"}}) {
    if (bytes >= unit && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  }
  return fmt::format("{}", bytes);
}

}  // namespace raykeep::preflight
