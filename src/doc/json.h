// JSON values, as everything in Raykeep passes them around. They are Boost.JSON's: objects keep the
// order in which their members were written. Reading is bounded in size and depth and refuses
// duplicate keys.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/error.h"

namespace raykeep::doc {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Limits {
  std::size_t bytes = 4u << 20;   // a Kubernetes object may be at most about 1.5 MB
  std::size_t depth = 100;        // of nested maps and lists
  std::size_t nodes = 200'000;    // values after aliases have been followed
  std::size_t documents = 1'000;  // in one YAML stream
};

/// One JSON value, as the API server or a JSON file gives it. The error has line and column in its
/// text.
Result<Value> parse_json(std::string_view text, const Limits& limits = {});

/// Compact, members in their order; numbers as Kubernetes writes them (no ".0", no exponent where
/// it can be avoided).
std::string write_json(const Value& value);

/// The same with two-space indents and a final newline.
std::string write_json_pretty(const Value& value);

/// The member at a path of keys ("spec", "template", "metadata"), or nullptr where any step is
/// absent or not an object.
const Value* find(const Value& value, std::initializer_list<std::string_view> path);

/// find() from an object, without making a Value of it (that would copy it). Requires: a path of at
/// least one key.
const Value* find(const Object& object, std::initializer_list<std::string_view> path);

/// find() for the kinds most often wanted; nullptr / empty when absent or of another kind.
const Object* find_object(const Value& value, std::initializer_list<std::string_view> path);
const Array* find_array(const Value& value, std::initializer_list<std::string_view> path);
std::string_view find_string(const Value& value, std::initializer_list<std::string_view> path);
const Object* find_object(const Object& object, std::initializer_list<std::string_view> path);
const Array* find_array(const Object& object, std::initializer_list<std::string_view> path);
std::string_view find_string(const Object& object, std::initializer_list<std::string_view> path);

}  // namespace raykeep::doc
