#include "cli/progress_printer.h"

#include <cctype>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/status_output.h"
#include "cli/terminal.h"
#include "control/timestamp.h"
#include "doc/json.h"

namespace raykeep::cli {
namespace {

using namespace control;

std::string_view word_of(Done::What what) {
  switch (what) {
    case Done::What::created:
      return "created";
    case Done::What::changed:
      return "configured";
    case Done::What::unchanged:
      return "unchanged";
    case Done::What::removed:
      return "deleted";
  }
  return "";
}

std::string line_of(const Done& done) {
  return fmt::format("{} {}{}", done.object, word_of(done.what), done.dry_run ? " (dry run)" : "");
}

void print_trouble(const Diagnosis& diagnosis) {
  std::string text = to_string(diagnosis);
  for (std::string_view line : split(text, '\n')) {
    bool first = line.data() == text.data();
    fmt::print("{} {}\n", first ? coloured(stdout, Colour::yellow, "!") : " ", harmless(line));
  }
}

/// Where down is: at most three names.
std::string line_of(const StillThere& still) {
  std::vector<std::string> first(
      still.objects.begin(),
      still.objects.begin() + std::min<std::ptrdiff_t>(3, std::ssize(still.objects)));
  std::string more =
      still.objects.size() > 3 ? fmt::format(" and {} more", still.objects.size() - 3) : "";
  return fmt::format("waiting for {}{} ({})", join(first, ", "), more, age_text(still.waited));
}

/// Lines for a log: something is said only when it changed.
class PlainPrinter {
 public:
  void operator()(const Done& done) { say(line_of(done)); }
  void operator()(const Trouble& trouble) {
    print_trouble(trouble.diagnosis);
    std::fflush(stdout);
  }
  void operator()(const Note& note) { say(harmless(note.text)); }
  void operator()(const OnTheWay& way) {
    for (const GroupStatus& group : way.status.groups)
      say_change(group.name, fmt::format("{}: {}", group.name, progress_of(group)));
  }
  void operator()(const StillThere& still) {
    for (const Diagnosis& each : still.troubles) {
      if (last_["!" + each.object] == each.reason) continue;
      last_["!" + each.object] = each.reason;
      print_trouble(each);
    }
    if (!still.objects.empty()) say_change("", line_of(still));
  }

 private:
  void say(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
  void say_change(const std::string& key, const std::string& line) {
    std::string bare = without_spans(line);
    if (last_[key] == bare) return;
    last_[key] = bare;
    say(line);
  }

  std::map<std::string, std::string> last_;
};

/// Lines that stay, and below them a block that is drawn anew.
class TerminalPrinter {
 public:
  void operator()(const Done& done) {
    Colour colour = done.what == Done::What::unchanged ? Colour::faint : Colour::none;
    above([&] { fmt::print("{}\n", coloured(stdout, colour, line_of(done))); });
  }
  void operator()(const Trouble& trouble) {
    above([&] { print_trouble(trouble.diagnosis); });
  }
  void operator()(const Note& note) {
    above([&] { fmt::print("{}\n", harmless(note.text)); });
  }
  void operator()(const OnTheWay& way) {
    block_.clear();
    for (const GroupStatus& group : way.status.groups)
      block_.push_back(
          fmt::format("{} {}: {}", group.settled ? "*" : "-", group.name, progress_of(group)));
    if (!is_settled(way.status))
      block_.push_back(
          fmt::format("  waiting ({}); Ctrl-C leaves it running", age_text(way.waited)));
    above([] {});
    if (is_settled(way.status)) drawn_ = 0;  // the last state stays
  }
  void operator()(const StillThere& still) {
    block_.clear();
    if (!still.objects.empty()) block_.push_back(line_of(still));
    for (const Diagnosis& each : still.troubles)
      block_.push_back("! " + each.object + ": " + each.what);
    above([] {});
  }

 private:
  template <class Print>
  void above(Print print) {
    for (; drawn_ > 0; --drawn_) fmt::print("\x1b[1A\x1b[2K");
    print();
    for (const std::string& line : block_) {
      fmt::print("{}\n",
                 cut_to(harmless(line), static_cast<std::size_t>(terminal_width(stdout)) - 1));
      ++drawn_;
    }
    std::fflush(stdout);
  }

  std::vector<std::string> block_;
  int drawn_ = 0;
};

class JsonPrinter {
 public:
  explicit JsonPrinter(std::string cluster) : cluster_(std::move(cluster)) {}

  void operator()(const Done& done) {
    say("object",
        {{"object", done.object}, {"action", word_of(done.what)}, {"dryRun", done.dry_run}});
  }
  void operator()(const Trouble& trouble) { say("trouble", to_json(trouble.diagnosis)); }
  void operator()(const Note& note) { say("note", {{"text", note.text}}); }
  void operator()(const OnTheWay& way) {
    std::string bare;
    for (const GroupStatus& group : way.status.groups) bare += progress_of(group) + '\n';
    bare = without_spans(bare);
    if (std::exchange(last_, bare) == bare) return;
    say("progress", {{"waitedSeconds", way.waited.count()},
                     {"state", to_string(way.status.state)},
                     {"groups", to_json(way.status)["groups"]}});
  }
  void operator()(const StillThere& still) {
    std::string bare = join(still.objects, ",");
    if (still.objects.empty() || std::exchange(last_, bare) == bare) return;
    say("waiting", {{"waitedSeconds", still.waited.count()},
                    {"objects", doc::Array(still.objects.begin(), still.objects.end())}});
  }

 private:
  void say(std::string_view type, doc::Object rest) {
    doc::Object line{{"type", type}, {"cluster", cluster_}};
    for (auto& member : rest) line[member.key()] = std::move(member.value());
    fmt::print("{}\n", doc::write_json(line));
    std::fflush(stdout);
  }

  std::string cluster_;
  std::string last_;
};

/// Like kubectl's -o name: what was dealt with, on stdout; troubles on stderr.
class NamePrinter {
 public:
  void operator()(const Done& done) {
    std::string name = done.object;
    std::size_t space = name.find(' ');
    for (std::size_t i = 0; i < space && i < name.size(); ++i)
      name[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
    if (space != std::string::npos) name[space] = '/';
    fmt::print("{}\n", name);
  }
  void operator()(const Trouble& trouble) {
    std::string text = to_string(trouble.diagnosis);
    for (std::string_view line : split(text, '\n')) fmt::print(stderr, "{}\n", harmless(line));
  }
  void operator()(const Note& note) { fmt::print(stderr, "{}\n", harmless(note.text)); }
  void operator()(const OnTheWay&) {}
  void operator()(const StillThere&) {}
};

template <class Printer>
Report report_to(std::shared_ptr<Printer> printer) {
  return [printer](const Progress& progress) { std::visit(*printer, progress); };
}

}  // namespace

Report progress_printer(Output output, const std::string& cluster) {
  if (output == Output::json) return report_to(std::make_shared<JsonPrinter>(cluster));
  if (output == Output::name) return report_to(std::make_shared<NamePrinter>());
  if (is_terminal(stdout)) return report_to(std::make_shared<TerminalPrinter>());
  return report_to(std::make_shared<PlainPrinter>());
}

}  // namespace raykeep::cli
