// The document and the Site that `up` stored in the owner ConfigMap, read back.
#pragma once

#include "base/error.h"
#include "doc/json.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::control {

struct StoredDocument {
  spec::RayCluster cluster;
  spec::Site site;  // the default one where none was given
};

/// Of the owner ConfigMap (plan/owner.h) of that cluster. The error says what is wrong and where.
Result<StoredDocument> stored_document(const doc::Value& owner, const std::string& cluster);

/// The first error among findings, as people read it; empty: there is none.
std::string error_in(const Findings& findings);

}  // namespace raykeep::control
