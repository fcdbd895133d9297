#include "control/apply.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/refusal.h"
#include "control/secrets.h"
#include "control/token.h"
#include "plan/generation.h"
#include "plan/names.h"
#include "plan/object.h"

namespace raykeep::control {
namespace {

bool names_object(const plan::Plan& plan, const doc::Value& object) {
  return std::ranges::any_of(plan.objects, [&](const doc::Value& planned) {
    return kind_of(planned) == kind_of(object) && name_of(planned) == name_of(object);
  });
}

/// Orphans of this cluster, or the volume claims among them.
std::vector<kube::Ref> unplanned(const Observed& observed, const plan::Plan& plan, bool claims) {
  std::vector<kube::Ref> out;
  for (bool workloads : {true, false}) {
    for (const doc::Value& object : observed.objects) {
      if (is_workload(object) != workloads ||
          (kind_of(object) == "PersistentVolumeClaim") != claims)
        continue;
      if (!names_object(plan, object) && is_ours(object, plan.cluster) && !is_going(object))
        out.push_back(kube::ref_of(object));
    }
  }
  return out;
}

void refuse_foreign(const std::vector<Foreign>& foreign, const plan::Plan& plan) {
  if (foreign.empty()) return;
  std::vector<std::string> names;
  for (const Foreign& each : foreign)
    names.push_back(fmt::format("{} (of {})", each.object, each.whose));
  throw Failure(
      Failure::Kind::invalid,
      fmt::format("in namespace {} there already {} {}: nothing was touched; rename the cluster "
                  "{}, or remove what is in its way with kubectl delete",
                  plan.ns, names.size() == 1 ? "is" : "are", join(names, ", "), plan.cluster));
}

void refuse_going(const Live& live) {
  for (const auto& object : live) {
    if (!object || !is_going(*object)) continue;
    throw Failure(
        Failure::Kind::invalid,
        fmt::format(
            "{} is still being deleted: nothing was touched; run raykeep down to its end, or wait",
            label_for_people(*object)));
  }
}

/// A refusal with the words of explain_refusal() and, for fields that Kubernetes never changes, the
/// way out.
[[noreturn]] void explain_failure(const Failure& failure, const doc::Value& object) {
  std::string_view text = failure.what();
  bool immutable = text.find("field is immutable") != std::string_view::npos ||
                   text.find("updates to statefulset spec") != std::string_view::npos ||
                   text.find("may not be changed once set") != std::string_view::npos;
  std::string name = label_for_people(object);
  if (immutable) {
    bool pods = is_workload(object);
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{}: Kubernetes never changes this field of a living object; next: "
                              "kubectl delete {} {} -n {}{}, then raykeep up again",
                              text, kind_of(object), name_of(object),
                              doc::find_string(object, {"metadata", "namespace"}),
                              pods ? " --cascade=orphan" : ""));
  }
  Diagnosis known = explain_refusal(name, text);
  if (known.reason == "Refused") throw failure;
  throw Failure(failure.kind(), fmt::format("{}; next: {}", text, known.next));
}

Done done_of(const kube::Applied& applied, const std::optional<doc::Value>& before, bool dry_run) {
  Done::What what = !before ? Done::What::created
                    : resource_version_of(applied.object) == resource_version_of(*before)
                        ? Done::What::unchanged
                        : Done::What::changed;
  return {what, label_for_people(applied.object), dry_run};
}

/// Whether the stored document is still the one that `owner` was applied with.
awaitable<bool> is_still_stored(const Access& access, const doc::Value& owner) {
  auto now = co_await access.client.find(kube::ref_of(owner), access.request());
  co_return now&& stored_fingerprint(*now) == stored_fingerprint(owner);
}

/// What no plan names is removed by the newest document: not by one that somebody else has replaced
/// meanwhile.
awaitable<bool> prune(const Access& access, const plan::Plan& plan,
                      const std::optional<doc::Value>& owner, bool dry_run, const Report& report) {
  Observed observed =
      co_await observe(access, plan.ns, plan.cluster, {.events = false, .everything = true});
  bool any = false;
  const std::vector<kube::Ref> orphans = to_prune(observed, plan);
  if (owner && !dry_run && !orphans.empty()) {
    bool newest = co_await is_still_stored(access, *owner);
    if (!newest) {
      report(
          Note{"another document was stored meanwhile: what this one does not name is left to "
               "whoever stored that"});
      co_return false;
    }
  }
  for (const kube::Ref& ref : orphans) {
    const doc::Value* object = observed.find(ref.kind.kind, ref.name);
    if (!dry_run)
      co_await access.client.remove(
          ref, {.uid = object == nullptr ? "" : std::string(uid_of(*object))}, access.request());
    report(Done{Done::What::removed, fmt::format("{} {}", ref.kind.kind, ref.name), dry_run});
    any = true;
  }
  bool pruned_secrets = co_await prune_secrets(access, plan, dry_run, report);
  any |= pruned_secrets;
  for (const kube::Ref& ref : kept_claims(observed, plan)) {
    report(
        Note{fmt::format("PersistentVolumeClaim {} is not in the document any more and is kept for "
                         "its data; kubectl delete pvc {} removes it",
                         ref.name, ref.name)});
  }
  co_return any;
}

/// The token's Secret stands before the workloads, so that no pod waits for it.
awaitable<bool> carry_out_token(const Access& access, const plan::Plan& plan,
                                const doc::Value& reference, bool dry_run, const Report& report) {
  bool in_plan = std::ranges::any_of(plan.objects, [&](const doc::Value& each) {
    return kind_of(each) == "Secret" && name_of(each) == plan.token_secret;
  });
  if (plan.token_secret.empty() || in_plan || plan.token_secret_is_users) co_return false;
  bool made = false;
  if (dry_run) {
    bool there = co_await has_token(access, plan);
    made = !there;
  } else {
    made = co_await ensure_token(access, plan, reference);
  }
  report(Done{made ? Done::What::created : Done::What::unchanged, "Secret " + plan.token_secret,
              dry_run});
  co_return made;
}

bool is_owner(const doc::Value& object, const plan::Plan& plan) {
  return kind_of(object) == "ConfigMap" && name_of(object) == plan::owner_name(plan.cluster);
}

/// What is there of the plan. Refuses what stands in its way; nothing was touched yet.
awaitable<Live> look_ahead(const Access& access, const plan::Plan& plan) {
  Live live = co_await find_live(access, plan);
  refuse_foreign(foreign_among(live, plan.cluster), plan);
  refuse_going(live);
  if (!plan.token_secret.empty()) co_await has_token(access, plan);
  co_await check_secrets(access, plan);
  co_return live;
}

/// Takes back what an interrupted `down` said on the owner.
awaitable<void> end_removal(const Access& access, const doc::Value& owner) {
  if (doc::find(owner, {"metadata", "annotations", removing_annotation}) == nullptr) co_return;
  doc::Object patch{
      {"metadata", doc::Object{{"annotations", doc::Object{{removing_annotation, nullptr}}}}}};
  co_await access.client.merge_patch(kube::ref_of(owner), std::move(patch), access.request());
}

}  // namespace

awaitable<kube::Applied> apply_object(const Access& access, doc::Value object, bool dry_run) {
  std::optional<Failure> failed;
  try {
    kube::Applied applied = co_await access.client.apply(
        object,
        {.field_manager = std::string(plan::field_manager), .force = true, .dry_run = dry_run},
        access.request());
    co_return applied;
  } catch (const Failure& failure) {
    failed = failure;
  }
  explain_failure(*failed, object);
}

awaitable<Live> find_live(const Access& access, const plan::Plan& plan) {
  Live live;
  for (const doc::Value& object : plan.objects) {
    std::optional<doc::Value> found =
        co_await access.client.find(kube::ref_of(object), access.request());
    live.push_back(std::move(found));
  }
  co_return live;
}

std::vector<Foreign> foreign_among(const Live& live, const std::string& cluster) {
  std::vector<Foreign> foreign;
  for (const auto& object : live) {
    if (object && !is_ours(*object, cluster))
      foreign.push_back({label_for_people(*object), belongs_to(*object)});
  }
  return foreign;
}

doc::Value owner_reference(const doc::Value& owner) {
  return doc::Object{{"apiVersion", "v1"},
                     {"kind", "ConfigMap"},
                     {"name", name_of(owner)},
                     {"uid", uid_of(owner)}};
}

doc::Value owned(doc::Value object, const doc::Value& reference) {
  if (!reference.is_object()) return object;
  if (!outlives_cluster(object))
    object.as_object()["metadata"].as_object()["ownerReferences"] = doc::Array{reference};
  return plan::in_generation(std::move(object), doc::find_string(reference, {"uid"}));
}

doc::Value completed(doc::Value object, const std::optional<doc::Value>& owner) {
  if (!owner) return object;
  object = owned(plan::in_generation(std::move(object), plan::generation_of(*owner)),
                 owner_reference(*owner));
  const std::string hash = plan::content_hash(doc::write_json(object));
  plan::object_at(object.as_object()["metadata"].as_object(),
                  "annotations")[plan::plan_annotation] = hash;
  return object;
}

std::vector<kube::Ref> to_prune(const Observed& observed, const plan::Plan& plan) {
  return unplanned(observed, plan, false);
}

std::vector<kube::Ref> kept_claims(const Observed& observed, const plan::Plan& plan) {
  return unplanned(observed, plan, true);
}

awaitable<bool> store_document(const Access& access, const plan::Plan& plan, const Report& report) {
  const Live live = co_await look_ahead(access, plan);
  auto planned = std::ranges::find_if(
      plan.objects, [&](const doc::Value& object) { return is_owner(object, plan); });
  const std::optional<doc::Value>& before =
      live[static_cast<std::size_t>(planned - plan.objects.begin())];
  kube::Applied applied = co_await apply_object(access, *planned, false);
  co_await end_removal(access, applied.object);
  Done done = done_of(applied, before, false);
  report(done);
  const doc::Value reference = owner_reference(applied.object);
  bool token = co_await carry_out_token(access, plan, reference, false, report);
  bool others = co_await ensure_secrets(access, plan, reference, false, report);
  co_return done.what != Done::What::unchanged || token || others;
}

awaitable<ApplyOutcome> carry_out(const Access& access, const plan::Plan& plan, bool dry_run,
                                  const Report& report) {
  const Live live = co_await look_ahead(access, plan);
  ApplyOutcome outcome;
  std::optional<doc::Value> live_owner;  // stays away in a dry run for a cluster that is not there
  bool secrets_done = false;
  for (std::size_t i = 0; i < plan.objects.size(); ++i) {
    const doc::Value& object = plan.objects[i];
    const bool owns = is_owner(object, plan);
    if (is_workload(object) && !secrets_done) {
      doc::Value reference = live_owner ? owner_reference(*live_owner) : doc::Value();
      bool token = co_await carry_out_token(access, plan, reference, dry_run, report);
      bool others = co_await ensure_secrets(access, plan, reference, dry_run, report);
      outcome.changed |= token || others;
      secrets_done = true;
    }
    kube::Applied applied =
        co_await apply_object(access, owns ? object : completed(object, live_owner), dry_run);
    if (owns && (!dry_run || live[i])) live_owner = applied.object;
    if (owns && !dry_run) co_await end_removal(access, applied.object);
    Done done = done_of(applied, live[i], dry_run);
    outcome.changed |= done.what != Done::What::unchanged;
    outcome.workloads_changed |= is_workload(object) && done.what != Done::What::unchanged;
    report(done);
  }
  bool pruned = co_await prune(access, plan, live_owner, dry_run, report);
  outcome.changed |= pruned;
  co_return outcome;
}

}  // namespace raykeep::control
