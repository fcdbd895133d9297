#include "report/layout.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "report/fit_text.h"

namespace raykeep::report {

using namespace metric;

namespace {

constexpr double column_width = 6.6;  // of a character at 12 units, on the safe side

/// Lets the box be as high as what stands in it.
Box measured(const Node& node, const Graph& graph, int x, int box_width) {
  Box box{.node = &node, .x = x, .width = box_width};
  int y = title_height;
  for (std::size_t i = 0; i < std::min(node.notes.size(), most_notes); ++i) {
    for (std::string& line :
         wrapped(node.notes[i], columns_in(box_width - 2 * padding), lines_of_note))
      box.notes.push_back(std::move(line));
  }
  if (node.notes.size() > most_notes)
    box.notes.push_back(fmt::format("and {} more", node.notes.size() - most_notes));
  y += static_cast<int>(box.notes.size()) * note_height;
  if (box.lists_groups()) y += chip_rows(graph) * chip_step + 2;
  for (const Inbound& inbound : node.inbound) {
    box.inbound_y.push_back(y + inbound_height(inbound) / 2);
    y += inbound_height(inbound) + 6;
  }
  box.height = y + padding - (node.inbound.empty() ? 2 : 6);
  return box;
}

}  // namespace

std::size_t columns_in(int units) {
  return static_cast<std::size_t>(std::max(0.0, units / column_width));
}

int inbound_height(const Inbound& inbound) {
  return (static_cast<int>(inbound.lines.size()) + 1) * line_height + 8;
}

int chip_rows(const Graph& graph) {
  const int stacks = static_cast<int>(graph.stacks.size());
  return graph.groups <= most_single ? (stacks + 1) / 2 : stacks;
}

Layout::Layout(const Graph& graph) : graph_(graph) {
  place_ours();
  place_callers();
  place_backends();
  for (const Box& box : boxes_) {
    const int below = box.lists_groups() ? loop_height : 14;
    height_ = std::max(height_, box.bottom() + below);
  }
  collect_arrows();
}

const Box& Layout::box_of(std::string_view key) const {
  return *std::ranges::find_if(boxes_, [&](const Box& box) { return box.node->key == key; });
}

bool Layout::is_ours(std::string_view key) const {
  return graph_.find(key)->column == Column::ours;
}

bool Layout::is_inside(const Arrow& arrow) const {
  return is_ours(arrow.from) && is_ours(arrow.to->node->key);
}

std::vector<const Node*> Layout::nodes_in(Column column) const {
  std::vector<const Node*> found;
  for (const Node& node : graph_.nodes) {
    if (node.column == column) found.push_back(&node);
  }
  return found;
}

void Layout::place_ours() {
  int y = 0;
  for (const Node* node : nodes_in(Column::ours)) {
    Box box = measured(*node, graph_, our_left, our_width);
    box.y = y;
    y = box.bottom() + between_ours;
    boxes_.push_back(std::move(box));
  }
  ours_height_ = y - between_ours;
}

/// The middle of what a node calls among the cluster's own pods.
int Layout::wanted_middle(const Node& node) const {
  int sum = 0, count = 0;
  for (const Box& box : boxes_) {
    for (std::size_t i = 0; i < box.node->inbound.size(); ++i) {
      if (std::ranges::find(box.node->inbound[i].from, node.key) == box.node->inbound[i].from.end())
        continue;
      sum += box.y + box.inbound_y[i];
      ++count;
    }
  }
  return count == 0 ? 0 : sum / count;
}

std::vector<Box> Layout::measured_in(Column column, int x, int box_width) const {
  std::vector<Box> found;
  for (const Node* node : nodes_in(column)) found.push_back(measured(*node, graph_, x, box_width));
  return found;
}

/// Callers stand beside what they call, as far as they do not overlap or leave the column.
void Layout::place_callers() {
  std::vector<Box> placed = measured_in(Column::callers, 0, caller_width);
  int least = 0;
  for (Box& box : placed) {
    box.y = std::max(wanted_middle(*box.node) - box.height / 2, least);
    least = box.bottom() + between_others;
  }
  int most = std::max(ours_height_, least - between_others);
  for (Box& box : placed | std::views::reverse) {
    box.y = std::min(box.y, most - box.height);
    most = box.y - between_others;
  }
  std::ranges::move(placed, std::back_inserter(boxes_));
}

/// Backends are called by all: they share the height.
void Layout::place_backends() {
  std::vector<Box> placed = measured_in(Column::backends, backend_left, backend_width);
  int total = -between_others;
  for (const Box& box : placed) total += box.height + between_others;
  const int gap = std::max(0, ours_height_ - total) / (static_cast<int>(placed.size()) + 1);
  int y = gap;
  for (Box& box : placed) {
    box.y = y;
    y = box.bottom() + between_others + gap;
  }
  std::ranges::move(placed, std::back_inserter(boxes_));
}

void Layout::collect_arrows() {
  for (const Box& box : boxes_) {
    for (std::size_t i = 0; i < box.node->inbound.size(); ++i) {
      const Inbound& inbound = box.node->inbound[i];
      for (const std::string& from : inbound.from)
        arrows_.push_back({from, &box, {box.x, box.y + box.inbound_y[i]}, inbound.encrypted()});
    }
  }
  // Those that leave a box leave it in the order in which they arrive.
  std::ranges::stable_sort(arrows_, {}, [](const Arrow& arrow) { return arrow.end.y; });
}

Point Layout::start_of(const Arrow& arrow) const {
  const Box& box = box_of(arrow.from);
  int count = 0, index = 0;
  for (const Arrow& each : arrows_) {
    if (each.from != arrow.from || is_inside(each)) continue;
    if (&each == &arrow) index = count;
    ++count;
  }
  const int top = box.y + 14, room = box.height - 28;
  return {box.right(), count < 2 ? box.y + box.height / 2 : top + room * index / (count - 1)};
}

}  // namespace raykeep::report
