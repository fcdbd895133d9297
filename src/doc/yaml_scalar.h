// What a YAML scalar means: the rules of go-yaml v2, which is inside sigs.k8s.io/yaml and so inside
// kubectl and the API server. They are YAML 1.1's with exceptions: no base 60, 0o17 is octal, `y`
// and `n` are booleans. Source: go.yaml.in/yaml/v2 v2.4.4 resolve.go and decode.go,
// sigs.k8s.io/yaml v1.6.0 yaml.go.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "doc/json.h"

namespace raykeep::doc {

/// One scalar of the text: `plain` is written without quotes and not as a block; `tag` is empty, or
/// long
/// ("tag:yaml.org,2002:int").
struct Scalar {
  std::string_view text;
  bool plain = true;
  std::string_view tag;
};

/// Why a scalar has no value in JSON; the fields of a finding.
struct ScalarProblem {
  const char* code;
  std::string what;
  std::string remedy;
};

template <class T>
using ScalarResult = std::expected<T, ScalarProblem>;

ScalarResult<Value> scalar_value(const Scalar& scalar);

/// The same scalar as the key of a map. Numbers and booleans become text: `1` "1", `yes` "true",
/// `1e10` "1e+10".
ScalarResult<std::string> scalar_key(const Scalar& scalar);

inline constexpr std::string_view yaml_tag_prefix = "tag:yaml.org,2002:";

/// "tag:yaml.org,2002:int" -> "!!int", for messages.
std::string short_tag(std::string_view tag);

}  // namespace raykeep::doc
