#include "control/stored_document.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "plan/names.h"

namespace raykeep::control {
std::string error_in(const Findings& findings) {
  auto found = std::ranges::find(findings, Severity::error, &Finding::severity);
  return found == findings.end() ? "" : to_string(*found);
}

Result<doc::Document> stored_yaml(const doc::Value& owner, std::string_view key) {
  doc::ReadResult read = doc::read_yaml(doc::find_string(owner, {"data", key}),
                                        fmt::format("{}/{}", name_of(owner), key));
  if (std::string problem = error_in(read.findings); !problem.empty()) return error(problem);
  if (read.documents.size() != 1)
    return error(fmt::format("{} holds {} documents, not one", key, read.documents.size()));
  return std::move(read.documents[0]);
}

Result<spec::Site> stored_site(const doc::Value& owner) {
  if (doc::find_string(owner, {"data", plan::site_key}).empty()) return spec::default_site();
  Result<doc::Document> written = stored_yaml(owner, plan::site_key);
  if (!written) return std::unexpected(written.error());
  spec::ParsedSite parsed = spec::parse_site(*written);
  if (std::string problem = error_in(parsed.findings); !parsed.site || !problem.empty())
    return error(problem);
  return std::move(*parsed.site);
}

Result<StoredDocument> stored_document(const doc::Value& owner, const std::string& cluster) {
  Result<doc::Document> document = stored_yaml(owner, plan::document_key);
  if (!document) return std::unexpected(document.error());
  Result<spec::Site> site = stored_site(owner);
  if (!site) return std::unexpected(site.error());
  StoredDocument made{.cluster = {}, .site = std::move(*site)};
  spec::ParsedRayCluster parsed = spec::parse_ray_cluster(*document);
  if (std::string problem = error_in(parsed.findings); !parsed.cluster || !problem.empty())
    return error(problem);
  made.cluster = std::move(*parsed.cluster);
  if (made.cluster.name != cluster)
    return error(
        fmt::format("it names cluster {}, and the ConfigMap is of {}", made.cluster.name, cluster));
  return made;
}

}  // namespace raykeep::control
