#include "report/graph.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::report {
namespace {

constexpr std::string_view order[] = {"controller", "submitter", "client",  "ingress", "monitoring",
                                      "redis",      "head",      "workers", "outside", "dns"};

std::size_t rank(std::string_view key) {
  key = key.substr(0, key.find('/'));
  return static_cast<std::size_t>(std::ranges::find(order, key) - std::begin(order));
}

int badness(std::string_view encrypted) {
  return encrypted == "no" ? 2 : encrypted == "application" ? 1 : 0;
}

std::string title_of(std::string_view key) {
  if (key == "submitter") return "submitters";
  if (key == "client") return "Ray clients";
  if (key == "ingress") return "ingress";
  if (key == "controller") return "Raykeep's controller";
  if (key == "redis") return "Redis";
  if (key == "workers") return "workers";
  if (key == "dns") return "name servers";
  return std::string(key.starts_with("outside/") ? key.substr(8) : key);
}

class Builder {
 public:
  explicit Builder(const doc::Object& model) : model_(model) {
    for (const doc::Value& row : model.at("flows").as_array()) count_outside(row.at("to"));
  }

  Graph build() {
    node("head");
    for (const doc::Value& group : model_.at("groups").as_array()) {
      if (doc::find_string(group, {"role"}) != "worker") continue;
      node("workers");
      ++graph_.groups;
    }
    for (const doc::Value& row : model_.at("flows").as_array()) take(row);
    for (auto& [key, made] : nodes_) {
      for (auto& [from, lines] : edges_[key]) add_inbound(made, from, lines);
      std::ranges::stable_sort(made.inbound, {},
                               [](const Inbound& each) { return rank(each.from.front()); });
      graph_.nodes.push_back(std::move(made));
    }
    std::ranges::stable_sort(graph_.nodes, {}, [this](const Node& each) {
      return std::pair(rank(each.key), position_[each.key]);
    });
    graph_.stacks = stacks();
    return std::move(graph_);
  }

 private:
  /// Which outside destinations are drawn one by one: the first ones.
  void count_outside(const doc::Value& end) {
    if (doc::find_string(end, {"role"}) != "outside") return;
    std::string name(doc::find_string(end, {"name"}));
    if (std::ranges::find(outside_, name) == outside_.end()) outside_.push_back(name);
  }

  std::string key_of(const doc::Value& end) const {
    std::string role(doc::find_string(end, {"role"}));
    if (role == "worker") return "workers";
    if (role != "outside") return role;
    std::string name(doc::find_string(end, {"name"}));
    auto at = std::ranges::find(outside_, name) - outside_.begin();
    const bool single =
        outside_.size() <= most_outside || at < static_cast<std::ptrdiff_t>(most_outside) - 1;
    if (single) return "outside/" + name;
    return fmt::format("outside/{} more destinations", outside_.size() - most_outside + 1);
  }

  Node& node(const std::string& key) {
    auto [at, is_new] = nodes_.try_emplace(key);
    if (is_new) {
      at->second.key = key;
      at->second.title = title_of(key);
      position_[key] = position_.size();
    }
    return at->second;
  }

  void take(const doc::Value& row) {
    const std::string from = key_of(row.at("from")), to = key_of(row.at("to"));
    Node& source = node(from);
    Node& target = node(to);
    const bool inward = row.at("direction") == "inward";
    if (from == "head" || from == "workers") source.column = Column::ours;
    if (inward) source.column = Column::callers;
    // A Redis of the cluster's own has no peers: its flows are between pods of ours.
    const bool ours = to == "head" || to == "workers" ||
                      (to == "redis" && from == "head" && row.at("peers").as_array().empty());
    if (ours) target.column = Column::ours;
    if (!inward && !ours) target.column = Column::backends;
    Node& outsider = inward ? source : target;
    for (const doc::Value& peer : row.at("peers").as_array()) note(outsider, peer);
    add_line(edges_[to][from], row);
  }

  static void note(Node& node, const doc::Value& peer) {
    std::string text(std::string_view(peer.as_string()));
    if (std::ranges::find(node.notes, text) == node.notes.end()) node.notes.push_back(text);
  }

  static void add_line(std::vector<PortLine>& lines, const doc::Value& row) {
    std::string_view name = doc::find_string(row, {"name"});
    if (name == "egress") name = "";  // says nothing beside the node's own name
    std::string ports(doc::find_string(row, {"ports"}));
    if (doc::find_string(row, {"protocol"}) == "UDP") ports += "/UDP";
    std::string_view encrypted = doc::find_string(row, {"encrypted"});
    auto same = std::ranges::find_if(lines, [&](const PortLine& each) {
      return each.name == name && (!name.empty() || each.ports.front() == ports);
    });
    if (same == lines.end()) same = lines.insert(lines.end(), {std::string(name), {}, "", {}});
    if (std::ranges::find(same->ports, ports) == same->ports.end()) same->ports.push_back(ports);
    if (same->encrypted.empty() || badness(encrypted) > badness(same->encrypted))
      same->encrypted = encrypted;
    const doc::Array* groups = doc::find_array(row.at("to"), {"groups"});
    for (const doc::Value& group : groups ? *groups : doc::Array{})
      same->groups.emplace(std::string_view(group.as_string()));
  }

  static void add_inbound(Node& node, const std::string& from, const std::vector<PortLine>& lines) {
    auto same = std::ranges::find(node.inbound, lines, &Inbound::lines);
    if (same == node.inbound.end()) {
      node.inbound.push_back({{from}, lines});
    } else {
      same->from.push_back(from);
    }
  }

  /// In which rows each group takes part, and on which side.
  std::map<std::string, std::vector<std::int64_t>> parts() const {
    std::map<std::string, std::vector<std::int64_t>> taken;
    for (const doc::Value& row : model_.at("flows").as_array()) {
      std::int64_t number = row.at("number").as_int64();
      for (std::string_view side : {"from", "to"}) {
        const doc::Array* groups = doc::find_array(row, {side, "groups"});
        for (const doc::Value& group : groups ? *groups : doc::Array{})
          taken[std::string(std::string_view(group.as_string()))].push_back(
              side == "from" ? number : -number);
      }
    }
    return taken;
  }

  std::vector<Stack> stacks() const {
    std::vector<Stack> made;
    std::map<std::vector<std::int64_t>, std::size_t> by_part;
    const auto taken = parts();
    for (const doc::Value& group : model_.at("groups").as_array()) {
      if (doc::find_string(group, {"role"}) != "worker") continue;
      std::string name(doc::find_string(group, {"name"}));
      const bool single = graph_.groups <= most_single;
      auto part = taken.find(name);
      auto [at, is_new] = by_part.emplace(
          part == taken.end() ? std::vector<std::int64_t>{} : part->second, made.size());
      if (single || (is_new && made.size() < most_stacks)) {
        made.emplace_back();
        if (is_new) at->second = made.size() - 1;
      } else if (is_new) {
        at->second = made.size() - 1;  // of yet another kind: with the last
      }
      Stack& stack = made[single ? made.size() - 1 : at->second];
      stack.groups.push_back(std::move(name));
      stack.pods += group.at("replicas").as_int64();
    }
    return made;
  }

  const doc::Object& model_;
  Graph graph_;
  std::vector<std::string> outside_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, std::size_t> position_;
  std::map<std::string, std::map<std::string, std::vector<PortLine>>> edges_;  // to, from
};

}  // namespace

std::string_view Inbound::encrypted() const {
  std::string_view worst = "yes";
  for (const PortLine& line : lines) {
    if (badness(line.encrypted) > badness(worst)) worst = line.encrypted;
  }
  return worst;
}

const Node* Graph::find(std::string_view key) const {
  auto found = std::ranges::find(nodes, key, &Node::key);
  return found == nodes.end() ? nullptr : &*found;
}

Graph graph_of(const doc::Object& model) { return Builder(model).build(); }

}  // namespace raykeep::report
