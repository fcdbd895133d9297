#include "preflight/survey.h"

#include <functional>
#include <memory>

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "net/certificate.h"
#include "plan/names.h"
#include "preflight/admission.h"
#include "preflight/asking.h"
#include "preflight/limit_range.h"
#include "preflight/rights.h"
#include "preflight/workload.h"

namespace raykeep::preflight {
namespace {

// Each round takes out what one admission plug-in refuses; there are fewer of those.
constexpr int most_rounds = 6;

const kube::Kind namespace_kind{"v1", "Namespace"};
const kube::Kind quota_kind{"v1", "ResourceQuota"};
const kube::Kind limit_range_kind{"v1", "LimitRange"};

kube::Question who_am_i() {
  return kube::creation(
      doc::Object{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}});
}

std::optional<WallTime> end_of_credential(const kube::Config& config) {
  if (!config.token.empty()) return end_of_token(config.token.reveal());
  auto certificate = net::read_certificate(config.client_certificate_pem);
  if (!certificate) return std::nullopt;
  return certificate->not_after;
}

std::vector<std::string> secrets_of(const plan::Plan& plan) {
  std::vector<std::string> names;
  if (!plan.token_secret.empty()) names.push_back(plan.token_secret);
  for (const plan::PlannedSecret& each : plan.secrets) names.push_back(each.name);
  return names;
}

/// Questions whose answers go to several places, asked together.
class Round {
 public:
  void add(kube::Question question, kube::Said* into) {
    questions_.push_back(std::move(question));
    into_.push_back(into);
  }
  void add(std::vector<kube::Question> questions, std::vector<kube::Said>& into) {
    into.resize(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) add(std::move(questions[i]), &into[i]);
  }
  awaitable<void> ask(const Access& access) {
    std::vector<kube::Said> answers = co_await ask_all(access, std::move(questions_));
    for (std::size_t i = 0; i < answers.size(); ++i) *into_[i] = std::move(answers[i]);
  }

 private:
  std::vector<kube::Question> questions_;
  std::vector<kube::Said*> into_;
};

void begin_plan(const plan::Plan& plan, const std::string& ns, PlanSurvey& seen, Round& round) {
  seen.plan = &plan;
  std::vector<kube::Question> live, secrets;
  for (const doc::Value& object : plan.objects) {
    kube::Ref ref = kube::ref_of(object);
    live.push_back(kube::look_at(ref.kind, ref.ns, ref.name));
  }
  for (const std::string& name : secrets_of(plan))
    secrets.push_back(kube::look_at(control::kinds::secret, ns, name));
  round.add(std::move(live), seen.live);
  round.add(std::move(secrets), seen.secrets);
  seen.references = references_of(plan);
}

/// What is cluster-wide is asked for only where that is allowed: whoever reads the audit log shall
/// find no attempt at what is not.
kube::Question may_read(const Reference& reference) {
  auto [group, resource] = resource_of(reference);
  return may_question("", group, resource, "get", reference.name);
}

/// The planned object as `up` would send it to what is there.
doc::Value as_applied(const plan::Plan& plan, const PlanSurvey& seen, std::size_t index) {
  for (std::size_t i = 0; i < plan.objects.size(); ++i) {
    const bool owner = control::name_of(plan.objects[i]) == plan::owner_name(plan.cluster);
    if (owner && i != index && seen.live[i].good())
      return control::completed(plan.objects[index], seen.live[i].body);
  }
  return plan.objects[index];
}

struct DryRun {
  std::string about;
  doc::Value object;
  bool is_pod = false;
  doc::Value modest = nullptr;
  Tried* into = nullptr;
};

/// Tries, takes out what is refused, tries again; every refusal is kept as one of `more`.
awaitable<void> dry_run(const Access* access, DryRun run, std::vector<Tried>* more) {
  for (int round = 0;; ++round) {
    kube::Said said = co_await ask(
        *access, run.is_pod ? kube::dry_create(run.object) : kube::dry_apply(run.object));
    std::optional<doc::Value> rest;
    if (run.is_pod && !said.good() && round < most_rounds)
      rest = without_what_is_refused(run.object, said.message, run.modest);
    if (!rest) {
      run.into->said = std::move(said);
      run.into->sent = std::move(run.object);
      co_return;
    }
    more->push_back({run.about, run.object, std::move(said)});
    run.object = std::move(*rest);
  }
}

/// Those of the plan's objects that nothing of somebody else's stands in the way of.
std::vector<DryRun> dry_runs(const PlanSurvey& seen, const std::string& ns,
                             const doc::Value& modest) {
  std::vector<DryRun> out;
  const plan::Plan& plan = *seen.plan;
  for (std::size_t i = 0; i < plan.objects.size(); ++i) {
    const kube::Said& live = seen.live[i];
    if (live.good() && !control::is_ours(live.body, plan.cluster)) continue;
    out.push_back({control::label_for_people(plan.objects[i]), as_applied(plan, seen, i)});
  }
  for (const Workload& workload : workloads_of(plan))
    out.push_back({"pods of " + workload.label, pod_of(workload, ns), true, modest});
  return out;
}

awaitable<void> try_all(const Access& access, Survey& seen) {
  const doc::Value modest = modest_resources(items_of(seen.limit_ranges));
  // Kept by the tasks: they may outlive this frame when it is cancelled.
  auto tried = std::make_shared<std::vector<std::vector<Tried>>>(seen.plans.size());
  auto more = std::make_shared<std::vector<std::vector<Tried>>>(seen.plans.size());
  std::vector<std::function<awaitable<void>()>> work;
  for (std::size_t p = 0; p < seen.plans.size(); ++p) {
    std::vector<DryRun> runs = dry_runs(seen.plans[p], seen.ns, modest);
    (*tried)[p].resize(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
      Tried& into = (*tried)[p][i];
      into.about = runs[i].about;
      runs[i].into = &into;
      work.push_back([&access, run = std::move(runs[i]), tried, more, p] {
        return dry_run(&access, run, &(*more)[p]);
      });
    }
  }
  co_await run_all(std::move(work));
  for (std::size_t p = 0; p < seen.plans.size(); ++p) {
    seen.plans[p].tried = std::move((*more)[p]);
    for (Tried& each : (*tried)[p]) seen.plans[p].tried.push_back(std::move(each));
  }
}

awaitable<void> ask_for_references(const Access& access, Survey& seen) {
  std::vector<kube::Question> may;
  for (const PlanSurvey& plan : seen.plans) {
    for (const Reference& reference : plan.references) {
      if (is_cluster_wide(reference)) may.push_back(may_read(reference));
    }
  }
  std::vector<kube::Said> allowed = co_await ask_all(access, std::move(may));
  std::size_t at = 0;
  Round round;
  for (PlanSurvey& plan : seen.plans) {
    plan.referred.resize(plan.references.size());
    for (std::size_t i = 0; i < plan.references.size(); ++i) {
      const Reference& reference = plan.references[i];
      if (is_cluster_wide(reference) && !is_allowed(allowed[at++])) continue;
      round.add(question_about(reference, seen.ns), &plan.referred[i].emplace());
    }
  }
  co_await round.ask(access);
}

awaitable<void> ask_mesh(const Access& access, const spec::Site& site, Survey& seen) {
  if (site.mesh != spec::Mesh::istio_sidecar && site.mesh != spec::Mesh::istio_ambient) co_return;
  const std::string root = root_namespace(site);
  std::vector<kube::Question> may{may_list_peer_authentications(seen.ns),
                                  may_list_peer_authentications(root)};
  std::vector<kube::Said> allowed = co_await ask_all(access, std::move(may));
  Round round;
  if (is_allowed(allowed[0]))
    round.add(list_peer_authentications(seen.ns), &seen.mesh.of_namespace.emplace());
  if (is_allowed(allowed[1]))
    round.add(list_peer_authentications(root), &seen.mesh.of_mesh.emplace());
  co_await round.ask(access);
}

}  // namespace

std::vector<doc::Value> items_of(const kube::Said& said) {
  std::vector<doc::Value> out;
  if (!said.good()) return out;
  std::string_view kind = doc::find_string(said.body, {"kind"});
  if (kind.ends_with("List")) kind.remove_suffix(4);
  for (const doc::Value& item : control::list_at(said.body, {"items"})) {
    out.push_back(item);
    if (item.is_object() && !kind.empty()) out.back().get_object()["kind"] = kind;
  }
  return out;
}

awaitable<Survey> survey(const Access& access, std::string ns, const std::vector<plan::Plan>& plans,
                         const spec::Site& site) {
  Survey seen;
  seen.ns = ns;
  seen.credential_ends = end_of_credential(access.client.config());
  seen.version = co_await ask(access, {"GET", "/version"});
  seen.at = std::chrono::system_clock::now();
  if (seen.version.code == 0 || seen.version.code == 401)
    throw Failure(Failure::Kind::disconnected, seen.version.message);
  Round round;
  kube::Said user;
  round.add(who_am_i(), &user);
  round.add(kube::look_at(namespace_kind, "", ns), &seen.ns_object);
  round.add(kube::look_at(control::kinds::network_policy, ns), &seen.policies);
  round.add(kube::look_at(quota_kind, ns), &seen.quotas);
  round.add(kube::look_at(limit_range_kind, ns), &seen.limit_ranges);
  round.add(kube::look_at(control::kinds::pod, ns), &seen.pods);
  round.add(right_questions(rights_to_run(), ns), seen.may_run);
  round.add(right_questions(rights_to_look(), ns), seen.may_look);
  seen.plans.resize(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) begin_plan(plans[i], ns, seen.plans[i], round);
  co_await round.ask(access);
  seen.user = doc::find_string(user.body, {"status", "userInfo", "username"});
  if (seen.ns_object.absent()) co_return seen;
  co_await ask_for_references(access, seen);
  co_await ask_mesh(access, site, seen);
  co_await try_all(access, seen);
  co_return seen;
}

}  // namespace raykeep::preflight
