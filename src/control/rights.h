// Every right the controller needs, each with its reason: one table. The Role is rendered from it,
// the reviewer reads it, and nothing else grants anything.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doc/json.h"
#include "spec/site.h"

namespace raykeep::control {

struct Right {
  std::string_view group;     // "" is core
  std::string_view resource;  // "statefulsets"
  std::vector<std::string_view> verbs;
  std::string_view why;
  std::string_view only = {};  // resourceNames; empty: any. RBAC cannot limit create by name
};

std::span<const Right> controller_rights();

/// With what the Site's serving.route needs: a namespace's own rights may not reach it, and nobody
/// can grant what he does not hold.
std::vector<Right> controller_rights(const spec::Site& site);

/// rbac.authorization.k8s.io/v1 rules, one for each row.
doc::Array rules_of(std::span<const Right> rights);

/// The table for people, a line for each row: "apps statefulsets: get, list, ...: why".
std::string to_text(std::span<const Right> rights);

}  // namespace raykeep::control
