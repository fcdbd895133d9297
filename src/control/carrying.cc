#include "control/carrying.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/secrets.h"
#include "control/status_report.h"
#include "control/token.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using decide::Action;
using Verb = Action::Verb;

constexpr auto to_clean = std::chrono::seconds(20);

/// "demo-head-0" of "Pod demo-head-0".
std::string name_in(const std::string& target) { return target.substr(target.find(' ') + 1); }

[[noreturn]] void gone(const std::string& target) {
  throw Failure(Failure::Kind::invalid, fmt::format("{} is not there any more", target));
}

const doc::Value& planned_object(const Carrier& carrier, const std::string& target) {
  if (carrier.plan != nullptr) {
    for (const doc::Value& object : carrier.plan->objects) {
      if (label_for_people(object) == target) return object;
    }
  }
  gone(target);
}

const doc::Value* live_object(const Observed& observed, const std::string& target) {
  auto found = std::ranges::find(observed.objects, target, label_for_people);
  return found == observed.objects.end() ? nullptr : &*found;
}

/// What is not among ours may still be there, and another's: the view shows ours only.
awaitable<void> refuse_foreign(const Access& access, const doc::Value& planned,
                               std::string cluster) {
  auto found = co_await access.client.find(kube::ref_of(planned), access.request());
  if (!found || is_ours(*found, cluster)) co_return;
  throw Failure(
      Failure::Kind::invalid,
      fmt::format("{} is there already and belongs to {}; rename the cluster, or remove it",
                  label_for_people(planned), belongs_to(*found)));
}

awaitable<void> apply(Carrier carrier, std::string target) {
  const doc::Value& planned = planned_object(carrier, target);
  if (live_object(carrier.observed, target) == nullptr)
    co_await refuse_foreign(carrier.access, planned, carrier.observed.cluster);
  if (is_workload(planned) && carrier.observed.owner() != nullptr) {
    doc::Value owner = owner_reference(*carrier.observed.owner());
    if (!carrier.plan->token_secret.empty())
      co_await ensure_token(carrier.access, *carrier.plan, owner);
    co_await ensure_secrets(carrier.access, *carrier.plan, owner, false, [](const Progress&) {});
  }
  kube::Applied applied = co_await apply_object(carrier.access, planned, false);
  if (first_difference(planned, applied.object).empty()) {
    carrier.normalised.erase(target);
  } else {
    carrier.normalised[target] = normalised(planned, applied.object);
  }
}

/// What no plan names is removed by the newest document, not by one that a watch on a dead
/// connection still shows.
awaitable<void> require_unchanged_document(Carrier carrier) {
  const doc::Value* owner = carrier.observed.owner();
  if (owner == nullptr) co_return;
  auto now = co_await carrier.access.client.find(kube::ref_of(*owner), carrier.access.request());
  if (now && stored_fingerprint(*now) == stored_fingerprint(*owner)) co_return;
  throw Failure(Failure::Kind::disconnected,
                "the stored document changed meanwhile; it is looked at again");
}

awaitable<void> remove_object(Carrier carrier, std::string target) {
  const doc::Value* live = live_object(carrier.observed, target);
  if (live == nullptr) co_return;
  co_await require_unchanged_document(carrier);
  co_await carrier.access.client.remove(kube::ref_of(*live), {.uid = std::string(uid_of(*live))},
                                        carrier.access.request());
}

awaitable<void> remove_pod(Carrier carrier, Action action,
                           std::optional<std::chrono::seconds> grace) {
  co_await carrier.access.client.remove({kinds::pod, carrier.observed.ns, name_in(action.target)},
                                        {.uid = action.uid, .grace = grace},
                                        carrier.access.request());
}

awaitable<void> avoid(Carrier carrier, std::string node) {
  const std::string name = plan::head_name(carrier.observed.cluster);
  const doc::Value* set = carrier.observed.find("StatefulSet", name);
  if (set == nullptr) co_return;
  co_await carrier.access.client.merge_patch(kube::ref_of(*set), avoid_patch(*set, node),
                                             carrier.access.request());
}

awaitable<void> write_note(Carrier carrier) {
  std::optional<doc::Value> note = cleanup_note(carrier.observed);
  if (!note) co_return;  // the head's objects are being made; the next look writes it
  co_await carrier.access.client.apply(
      *note, {.field_manager = std::string(plan::field_manager), .force = true},
      carrier.access.request());
}

awaitable<void> drop_note(const Access& access, std::string ns, std::string name) {
  co_await access.client.remove({kinds::config_map, ns, name}, {}, access.request());
}

/// A term of ours: by the node's name. Others, by labels, are the document's.
bool is_avoidance(const doc::Value& term) {
  return !list_at(term, {"preference", "matchFields"}).empty();
}

}  // namespace

doc::Value avoid_patch(const doc::Value& stateful_set, const std::string& node) {
  constexpr std::string_view list = "preferredDuringSchedulingIgnoredDuringExecution";
  doc::Array terms;
  for (const doc::Value& term :
       list_at(stateful_set, {"spec", "template", "spec", "affinity", "nodeAffinity", list})) {
    if (!is_avoidance(term)) terms.push_back(term);
  }
  if (!node.empty()) {
    doc::Object field{
        {"key", "metadata.name"}, {"operator", "NotIn"}, {"values", doc::Array{node}}};
    terms.push_back(
        doc::Object{{"weight", 100},
                    {"preference", doc::Object{{"matchFields", doc::Array{std::move(field)}}}}});
  }
  doc::Value preferred = terms.empty() ? doc::Value(nullptr) : doc::Value(std::move(terms));
  doc::Object affinity{{"nodeAffinity", doc::Object{{list, std::move(preferred)}}}};
  doc::Value annotation = node.empty() ? doc::Value(nullptr) : doc::Value(node);
  return doc::Object{
      {"metadata", doc::Object{{"annotations", doc::Object{{avoid_node_annotation, annotation}}}}},
      {"spec",
       doc::Object{{"template", doc::Object{{"spec", doc::Object{{"affinity", affinity}}}}}}}};
}

std::optional<doc::Value> cleanup_note(const Observed& observed) {
  const doc::Value* owner = observed.owner();
  std::optional<RoadTarget> target = store_of(observed);
  if (owner == nullptr || !target) return std::nullopt;
  doc::Object content = to_json(*target);
  content["owner"] = uid_of(*owner);
  // One for each generation: an earlier one's may still have to be worked off.
  std::string name =
      fmt::format("raykeep-cleanup-{}-{}", observed.cluster, uid_of(*owner).substr(0, 8));
  return doc::Object{
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", doc::Object{{"name", name},
                               {"namespace", observed.ns},
                               {"labels", doc::Object{{cleanup_label, observed.cluster}}}}},
      {"data", doc::Object{{cleanup_key, doc::write_json(doc::Value(std::move(content)))}}}};
}

std::vector<decide::Note> note_facts(const std::vector<doc::Value>& notes, const Observed& observed,
                                     const std::map<std::string, std::string>& problems) {
  const std::optional<RoadTarget> living = store_of(observed);
  const std::optional<doc::Value> due = cleanup_note(observed);
  std::vector<decide::Note> made;
  for (const doc::Value& note : notes) {
    decide::Note fact{.name = std::string(name_of(note)), .owner_uid = {}};
    auto value = doc::parse_json(doc::find_string(note, {"data", cleanup_key}));
    auto target = value ? target_from_json(*value) : std::nullopt;
    if (value) fact.owner_uid = doc::find_string(*value, {"owner"});
    fact.in_use = living && target && living->storage_namespace == target->storage_namespace &&
                  living->addresses == target->addresses;
    const bool is_outdated = due && name_of(*due) == fact.name &&
                             doc::find_string(*due, {"data", cleanup_key}) !=
                                 doc::find_string(note, {"data", cleanup_key});
    if (is_outdated) continue;  // the state moved to another Redis: it is written anew
    if (auto problem = problems.find(fact.name); problem != problems.end())
      fact.problem = problem->second;
    made.push_back(std::move(fact));
  }
  return made;
}

awaitable<std::string> clean_keys(const Access& access, Store& store, std::string ns,
                                  std::string note) {
  try {
    auto found = co_await access.client.find({kinds::config_map, ns, note}, access.request());
    if (!found) co_return "";
    auto value = doc::parse_json(doc::find_string(*found, {"data", cleanup_key}));
    auto target = value ? target_from_json(*value) : std::nullopt;
    if (!target) co_return "the note cannot be read";
    redis::Cleaned cleaned = co_await store.clean(*target, to_clean);
    if (!cleaned.held_by.empty())
      co_return fmt::format("a head still holds the lease: {}", cleaned.held_by);
    if (!cleaned.complete)
      co_return fmt::format("{} keys are left after {} s", cleaned.left, to_clean.count());
    co_await drop_note(access, ns, note);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    co_return failure.what();
  } catch (const std::exception& bug) {
    co_return bug.what();
  }
  co_return "";
}

awaitable<void> carry_out(Carrier carrier, Action action) {
  switch (action.verb) {
    case Verb::write_note:
      co_return co_await write_note(carrier);
    case Verb::apply:
      co_return co_await apply(carrier, action.target);
    case Verb::remove:
      co_return co_await remove_object(carrier, action.target);
    case Verb::clear_avoid:
      co_return co_await avoid(carrier, "");
    case Verb::avoid_node:
      co_return co_await avoid(carrier, action.target);
    case Verb::ask_to_end:
      co_return co_await remove_pod(carrier, action, carrier.limits.ask_grace);
    case Verb::force_delete:
      co_return co_await remove_pod(carrier, action, std::chrono::seconds(0));
    case Verb::replace_worker:
    case Verb::renew:
      co_return co_await remove_pod(carrier, action, std::nullopt);
    case Verb::drop_note:
      co_return co_await drop_note(carrier.access, carrier.observed.ns, action.target);
    case Verb::clean_keys:
      throw Failure(Failure::Kind::bug, "clean_keys is not for carry_out()");
  }
}

}  // namespace raykeep::control
