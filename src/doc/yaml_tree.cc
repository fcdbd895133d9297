#include "doc/yaml_tree.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::doc {
namespace {

std::string text_of(const yaml_char_t* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

/// Puts the events of one document together.
class TreeBuilder {
 public:
  TreeBuilder(Tree& tree, Sink& sink) : tree_(tree), sink_(sink) {}

  std::size_t depth() const { return open_.size(); }

  /// Whether the next node is the key of a map's member, and so not a value.
  bool awaits_key() const { return !open_.empty() && open_.back().awaits_key; }

  void close() { open_.pop_back(); }

  void add(const yaml_event_t& event, Mark at, int text_column) {
    auto id = static_cast<NodeId>(tree_.nodes.size());
    Node node;
    node.at = at;
    node.text_column = text_column;
    const yaml_char_t* anchor = nullptr;
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        node.kind = Node::Kind::alias;
        node.text = text_of(event.data.alias.anchor);
        node.first = target_of(node);
        break;
      case YAML_SEQUENCE_START_EVENT:
        node.kind = Node::Kind::list;
        node.tag = intern(event.data.sequence_start.tag);
        anchor = event.data.sequence_start.anchor;
        break;
      case YAML_MAPPING_START_EVENT:
        node.kind = Node::Kind::map;
        node.tag = intern(event.data.mapping_start.tag);
        anchor = event.data.mapping_start.anchor;
        break;
      default:
        node.plain = event.data.scalar.plain_implicit != 0;
        node.tag = intern(event.data.scalar.tag);
        node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value),
                         event.data.scalar.length);
        anchor = event.data.scalar.anchor;
        break;
    }
    // Before its children are read: an alias inside refers to this node, and is refused for that.
    if (anchor) anchors_[text_of(anchor)] = id;
    bool is_container = node.kind == Node::Kind::list || node.kind == Node::Kind::map;
    tree_.nodes.push_back(std::move(node));
    append_to_parent(id);
    if (is_container) open_.push_back({id, no_node, tree_.nodes[id].kind == Node::Kind::map});
  }

 private:
  struct Open {
    NodeId id;
    NodeId last_child;
    bool awaits_key;
  };

  void append_to_parent(NodeId id) {
    if (open_.empty()) return;
    Open& parent = open_.back();
    if (parent.last_child == no_node) {
      tree_.nodes[parent.id].first = id;
    } else {
      tree_.nodes[parent.last_child].next = id;
    }
    parent.last_child = id;
    parent.awaits_key = tree_.nodes[parent.id].kind == Node::Kind::map && !parent.awaits_key;
  }

  NodeId target_of(const Node& alias) {
    auto found = anchors_.find(alias.text);
    if (found != anchors_.end()) return found->second;
    sink_.add(code::unknown_alias, alias.at,
              "the alias *" + alias.text.substr(0, 60) + " is not known",
              "put &" + alias.text.substr(0, 60) +
                  " before the value it stands for, further up; "
                  "put text that begins with '*' in quotes");
    return no_node;
  }

  std::uint32_t intern(const yaml_char_t* tag) {
    if (!tag) return 0;
    std::string text = text_of(tag);
    auto [entry, is_new] = tags_.try_emplace(text, static_cast<std::uint32_t>(tree_.tags.size()));
    if (is_new) tree_.tags.push_back(std::move(text));
    return entry->second;
  }

  Tree& tree_;
  Sink& sink_;
  std::vector<Open> open_;
  std::unordered_map<std::string, NodeId> anchors_;
  std::unordered_map<std::string, std::uint32_t> tags_;
};

}  // namespace

TreeReader::TreeReader(std::string_view text, const Limits& limits, Sink& sink)
    : limits_(limits), sink_(sink), source_(text, sink), values_left_(limits.nodes) {}

std::optional<Tree> TreeReader::next() {
  Event event;
  while (!sink_.full()) {
    if (!source_.next(event)) {
      if (!source_.resume(source_.failed_at())) return {};
      continue;
    }
    if (event->type == YAML_STREAM_END_EVENT) return {};
    if (event->type != YAML_DOCUMENT_START_EVENT) continue;
    if (++documents_ > limits_.documents) {
      sink_.add(code::too_many_documents, source_.start(event),
                fmt::format("there are more than {} documents", limits_.documents),
                "split the file");
      return {};
    }
    Tree tree;
    std::size_t errors = sink_.errors();
    int first_line = source_.start(event).line;
    if (read_document(tree) == Outcome::broken) {
      broken_at_.line = std::max(broken_at_.line, first_line + 1);
      if (values_left_ == 0 || !source_.resume(broken_at_)) return {};
    } else if (sink_.errors() == errors) {
      return tree;
    }
  }
  return {};
}

TreeReader::Outcome TreeReader::read_document(Tree& tree) {
  TreeBuilder builder(tree, sink_);
  Event event;
  for (;;) {
    if (!source_.next(event)) {
      broken_at_ = source_.failed_at();
      return Outcome::broken;
    }
    broken_at_ = source_.start(event);
    switch (event->type) {
      case YAML_DOCUMENT_END_EVENT:
        return Outcome::done;
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        builder.close();
        continue;
      default:
        break;
    }
    bool opens =
        event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
    if (opens && builder.depth() == limits_.depth) {
      sink_.add(code::too_deep, broken_at_,
                fmt::format("maps and lists are nested deeper than {}", limits_.depth),
                "no Kubernetes object is that deep: check the indentation");
      return Outcome::broken;
    }
    if (values_left_ == 0) {
      sink_.add(code::too_many_values, broken_at_,
                fmt::format("there are more than {} values", limits_.nodes), "split the file");
      return Outcome::broken;
    }
    if (!builder.awaits_key()) --values_left_;
    builder.add(*event, broken_at_, source_.text_column(event));
  }
}

}  // namespace raykeep::doc
