#include "control/entrust.h"

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/status_report.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_looks = 500ms;
constexpr Duration before_giving_up = 10s;  // it tries again by itself
constexpr Duration before_wondering = 20s;

constexpr const char* its_log = "kubectl logs -l app.kubernetes.io/name=raykeep-controller -n";

struct Answer {
  bool taken_up = false;  // it speaks of this document
  bool applied = false;
  bool refused = false;  // trying again will not help
  std::string problem;
};

Answer read_answer(const doc::Value& owner) {
  StoredStatus status = stored_status(owner);
  Answer made;
  made.taken_up = status.fingerprint == stored_fingerprint(owner);
  if (!made.taken_up) return made;
  const StoredCondition* accepted = status.find("Accepted");
  const StoredCondition* applied = status.find("Applied");
  made.refused = accepted != nullptr && accepted->status == "False";
  made.applied = applied != nullptr && applied->status == "True";
  if (made.refused) {
    made.problem = accepted->message;
  } else if (applied != nullptr &&
             (applied->reason == "ApplyFailed" || applied->reason == "Foreign")) {
    made.problem = applied->message;
  }
  return made;
}

Diagnosis trouble(const plan::Plan& plan, const Answer& answer) {
  return {.object = "ConfigMap " + plan::owner_name(plan.cluster),
          .reason = answer.refused ? "ControllerRefuses" : "ControllerCannotApply",
          .what = answer.refused ? "the controller does not run this document"
                                 : "the controller cannot carry this document out",
          .why = answer.problem,
          .next = answer.refused ? "change what it names, or ask who installed the controller; its "
                                   "policy stands on its command line"
                                 : "remove what stands in the way; the controller goes on trying",
          .hopeless = answer.refused};
}

}  // namespace

awaitable<bool> wait_for_controller(const Access& access, const plan::Plan& plan, Deadline until,
                                    const Report& report) {
  const kube::Ref ref{kinds::config_map, plan.ns, plan::owner_name(plan.cluster)};
  const Instant began = access.clock.now();
  std::optional<Instant> problem_since;
  bool wondered = false;
  for (;;) {
    Answer answer;
    try {
      std::optional<doc::Value> owner = co_await access.client.find(ref, access.request());
      if (!owner)
        throw Failure(Failure::Kind::invalid,
                      fmt::format("{} was deleted meanwhile", kube::to_string(ref)));
      answer = read_answer(*owner);
    } catch (const Failure& failure) {
      if (!failure.passes()) throw;
    }
    if (answer.applied) co_return true;
    const Instant now = access.clock.now();
    if (answer.problem.empty()) problem_since.reset();
    if (!answer.problem.empty() && !problem_since) problem_since = now;
    if (answer.refused || (problem_since && now - *problem_since >= before_giving_up)) {
      report(Trouble{trouble(plan, answer)});
      co_return false;
    }
    if (!answer.taken_up && !wondered && now - began >= before_wondering) {
      wondered = true;
      report(Note{fmt::format("the controller has not looked at it yet; {} {} says why", its_log,
                              plan.ns)});
    }
    if (until.passed(access.clock)) {
      report(Note{fmt::format("not applied in time; the controller goes on trying: {} {}", its_log,
                              plan.ns)});
      co_return false;
    }
    co_await pause(std::min<Duration>(between_looks, until.left(access.clock)));
  }
}

}  // namespace raykeep::control
