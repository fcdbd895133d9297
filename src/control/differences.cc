#include "control/differences.h"

#include <cstdint>
#include <functional>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/token.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// Values that stand for secrets: they differ when the secrets do, and 32 bits of a hash give no
/// token away.
void hide_values(doc::Object& secret) {
  for (std::string_view field : {"data", "stringData"}) {
    doc::Value* values = secret.if_contains(field);
    if (values == nullptr || !values->is_object()) continue;
    for (auto& member : values->get_object()) {
      std::string_view value =
          member.value().is_string() ? std::string_view(member.value().get_string()) : "";
      member.value() = fmt::format(
          "*** (#{:08x})", static_cast<std::uint32_t>(std::hash<std::string_view>{}(value)));
    }
  }
}

}  // namespace

doc::Value comparable(doc::Value object) {
  doc::Object& top = object.as_object();
  top.erase("status");
  if (doc::Value* metadata = top.if_contains("metadata");
      metadata != nullptr && metadata->is_object()) {
    for (std::string_view field : {"managedFields", "resourceVersion", "generation", "uid",
                                   "creationTimestamp", "selfLink"}) {
      metadata->get_object().erase(field);
    }
    // Of the plan as a whole: what it stands for is compared.
    doc::Value* annotations = metadata->get_object().if_contains("annotations");
    if (annotations != nullptr && annotations->is_object()) {
      annotations->get_object().erase(plan::plan_annotation);
      if (annotations->get_object().empty()) metadata->get_object().erase("annotations");
    }
  }
  if (kind_of(object) == "Secret") hide_values(top);
  return object;
}

awaitable<std::vector<ObjectDifference>> differences(const Access& access, const plan::Plan& plan) {
  Live live = co_await find_live(access, plan);
  std::vector<ObjectDifference> all;
  std::vector<Foreign> foreign = foreign_among(live, plan.cluster);
  if (!foreign.empty()) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("diff: {} is of {}, not of this cluster; raykeep up would refuse",
                              foreign[0].object, foreign[0].whose));
  }
  std::optional<doc::Value> owner;
  for (std::size_t i = 0; i < plan.objects.size(); ++i) {
    const doc::Value& object = plan.objects[i];
    const bool is_owner =
        kind_of(object) == "ConfigMap" && name_of(object) == plan::owner_name(plan.cluster);
    if (live[i] && is_owner) owner = *live[i];
    if (!live[i]) {
      all.push_back({ObjectDifference::What::added, label_for_people(object), {}});
      continue;
    }
    kube::Applied applied = co_await access.client.apply(
        is_owner ? object : completed(object, owner),
        {.field_manager = std::string(plan::field_manager), .force = true, .dry_run = true},
        access.request());
    std::vector<doc::Change> changes = doc::diff(comparable(*live[i]), comparable(applied.object));
    if (!changes.empty())
      all.push_back(
          {ObjectDifference::What::changed, label_for_people(object), std::move(changes)});
  }
  if (!plan.token_secret.empty()) {
    bool there = co_await has_token(access, plan);
    if (!there) all.push_back({ObjectDifference::What::added, "Secret " + plan.token_secret, {}});
  }
  for (const plan::PlannedSecret& planned : plan.secrets) {
    std::optional<doc::Value> found =
        co_await access.client.find({kinds::secret, plan.ns, planned.name}, access.request());
    if (!found) all.push_back({ObjectDifference::What::added, "Secret " + planned.name, {}});
  }
  Observed observed =
      co_await observe(access, plan.ns, plan.cluster, {.events = false, .everything = true});
  for (const kube::Ref& ref : to_prune(observed, plan))
    all.push_back(
        {ObjectDifference::What::removed, fmt::format("{} {}", ref.kind.kind, ref.name), {}});
  co_return all;
}

}  // namespace raykeep::control
