// read_yaml: text -> is_fit_to_parse -> TreeReader (libyaml) -> compose -> Document.
#include <algorithm>

#include <fmt/format.h>

#include "doc/document.h"
#include "doc/yaml_compose.h"
#include "doc/yaml_text.h"
#include "doc/yaml_tree.h"

namespace raykeep::doc {

ReadResult read_yaml(std::string_view text, const std::string& file, const Limits& limits) {
  Sink sink(file);
  ReadResult result;
  if (text.size() > limits.bytes) {
    sink.add(code::too_big, {1, 1},
             fmt::format("the file is larger than the {} bytes allowed", limits.bytes),
             "split the file");
    return {{}, sink.take()};
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!is_fit_to_parse(text, sink)) return {{}, sink.take()};

  TreeReader trees(text, limits, sink);
  Budget budget{.values = limits.nodes, .bytes = limits.bytes, .depth = limits.depth};
  while (std::optional<Tree> tree = trees.next()) {
    std::optional<Document> document = compose(*tree, file, budget, sink);
    if (document && !document->value.is_null()) result.documents.push_back(std::move(*document));
  }
  result.findings = sink.take();
  sort_by_place(result.findings);
  return result;
}

}  // namespace raykeep::doc
