// A YAML document as written: nodes with places, aliases not yet followed. Kept in one vector,
// children as linked lists, so that a large document costs two allocations and not two hundred
// thousand.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/json.h"
#include "doc/yaml_sink.h"
#include "doc/yaml_source.h"

namespace raykeep::doc {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = std::numeric_limits<NodeId>::max();

struct Node {
  enum class Kind : std::uint8_t {
    scalar,
    list,
    map,  // children are key, value, key, value, ...
    alias,
  };
  Kind kind = Kind::scalar;
  bool plain = false;     // a scalar without quotes, or with the tag "!"
  std::uint32_t tag = 0;  // index into Tree::tags
  int text_column = 0;    // of a literal block: where its lines begin
  Mark at;
  NodeId next = no_node;   // the next child of the same parent
  NodeId first = no_node;  // list, map: the first child; alias: what it stands for
  std::string text;        // scalar: its text; alias: its name
};

struct Tree {
  std::vector<Node> nodes;            // the root is the first
  std::vector<std::string> tags{""};  // long form

  const Node& operator[](NodeId id) const { return nodes[id]; }
  std::string_view tag_of(const Node& node) const { return tags[node.tag]; }
};

/// Reads the documents of a stream one after the other.
class TreeReader {
 public:
  /// `text` must outlive this and be fit to parse.
  TreeReader(std::string_view text, const Limits& limits, Sink& sink);

  /// The next document that could be parsed; nothing at the end. Findings go to the sink.
  std::optional<Tree> next();

 private:
  enum class Outcome { done, broken };
  Outcome read_document(Tree& tree);

  Limits limits_;
  Sink& sink_;
  EventSource source_;
  Mark broken_at_;
  std::size_t documents_ = 0;
  std::size_t values_left_;
};

}  // namespace raykeep::doc
