// The kinds of objects Raykeep knows, as data. No discovery request is made: what is not here
// cannot be asked for.
#pragma once

#include <string>
#include <string_view>

#include "kube/client.h"

namespace raykeep::kube {

struct KindInfo {
  std::string_view api_version;
  std::string_view kind;
  std::string_view plural;  // "statefulsets", as paths and roles have it
  bool namespaced = true;
};

/// Throws Failure::bug when the kind is not in the table.
const KindInfo& info_of(const Kind& kind);

/// Nothing when the kind is not in the table.
const KindInfo* find_kind(std::string_view api_version, std::string_view kind);

/// "apps" of "apps/v1", empty for the core group.
std::string_view group_of(std::string_view api_version);

/// "/apis/apps/v1/namespaces/ray/statefulsets", with "/name" when one is given.
std::string path_of(const KindInfo& info, const std::string& ns, const std::string& name = "");

}  // namespace raykeep::kube
