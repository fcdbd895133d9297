// Which fields an object has and what each takes: the table behind "unknown field", "wrong type",
// "required field missing" and behind the JSON Schemas, so that the reader and the schema cannot
// disagree.
//
// The notation, one line an object or a field:
//
//   RayClusterSpec -- what the object is           an object, then its fields, indented:
//     groupName! string -- what it means           "!": required
//     replicas count = 0 -- how many               "=": what KubeRay's schema fills in
//     command string[], env EnvVar[]               several on a line, with no description
//   RestartPolicy = Always|OnFailure|Never         words that a string may be; "" is the empty one
//
// Types: string int32 int64 count (int32, not negative) number (not negative, with a fraction) bool
// quantity int_or_string object (anything in it) any port (a Site's way to write ports, checked by
// ports.h), another name of the table, and of each a list X[] or a map X{}.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/reader.h"

namespace raykeep::spec {

struct Field {
  std::string_view name;
  std::string_view type;
  bool required = false;
  std::string_view filled_in;  // JSON text; empty: nothing
  std::string_view about;
};

struct Shape {
  std::string_view about;
  std::vector<Field> fields;
  std::vector<std::string_view> words;  // not empty: a string that is one of these
};

using Shapes = std::map<std::string_view, Shape>;

/// Reads the notation. Requires: a text that lives for ever and follows it (the tables are pinned
/// by tests).
void read_shapes(std::string_view text, Shapes& into);

/// Every table of this module. Made once.
const Shapes& shapes();

/// The codes under which check_shape reports.
struct ShapeCodes {
  Code unknown_field, wrong_type, missing, not_allowed, out_of_range, not_a_quantity;
};
extern const ShapeCodes kRayClusterShape;  // RK20xx
extern const ShapeCodes kSiteShape;        // RK30xx
extern const ShapeCodes kServeShape;       // RK26xx

/// Reports everything in which the value and what is inside differ from the type. An absent value
/// is no mistake.
void check_shape(const Cursor& value, std::string_view type, const ShapeCodes& codes);

}  // namespace raykeep::spec
