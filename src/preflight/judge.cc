#include "preflight/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "plan/names.h"
#include "preflight/admission.h"
#include "preflight/limit_range.h"
#include "preflight/quota.h"
#include "preflight/rights.h"

namespace raykeep::preflight {
namespace {

void append(Obstacles& to, Obstacles from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// What could not be read at all, though `edit` may.
void judge_readable(const Survey& seen, Obstacles& out) {
  auto unreadable = [&](const kube::Said& said, const char* what) {
    if (said.good() || said.absent()) return;
    out.push_back({code::unreadable, Weight::unchecked, Who::namespace_admin,
                   fmt::format("{} of namespace {}", what, seen.ns), "they cannot be read",
                   said.message,
                   fmt::format("Please let us read the {} of namespace {}, as the ClusterRole edit "
                               "does.",
                               what, seen.ns)});
  };
  unreadable(seen.policies, "NetworkPolicies");
  unreadable(seen.quotas, "ResourceQuotas");
  unreadable(seen.limit_ranges, "LimitRanges");
  unreadable(seen.pods, "pods");
}

void judge_live(const doc::Value& live, const plan::Plan& plan, Obstacles& out) {
  const std::string about = control::label_for_people(live);
  if (!control::is_ours(live, plan.cluster)) {
    out.push_back({code::name_taken, Weight::blocks, Who::you, about,
                   fmt::format("it is there and belongs to {}; cluster {} needs the name",
                               control::belongs_to(live), plan.cluster),
                   "",
                   fmt::format("Rename the cluster {}, or: kubectl delete {} -n {}", plan.cluster,
                               fmt::format("{} {}", control::kind_of(live), control::name_of(live)),
                               plan.ns)});
  } else if (control::is_going(live)) {
    out.push_back({code::going, Weight::blocks, Who::you, about, "it is still being deleted", "",
                   fmt::format("Run to its end: raykeep down {} -n {}", plan.cluster, plan.ns)});
  }
}

/// Ray's token: made by `up` where it is not there.
void judge_secrets(const PlanSurvey& seen, Obstacles& out) {
  const plan::Plan& plan = *seen.plan;
  for (std::size_t i = 0; i < seen.secrets.size(); ++i) {
    const bool is_token = i == 0 && !plan.token_secret.empty();
    const kube::Said& said = seen.secrets[i];
    if (!said.good()) continue;
    const doc::Value& secret = said.body;
    const bool users = is_token && plan.token_secret_is_users;
    if (!users) judge_live(secret, plan, out);
    if (!users && !control::is_ours(secret, plan.cluster)) continue;
    if (!is_token || doc::find(secret, {"data", plan::token_key}) != nullptr) continue;
    out.push_back(
        {code::reference_key, Weight::blocks, Who::you,
         fmt::format("Secret {}, key {}", plan.token_secret, plan::token_key),
         "the key is not in it, and Ray's pods need it", "",
         fmt::format("Delete the Secret {} in namespace {}, and raykeep up makes it anew.",
                     plan.token_secret, plan.ns)});
  }
}

/// What one policy says of several objects is one obstacle, about all of them.
Obstacles together(Obstacles obstacles) {
  Obstacles out;
  for (Obstacle& each : obstacles) {
    const std::size_t end = each.about.find(": ");
    auto same = std::ranges::find_if(out, [&](const Obstacle& other) {
      return each.code == code::policy && other.code == code::policy && other.why == each.why &&
             other.about.starts_with(each.about.substr(0, end + 2));
    });
    if (same == out.end()) {
      out.push_back(std::move(each));
      continue;
    }
    const std::string object = each.about.substr(end + 2);
    same->about += ", " + object;
    same->send += fmt::format("\nLikewise: {}", object);
  }
  return out;
}

void judge_plan(const Survey& seen, const PlanSurvey& plan, bool ranges_known, Obstacles& out) {
  for (const kube::Said& live : plan.live) {
    if (live.good()) judge_live(live.body, *plan.plan, out);
  }
  judge_secrets(plan, out);
  for (std::size_t i = 0; i < plan.references.size(); ++i) {
    if (plan.referred[i])
      append(out, judge_reference(plan.references[i], seen.ns, *plan.referred[i]));
  }
  for (const Tried& tried : plan.tried) {
    Obstacles found = judge_dry_run(tried.about, seen.ns, tried.said);
    // All containers were compared with the ranges already; this names the first one again.
    if (ranges_known)
      std::erase_if(found, [](const Obstacle& each) { return each.code == code::limit_range; });
    append(out, std::move(found));
    if (tried.said.good() && control::kind_of(tried.sent) == "Pod")
      append(out, judge_injection(tried.about, tried.sent, tried.said.body));
  }
}

}  // namespace

Usage use_of(const Survey& seen) {
  Usage all;
  for (const PlanSurvey& plan : seen.plans) {
    std::vector<bool> live;
    for (const kube::Said& said : plan.live) live.push_back(said.good());
    int secrets = 0;
    for (std::size_t i = 0; i < plan.secrets.size(); ++i) {
      const bool users = i == 0 && plan.plan->token_secret_is_users;
      if (plan.secrets[i].absent() && !users) ++secrets;
    }
    Usage one = use_of_plan(*plan.plan, live, secrets);
    all.pods.insert(all.pods.end(), one.pods.begin(), one.pods.end());
    for (const auto& [name, amount] : one.objects) all.objects[name] = all.objects[name] + amount;
  }
  return all;
}

std::vector<PodUse> own_pods(const Survey& seen) {
  return uses_of(items_of(seen.pods), [&](const doc::Value& pod) {
    return std::ranges::any_of(seen.plans, [&](const PlanSurvey& plan) {
      return control::is_ours(pod, plan.plan->cluster);
    });
  });
}

Obstacles judge(const Survey& seen, const spec::Site& site) {
  Obstacles out;
  append(out, judge_version(seen.version));
  append(out, judge_clock(seen.version.date, seen.at));
  append(out, judge_credential(seen.credential_ends, seen.at));
  append(out, judge_namespace(seen.ns, seen.ns_object));
  if (seen.ns_object.absent()) return out;
  append(out, judge_rights(rights_to_run(), Weight::blocks, seen.ns, seen.user, seen.may_run));
  append(out, judge_rights(rights_to_look(), Weight::may_block, seen.ns, seen.user, seen.may_look));
  judge_readable(seen, out);
  if (seen.policies.good()) append(out, judge_default_deny(seen.ns, items_of(seen.policies)));
  if (seen.ns_object.good()) append(out, judge_mesh(seen.ns_object.body, site));
  if (seen.ns_object.good()) append(out, judge_mesh_kind(seen.ns_object.body, site));
  append(out, judge_strictness(seen.ns, seen.mesh, site));
  const std::vector<doc::Value> ranges = items_of(seen.limit_ranges);
  append(out, judge_quotas(items_of(seen.quotas), use_of(seen), own_pods(seen)));
  for (const PlanSurvey& plan : seen.plans) append(out, judge_limit_ranges(ranges, *plan.plan));
  const bool ranges_known =
      std::ranges::any_of(out, [](const Obstacle& each) { return each.code == code::limit_range; });
  for (const PlanSurvey& plan : seen.plans) judge_plan(seen, plan, ranges_known, out);
  return together(std::move(out));
}

}  // namespace raykeep::preflight
