// From a YAML tree to a JSON value: aliases and merges followed, scalars typed, places noted.
#pragma once

#include <optional>
#include <string>

#include "doc/document.h"
#include "doc/yaml_tree.h"

namespace raykeep::doc {

/// What one stream may grow to when its aliases are followed.
struct Budget {
  std::size_t values;  // left
  std::size_t bytes;   // of text that came in through aliases, left
  std::size_t depth;
};

/// The document, or nothing if there was an error; that is in the sink then.
std::optional<Document> compose(const Tree& tree, const std::string& file, Budget& budget,
                                Sink& sink);

}  // namespace raykeep::doc
