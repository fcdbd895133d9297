#include "control/certificates.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/facts.h"
#include "control/fields.h"
#include "control/stored_document.h"

namespace raykeep::control {
namespace {

using decide::Certificate;

constexpr const char* remedy =
    "the controller starts such nodes again; where none runs: raykeep controller install";

}  // namespace

CertificateStatus certificate_status(const Observed& observed) {
  CertificateStatus made;
  const doc::Value* owner = observed.owner();
  if (owner == nullptr) return made;
  Result<StoredDocument> stored = stored_document(*owner, observed.cluster);
  if (!stored) return made;
  const CertificateTimes times{.lifetime = stored->site.certificate_lifetime, .renew_before = {}};
  int nodes = 0, urgent = 0, over = 0;
  std::optional<WallTime> first;
  for (const doc::Value& pod : observed.pods) {
    const std::optional<WallTime> began = node_began(pod);
    if (!began || is_going(pod)) continue;
    ++nodes;
    first = std::min(first.value_or(*began), *began);
    const Certificate age = certificate_of(pod, times, observed.at);
    over += age == Certificate::over ? 1 : 0;
    urgent += age == Certificate::urgent ? 1 : 0;
  }
  if (nodes == 0) return made;
  const auto left = *first + times.lifetime - observed.at;
  made.line = fmt::format(
      "{} node{}, the first {}", nodes, nodes == 1 ? "" : "s",
      left.count() > 0 ? "ends in " + age_text(left) : "ended " + age_text(-left) + " ago");
  if (over > 0)
    made.warnings.push_back(
        fmt::format("the certificates of {} of {} nodes have ended: what is connected goes on, and "
                    "new processes, jobs and nodes are refused; {}",
                    over, nodes, remedy));
  if (urgent > 0)
    made.warnings.push_back(fmt::format(
        "the certificates of {} of {} nodes end within {} and were not renewed in time; {}", urgent,
        nodes, age_text(times.lifetime / 6), remedy));
  return made;
}

}  // namespace raykeep::control
