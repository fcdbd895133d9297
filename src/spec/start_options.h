// The options of `ray start`, as Ray 2.41 to 2.60 has them (python/ray/scripts/scripts.py):
// rayStartParams without the dashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep::spec {

enum class OptionKind {
  text,
  flag,     // "true": given; "false": left out, as KubeRay does
  boolean,  // takes true or false
  port,
  count,  // a whole number, not negative
  json,   // an object
};

struct StartOption {
  std::string_view name;
  OptionKind kind = OptionKind::text;
  bool head_only = false;  // Ray refuses it on a worker
};

/// nullptr for an option that Ray does not have.
const StartOption* find_start_option(std::string_view name);

std::vector<std::string> start_option_names();

}  // namespace raykeep::spec
