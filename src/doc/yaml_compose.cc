// Two things deserve care. Budget: a small text can stand for a huge value, so every value and
// every byte that an alias adds is counted while it is made. Merges: go-yaml v2 lets whatever is
// written later win, the YAML type registry lets the map's own keys win. They agree where "<<"
// comes before the keys it would change; elsewhere the document is refused, because kubectl and
// other tools would read it differently.
#include "doc/yaml_compose.h"

#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/pointer.h"
#include "doc/yaml_scalar.h"

namespace raykeep::doc {
namespace {

/// The largest number of bytes up to `most` that does not cut a character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return most;
}

/// Thrown out of the recursion where going on makes no sense; caught in compose().
struct Stop {};

class Composer {
 public:
  Composer(const Tree& tree, Budget& budget, Sink& sink, Places& places)
      : tree_(tree), budget_(budget), sink_(sink), places_(places), is_open_(tree.nodes.size()) {}

  Value root() {
    places_.set_root(spot(0, nullptr), inside(0));
    return value(0);
  }

 private:
  using Kind = Node::Kind;

  struct Step {
    std::string_view key;  // nullptr data: a list item
    std::size_t index;
  };

  /// The members of one map while it is being put together.
  struct MapState {
    Object members;
    std::size_t merged_from = 0, merged_to = 0;  // which members came in by "<<"
    std::vector<bool> overridden;                // of those, which the map's own keys have replaced
    bool has_merge = false;
  };

  Places::Spot spot(NodeId id, const Node* key) const {
    const Mark& at = tree_[id].at;
    return {at.line, at.column, key ? key->at.line : 0, key ? key->at.column : 0,
            tree_[id].text_column};
  }

  /// Where the members of a value are registered: aliases share those of their target.
  NodeId inside(NodeId id) const {
    const Node& node = tree_[id];
    return node.kind == Kind::alias ? node.first : id;
  }

  std::string path() const {
    std::string pointer;
    for (const Step& step : steps_) {
      pointer += '/';
      pointer += step.key.data() ? escape_step(step.key) : std::to_string(step.index);
    }
    std::string path = as_path(pointer);
    // Nobody reads more; and a hundred findings below a key of a megabyte are a hundred megabytes.
    constexpr std::size_t most = 300;
    return path.size() <= most ? path : path.substr(0, whole_characters(path, most)) + "...";
  }

  void complain(const char* code, const Node& node, std::string what, std::string remedy) {
    sink_.add(code, node.at, std::move(what), std::move(remedy), path());
    if (sink_.full()) throw Stop();
  }

  [[noreturn]] void give_up(const char* code, const Node& node, std::string what,
                            std::string remedy) {
    sink_.add(code, node.at, std::move(what), std::move(remedy), path());
    throw Stop();
  }

  void spend(const Node& node) {
    if (budget_.values == 0) {
      give_up(aliases_ > 0 ? code::alias_bomb : code::too_many_values, node,
              aliases_ > 0 ? "aliases make this document too large" : "there are too many values",
              aliases_ > 0 ? "write fewer aliases" : "split the file");
    }
    --budget_.values;
    if (aliases_ == 0) return;
    if (budget_.bytes < node.text.size()) {
      give_up(code::alias_bomb, node, "aliases make this document too large",
              "write fewer aliases");
    }
    budget_.bytes -= node.text.size();
  }

  Value value(NodeId id) {
    const Node& node = tree_[id];
    switch (node.kind) {
      case Kind::scalar:
        return scalar(node);
      case Kind::alias:
        return alias(node);
      case Kind::list:
        return list(id);
      case Kind::map:
        return map(id);
    }
    return nullptr;
  }

  Value scalar(const Node& node) {
    spend(node);
    ScalarResult<Value> result = scalar_value({node.text, node.plain, tree_.tag_of(node)});
    if (result) return std::move(*result);
    complain(result.error().code, node, result.error().what, result.error().remedy);
    return nullptr;
  }

  Value alias(const Node& node) {
    if (is_open_[node.first]) {
      give_up(code::alias_bomb, node, "the alias *" + node.text + " contains itself",
              "write out what it stands for");
    }
    ++aliases_;
    Value result = value(node.first);
    --aliases_;
    return result;
  }

  void enter(NodeId id, std::string_view own_tag) {
    const Node& node = tree_[id];
    spend(node);
    std::string_view tag = tree_.tag_of(node);
    bool is_own = tag.starts_with(yaml_tag_prefix) && tag.substr(yaml_tag_prefix.size()) == own_tag;
    if (!tag.empty() && tag != "!" && !is_own) {
      complain(code::unknown_tag, node,
               "the tag " + short_tag(tag) + " means nothing in Kubernetes", "remove it");
    }
    if (++depth_ > budget_.depth) {
      give_up(code::too_deep, node,
              fmt::format("maps and lists are nested deeper than {}", budget_.depth),
              "write fewer aliases inside aliases");
    }
    is_open_[id] = true;
  }

  void leave(NodeId id) {
    is_open_[id] = false;
    --depth_;
  }

  Value list(NodeId id) {
    enter(id, "seq");
    Array items;
    for (NodeId child = tree_[id].first; child != no_node; child = tree_[child].next) {
      if (aliases_ == 0) {
        places_.add_member(id, std::to_string(items.size()), spot(child, nullptr), inside(child));
      }
      steps_.push_back({{}, items.size()});
      items.push_back(value(child));
      steps_.pop_back();
    }
    leave(id);
    return items;
  }

  Value map(NodeId id) {
    enter(id, "map");
    MapState state;
    for (NodeId key = tree_[id].first; key != no_node; key = tree_[tree_[key].next].next) {
      NodeId member = tree_[key].next;
      if (is_merge(tree_[key])) {
        merge(id, tree_[key], member, state);
      } else {
        add_member(id, key, member, state);
      }
    }
    leave(id);
    return std::move(state.members);
  }

  void add_member(NodeId map, NodeId key_id, NodeId value_id, MapState& state) {
    const Node& key_node = tree_[key_id];
    std::optional<std::string> key = key_text(key_node);
    if (aliases_ > 0 && key) {
      if (budget_.bytes < key->size()) {
        give_up(code::alias_bomb, key_node, "aliases make this document too large",
                "write fewer aliases");
      }
      budget_.bytes -= key->size();
    }
    steps_.push_back({key ? std::string_view(*key) : std::string_view("?"), 0});
    if (key && aliases_ == 0) {
      places_.add_member(map, *key, spot(value_id, &key_node), inside(value_id));
    }
    Value member = value(value_id);
    if (key) {
      auto [place, is_new] = state.members.emplace(*key, nullptr);
      if (!is_new && !may_override(state, place - state.members.begin())) {
        complain(code::duplicate_key, key_node, "the key " + quoted(*key) + " is there twice",
                 "remove one: Kubernetes would silently take the last");
      }
      place->value() = std::move(member);
    }
    steps_.pop_back();
  }

  /// A map's own key replaces a merged one, once.
  static bool may_override(MapState& state, std::ptrdiff_t at) {
    auto index = static_cast<std::size_t>(at);
    if (index < state.merged_from || index >= state.merged_to) return false;
    std::size_t merged = index - state.merged_from;
    if (state.overridden[merged]) return false;
    state.overridden[merged] = true;
    return true;
  }

  std::optional<std::string> key_text(const Node& written) {
    const Node& node = written.kind == Kind::alias ? tree_[written.first] : written;
    if (node.kind != Kind::scalar) {
      complain(code::unusable_key, written,
               fmt::format("a {} cannot be a key", node.kind == Kind::list ? "list" : "map"),
               "write text; put \"{...}\" of a template in quotes");
      return {};
    }
    ScalarResult<std::string> key = scalar_key({node.text, node.plain, tree_.tag_of(node)});
    if (key) return std::move(*key);
    complain(key.error().code, written, key.error().what, key.error().remedy);
    return {};
  }

  bool is_merge(const Node& key) const {
    if (key.kind != Kind::scalar || key.text != "<<") return false;
    std::string_view tag = tree_.tag_of(key);
    return (key.plain && tag.empty()) ||
           (tag.starts_with(yaml_tag_prefix) && tag.ends_with(":merge"));
  }

  void merge(NodeId map, const Node& key, NodeId source, MapState& state) {
    if (state.has_merge) {
      complain(code::duplicate_key, key, "the key \"<<\" is there twice", "write <<: [*a, *b]");
      return;
    }
    state.has_merge = true;
    state.merged_from = state.merged_to = state.members.size();
    if (tree_[source].kind == Kind::list) {
      // The first one wins, so each adds only what is not there yet.
      for (NodeId item = tree_[source].first; item != no_node; item = tree_[item].next) {
        merge_one(map, key, item, state);
      }
    } else {
      merge_one(map, key, source, state);
    }
    state.overridden.resize(state.merged_to - state.merged_from);
  }

  void merge_one(NodeId map, const Node& key, NodeId source, MapState& state) {
    NodeId written = inside(source);
    if (tree_[written].kind != Kind::map) {
      complain(code::bad_merge, tree_[source], "\"<<\" needs a map or a list of maps",
               "write <<: *name");
      return;
    }
    Value merged = value(source);
    for (auto& [name, member] : merged.as_object()) {
      auto [place, is_new] = state.members.emplace(name, nullptr);
      auto index = static_cast<std::size_t>(place - state.members.begin());
      if (is_new) {
        place->value() = std::move(member);
        ++state.merged_to;
        if (aliases_ == 0) places_.copy_member(written, map, name);
      } else if (index < state.merged_from) {
        complain(
            code::bad_merge, key,
            fmt::format("\"<<\" below the key {}: kubectl would take the merged value, other tools "
                        "the written one",
                        quoted(name)),
            "put \"<<\" first");
      }
    }
  }

  const Tree& tree_;
  Budget& budget_;
  Sink& sink_;
  Places& places_;
  std::vector<bool> is_open_;  // by node: being composed right now
  std::vector<Step> steps_;
  std::size_t depth_ = 0;
  std::size_t aliases_ = 0;  // how many are being followed
};

}  // namespace

std::optional<Document> compose(const Tree& tree, const std::string& file, Budget& budget,
                                Sink& sink) {
  std::size_t errors = sink.errors();
  Document document{.file = file, .value = nullptr, .places = {}};
  try {
    document.value = Composer(tree, budget, sink, document.places).root();
  } catch (const Stop&) {
    return {};
  }
  if (sink.errors() > errors) return {};
  return document;
}

}  // namespace raykeep::doc
