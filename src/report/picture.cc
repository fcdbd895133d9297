#include "report/picture.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/fit_text.h"
#include "report/layout.h"

namespace raykeep::report {

using namespace metric;

namespace {

std::string number(int value) { return fmt::format("{}", value); }

std::string_view word_of(std::string_view encrypted) {
  if (encrypted == "no") return "in the clear";
  return encrypted == "application" ? "workload's own" : "encrypted";
}

std::string ports_of(const PortLine& line) {
  if (line.ports.size() <= 3) return join(line.ports, ", ");
  return fmt::format("{} and {} more", line.ports.front(), line.ports.size() - 1);
}

std::string who(const Inbound& inbound, const Graph& graph) {
  std::vector<std::string> names;
  for (const std::string& key : inbound.from) names.push_back(graph.find(key)->title);
  return join(names, ", ");
}

class Drawing {
 public:
  explicit Drawing(const Graph& graph) : graph_(graph), layout_(graph) {}

  Html draw(std::string_view ns) {
    svg_.open("svg", {{"viewBox", fmt::format("-2 -30 {} {}", width + 4, layout_.height() + 32)},
                      {"role", "img"},
                      {"aria-labelledby", "picture-title picture-words"},
                      {"class", "picture"}});
    svg_.element("title", {{"id", "picture-title"}}, "Flow diagram");
    svg_.element(
        "desc", {{"id", "picture-words"}},
        "Who opens connections to whom, and on which ports. The same stands in words below "
        "the picture, and in the flow table.");
    markers();
    frame(ns);
    for (const Arrow& arrow : layout_.arrows()) draw_arrow(arrow);
    for (const Box& box : layout_.boxes()) draw_box(box);
    svg_.close().newline();
    return std::move(svg_);
  }

 private:
  void markers() {
    svg_.open("defs");
    for (std::string_view kind : {"no", "application", "yes"}) {
      svg_.open("marker", {{"id", fmt::format("arrow-{}", kind)},
                           {"viewBox", "0 0 10 10"},
                           {"refX", "9"},
                           {"refY", "5"},
                           {"markerWidth", "7"},
                           {"markerHeight", "7"},
                           {"orient", "auto-start-reverse"}});
      svg_.empty("path", {{"d", "M0 0L10 5L0 10z"}, {"class", fmt::format("tip {}", kind)}});
      svg_.close();
    }
    svg_.close();
  }

  /// The namespace around the cluster's own pods.
  void frame(std::string_view ns) {
    const bool loop = graph_.find("workers") != nullptr;
    svg_.empty("rect", {{"class", "frame"},
                        {"x", number(our_left - 18)},
                        {"y", "-24"},
                        {"width", number(our_width + 36)},
                        {"height", number(layout_.ours_height() + 24 + (loop ? loop_height : 14))},
                        {"rx", "6"}});
    text("frame-name", our_left - 8, -8, fit(fmt::format("namespace {}", ns), 46));
  }

  void text(std::string kind, int x, int y, std::string_view value) {
    svg_.element("text", {{"class", std::move(kind)}, {"x", number(x)}, {"y", number(y)}}, value);
  }

  void draw_arrow(const Arrow& arrow) {
    if (!layout_.is_inside(arrow)) {
      const Point from = layout_.start_of(arrow), to = arrow.end;
      const int bend = (to.x - from.x) / 2;
      line(arrow.encrypted, fmt::format("M{} {}C{} {} {} {} {} {}", from.x, from.y, from.x + bend,
                                        from.y, to.x - bend, to.y, to.x - 1, to.y));
      return;
    }
    const Box &from = layout_.box_of(arrow.from), &to = *arrow.to;
    if (&from == &to) {
      const int left = to.x + to.width / 3, right = to.x + to.width * 2 / 3;
      line(arrow.encrypted,
           fmt::format("M{} {}c0 {} {} {} {} 1", right, to.bottom(), loop_height - 8, left - right,
                       loop_height - 8, left - right));
      return;
    }
    // Between two that stand above one another; down at the right, up at the left.
    const bool down = from.y < to.y;
    const int x = to.x + to.width * (down ? 2 : 1) / 3;
    line(arrow.encrypted, fmt::format("M{} {}L{} {}", x, down ? from.bottom() : from.y, x,
                                      down ? to.y - 1 : to.bottom() + 1));
  }

  void line(std::string_view encrypted, std::string path) {
    svg_.empty("path", {{"class", fmt::format("arrow {}", encrypted)},
                        {"d", std::move(path)},
                        {"marker-end", fmt::format("url(#arrow-{})", encrypted)}});
  }

  void draw_box(const Box& box) {
    const Node& node = *box.node;
    svg_.open("g");
    svg_.empty("rect", {{"class", node.column == Column::ours ? "box ours" : "box"},
                        {"x", number(box.x)},
                        {"y", number(box.y)},
                        {"width", number(box.width)},
                        {"height", number(box.height)},
                        {"rx", "5"}});
    const std::string title = box.lists_groups() && graph_.groups > most_single
                                  ? fmt::format("{} ({} groups)", node.title, graph_.groups)
                                  : node.title;
    text("name", box.x + padding, box.y + 19,
         fit(title, columns_in(box.width - 2 * padding) * 3 / 4));
    int y = box.y + title_height;
    y = draw_notes(box, y);
    if (box.lists_groups()) y = draw_groups(box, y);
    for (const Inbound& inbound : node.inbound) {
      draw_inbound(box, inbound, y);
      y += inbound_height(inbound) + 6;
    }
    svg_.close();
  }

  int draw_notes(const Box& box, int y) {
    if (box.notes.empty()) return y;
    svg_.open("g").element("title", join(box.node->notes, "; "));
    for (const std::string& line : box.notes) {
      text("note", box.x + padding, y + 9, line);
      y += note_height;
    }
    svg_.close();
    return y;
  }

  int draw_groups(const Box& box, int y) {
    const bool single = graph_.groups <= most_single;
    const int inner = box.width - 2 * padding;
    const int chip = single ? (inner - 8) / 2 : inner - 6;
    for (std::size_t i = 0; i < graph_.stacks.size(); ++i) {
      const int row = static_cast<int>(single ? i / 2 : i);
      const int x = box.x + padding + (single && i % 2 == 1 ? chip + 8 : 0);
      draw_stack(graph_.stacks[i], x, y + row * chip_step, chip);
    }
    return y + chip_rows(graph_) * chip_step + 2;
  }

  void draw_stack(const Stack& stack, int x, int y, int chip_width) {
    svg_.open("g");
    svg_.element("title", join(stack.groups, ", "));
    auto sheet = [&](int shift) {
      svg_.empty("rect", {{"class", "chip"},
                          {"x", number(x + shift)},
                          {"y", number(y + shift)},
                          {"width", number(chip_width)},
                          {"height", number(chip_height)},
                          {"rx", "3"}});
    };
    if (stack.groups.size() > 1) {
      sheet(6);
      sheet(3);
    }
    sheet(0);
    const std::string pods = fmt::format("\u00d7{}", stack.pods);
    const std::size_t room = columns_in(chip_width - 16) - pods.size();
    text("chip-name", x + 8, y + 17, names_of(stack, room));
    text("chip-pods", x + chip_width - 8, y + 17, pods);
    svg_.close();
  }

  /// "a, b, c … (18)": as many names as there is room for.
  static std::string names_of(const Stack& stack, std::size_t room) {
    if (stack.groups.size() == 1) return fit(stack.groups.front(), room);
    const std::string count = fmt::format(" ({})", stack.groups.size());
    const std::size_t left = room - count.size() - 2;
    std::string names = fit(stack.groups.front(), left);
    std::size_t told = 1;
    for (; told < stack.groups.size(); ++told) {
      std::string more = names + ", " + stack.groups[told];
      if (fit(more, left) != more) break;
      names = std::move(more);
    }
    return names + (told < stack.groups.size() ? " \u2026" : "") + count;
  }

  void draw_inbound(const Box& box, const Inbound& inbound, int y) {
    const int x = box.x + 6, inner = box.width - 12;
    svg_.empty("rect", {{"class", fmt::format("ports {}", inbound.encrypted())},
                        {"x", number(x)},
                        {"y", number(y)},
                        {"width", number(inner)},
                        {"height", number(inbound_height(inbound))},
                        {"rx", "3"}});
    text("from", x + 8, y + 15, fit("from " + who(inbound, graph_), columns_in(inner - 16)));
    int line_y = y + 15;
    for (const PortLine& line : inbound.lines) {
      line_y += line_height;
      draw_line(line, x + 8, line_y, inner - 16);
    }
  }

  void draw_line(const PortLine& line, int x, int y, int room) {
    const std::string_view word = word_of(line.encrypted);
    std::string name = line.name;
    const bool some = !line.groups.empty() && line.groups.size() < graph_.groups;
    if (some) name += fmt::format(" ({} of {})", line.groups.size(), graph_.groups);
    const std::string ports = fit(ports_of(line), 24);
    const std::size_t left = columns_in(room) - word.size() - 2;
    svg_.open("text", {{"x", number(x)}, {"y", number(y)}, {"class", "line"}});
    svg_.element("tspan", {{"class", "port"}}, ports);
    if (!name.empty() && left > ports.size() + 4)
      svg_.text("  ").element("tspan", {{"dx", "5"}}, fit(name, left - ports.size() - 3));
    svg_.close();
    text(fmt::format("word {}", line.encrypted), x + room, y, word);
  }

  const Graph& graph_;
  Layout layout_;
  Html svg_;
};

}  // namespace

Html picture(const Graph& graph, std::string_view ns) { return Drawing(graph).draw(ns); }

Html picture_in_words(const Graph& graph) {
  Html list;
  list.open("ul", {{"class", "words"}});
  for (const Node& node : graph.nodes) {
    if (node.inbound.empty()) continue;
    list.open("li").element("strong", node.title).text(" is asked").open("ul");
    for (const Inbound& inbound : node.inbound) {
      list.open("li").text("by " + who(inbound, graph) + ": ");
      std::vector<std::string> parts;
      for (const PortLine& line : inbound.lines) {
        std::string name = line.name.empty() ? "" : line.name + " ";
        parts.push_back(
            fmt::format("{}{} ({})", name, join(line.ports, ", "), word_of(line.encrypted)));
      }
      list.text(join(parts, "; ")).close();
    }
    list.close().close();
  }
  list.close().newline();
  return list;
}

}  // namespace raykeep::report
