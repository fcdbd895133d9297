// What is to be learned of a namespace by questions and dry runs alone: nothing is made. Values, so
// that what is said of them is pure (judge.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/access.h"
#include "kube/ask.h"
#include "plan/plan.h"
#include "preflight/mesh.h"
#include "preflight/place.h"
#include "preflight/references.h"

namespace raykeep::preflight {

using boost::asio::awaitable;
using control::Access;

/// One dry run. `sent` is the object as it was admitted or last refused.
struct Tried {
  std::string about;
  doc::Value sent;
  kube::Said said;
};

struct PlanSurvey {
  const plan::Plan* plan;
  std::vector<kube::Said> live;  // of the plan's objects, in their order
  std::vector<kube::Said>
      secrets;  // Ray's token if the plan has one, then the plan's other Secrets
  std::vector<Tried> tried;
  std::vector<Reference> references;
  /// Nothing where these rights do not allow to look.
  std::vector<std::optional<kube::Said>> referred;
};

struct Survey {
  std::string ns;
  std::string user;
  WallTime at{};                            // this machine's clock when the version came
  std::optional<WallTime> credential_ends;  // as far as the credential itself tells
  kube::Said version, ns_object, policies, quotas, limit_ranges, pods;
  std::vector<kube::Said> may_run, may_look;  // rights.h
  std::vector<PlanSurvey> plans;
  MeshSurvey mesh;
};

/// The plans must outlive the answer. Throws Failure when the API server cannot be asked at all.
awaitable<Survey> survey(const Access& access, std::string ns, const std::vector<plan::Plan>& plans,
                         const spec::Site& site);

/// The items of a list, with their kind; none where it could not be had.
std::vector<doc::Value> items_of(const kube::Said& said);

}  // namespace raykeep::preflight
