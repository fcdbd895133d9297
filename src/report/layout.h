// Where everything stands in the picture of a graph: pure geometry, in units of the viewBox, which
// are CSS pixels on a wide screen.
#pragma once

#include <string>
#include <vector>

#include "report/graph.h"

namespace raykeep::report {

namespace metric {

inline constexpr int caller_width = 236, our_width = 316, backend_width = 236;
inline constexpr int our_left = caller_width + 92, backend_left = our_left + our_width + 92;
inline constexpr int width = backend_left + backend_width;
inline constexpr int line_height = 17, note_height = 15, title_height = 28, padding = 10;
inline constexpr int chip_height = 26, chip_step = 34;
inline constexpr int between_ours = 62, between_others = 18, loop_height = 34;
inline constexpr std::size_t most_notes = 4;     // peers that a box tells of
inline constexpr std::size_t lines_of_note = 2;  // for each

}  // namespace metric

/// How many characters are sure to fit.
std::size_t columns_in(int units);

int inbound_height(const Inbound& inbound);

/// Rows of the chips that stand for worker groups.
int chip_rows(const Graph& graph);

struct Point {
  int x = 0, y = 0;
};

/// A node with its place.
struct Box {
  const Node* node = nullptr;
  int x = 0, y = 0, width = 0, height = 0;
  std::vector<std::string> notes = {};  // the node's, in lines that fit
  std::vector<int> inbound_y = {};      // the middle of each inbound list, from the box's top

  int bottom() const { return y + height; }
  int right() const { return x + width; }
  bool lists_groups() const { return node->key == "workers"; }
};

struct Arrow {
  std::string from;  // key of a node
  const Box* to;
  Point end;
  std::string_view encrypted;
};

/// The graph outlives it; it is not copied, because arrows point to its boxes.
class Layout {
 public:
  explicit Layout(const Graph& graph);
  Layout(const Layout&) = delete;

  const std::vector<Box>& boxes() const { return boxes_; }
  const std::vector<Arrow>& arrows() const { return arrows_; }  // from the top down, by their ends
  int height() const { return height_; }
  int ours_height() const { return ours_height_; }  // of the middle column

  const Box& box_of(std::string_view key) const;
  bool is_ours(std::string_view key) const;
  /// Between two of the cluster's own pods: these stand above one another.
  bool is_inside(const Arrow& arrow) const;
  /// Where an arrow that is not inside leaves its box, at the right.
  Point start_of(const Arrow& arrow) const;

 private:
  std::vector<const Node*> nodes_in(Column column) const;
  std::vector<Box> measured_in(Column column, int x, int box_width) const;
  int wanted_middle(const Node& node) const;
  void place_ours();
  void place_callers();
  void place_backends();
  void collect_arrows();

  const Graph& graph_;
  std::vector<Box> boxes_;
  std::vector<Arrow> arrows_;
  int ours_height_ = 0;
  int height_ = 0;
};

}  // namespace raykeep::report
