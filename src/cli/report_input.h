// What a report is told of a cluster that runs: asked of the API server with a namespace's rights,
// and handed to the pure part as plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/moment.h"
#include "control/access.h"
#include "control/stored_document.h"
#include "report/input.h"

namespace raykeep::cli {

struct LiveCluster {
  control::StoredDocument stored;
  plan::Plan plan;  // of the stored document
  report::Running running;
  std::vector<report::CertificateSeen> certificates;
  std::string at;
};

/// Throws Failure::invalid when there is no such cluster, or its document is not stored or not
/// good.
control::awaitable<LiveCluster> look_at_cluster(const control::Access& access, std::string ns,
                                                std::string cluster);

/// The controller's, as the Role has them.
std::vector<report::Right> controller_rights(const spec::Site& site);

/// The moment that $SOURCE_DATE_EPOCH names, if it names one (reproducible-builds.org).
std::optional<WallTime> source_date();

/// Now, or the moment that SOURCE_DATE_EPOCH names, by which two reports of the same files are the
/// same bytes.
std::string time_now();

}  // namespace raykeep::cli
