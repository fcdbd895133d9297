// From what became of the offers to each port to a verdict: what was let in and must not be, and
// whose certificate is not as it should be. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "spec/site.h"
#include "verify/places.h"
#include "verify/result.h"
#include "verify/tls_matrix.h"

namespace raykeep::verify {

/// By index of TlsMatrix::tries; an absent one was not tried.
using TlsOutcomes = std::map<std::size_t, Offers>;

struct TlsJudgeInput {
  const plan::Plan& plan;
  const spec::Site& site;
  const std::vector<Place>& places;
  const TlsMatrix& matrix;
  const TlsOutcomes& outcomes;
  const std::map<std::size_t, std::string>& not_run;  // by place: why its probe could not be run
  std::optional<std::string> authority_pem;  // what nodes trust; nothing: it could not be read
  std::string no_expired;  // why no expired certificate was offered; empty: it was
  std::chrono::system_clock::time_point now;
};

/// Fills `tls` and adds faults.
void judge_tls(const TlsJudgeInput& input, Verification& result);

}  // namespace raykeep::verify
