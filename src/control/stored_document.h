// The document and the Site that `up` stored in the owner ConfigMap, read back.
#pragma once

#include "base/error.h"
#include "doc/document.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::control {

struct StoredDocument {
  spec::RayCluster cluster;
  spec::Site site;  // the default one where none was given
};

/// Of the owner ConfigMap (plan/owner.h) of that cluster. The error says what is wrong and where.
Result<StoredDocument> stored_document(const doc::Value& owner, const std::string& cluster);

/// One YAML document of an owner's data, and its Site: the default one where none was given.
Result<doc::Document> stored_yaml(const doc::Value& owner, std::string_view key);
Result<spec::Site> stored_site(const doc::Value& owner);

/// The first error among findings, as people read it; empty: there is none.
std::string error_in(const Findings& findings);

}  // namespace raykeep::control
