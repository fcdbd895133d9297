// The flow table as a picture has it: who stands where, and which ports each asks of whom. A node
// is a role; all worker groups are one node, so that a picture of 50 groups is as large as one of
// three.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "doc/json.h"

namespace raykeep::report {

enum class Column { callers, ours, backends };

/// The ports of one name that a node asks of another.
struct PortLine {
  std::string name;                // "worker"
  std::vector<std::string> ports;  // "10002-10033", "53/UDP"; several where groups differ
  std::string encrypted;           // of the worst of them: "no" before "application" before "yes"
  std::set<std::string> groups;    // the workers' groups that are asked; empty: it is not workers
  bool operator==(const PortLine&) const = default;
};

/// What stands in a node about those who ask it: the same ports for each of `from`.
struct Inbound {
  std::vector<std::string> from;  // keys of nodes
  std::vector<PortLine> lines;

  /// The worst of its lines.
  std::string_view encrypted() const;
};

struct Node {
  std::string key;                 // "head", "workers", "outside/models"
  std::string title;               // "head", "models"
  std::vector<std::string> notes;  // who it is: "prometheus: pods app=prometheus in ..."
  Column column = Column::backends;
  std::vector<Inbound> inbound;
};

/// Worker groups that take part in the same rows.
struct Stack {
  std::vector<std::string> groups;
  std::int64_t pods = 0;
};

struct Graph {
  std::vector<Node> nodes;  // in the order to draw them, column by column
  /// Each group alone while they are few (`most_single`), else those alike together.
  std::vector<Stack> stacks;
  std::size_t groups = 0;

  const Node* find(std::string_view key) const;
};

inline constexpr std::size_t most_single = 8;   // worker groups that are drawn one by one
inline constexpr std::size_t most_stacks = 6;   // further kinds of groups are one stack
inline constexpr std::size_t most_outside = 8;  // destinations of a Site's own; further are one

/// From the model's "flows" and "groups".
Graph graph_of(const doc::Object& model);

}  // namespace raykeep::report
