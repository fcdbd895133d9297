// raykeep diff: what up would change. Exits as `kubectl diff` does: 0 no difference, 1 differences,
// more than 1 trouble.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/text_diff.h"
#include "control/differences.h"
#include "doc/pointer.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;
using control::ObjectDifference;

constexpr int trouble = 2;  // more than 1, as kubectl has it

std::string shown(const std::optional<doc::Value>& value) {
  return value ? harmless(doc::write_json(*value)) : "<none>";
}

std::string_view word_of(ObjectDifference::What what) {
  switch (what) {
    case ObjectDifference::What::added:
      return "added";
    case ObjectDifference::What::changed:
      return "changed";
    case ObjectDifference::What::removed:
      return "removed";
  }
  return "";
}

bool has_lines(const std::optional<doc::Value>& value) {
  return value && value->is_string() && value->get_string().find('\n') != std::string_view::npos;
}

/// One line, or the changed lines of a text.
void print_change(const doc::Change& change) {
  std::string path = doc::as_path(change.pointer);
  if (!has_lines(change.before) || !has_lines(change.after)) {
    fmt::print("  {}: {} -> {}\n", path, shown(change.before), shown(change.after));
    return;
  }
  fmt::print("  {}:\n", path);
  for (const std::string& line :
       changed_lines(change.before->get_string(), change.after->get_string()))
    fmt::print("    {}\n", harmless(line));
}

void print_text(const std::vector<ObjectDifference>& all) {
  for (const ObjectDifference& each : all) {
    Colour colour = each.what == ObjectDifference::What::added     ? Colour::green
                    : each.what == ObjectDifference::What::removed ? Colour::red
                                                                   : Colour::bold;
    fmt::print("{} {}\n", coloured(stdout, colour, each.object), word_of(each.what));
    for (const doc::Change& change : each.changes) print_change(change);
  }
}

doc::Array to_json(const std::vector<ObjectDifference>& all) {
  doc::Array out;
  for (const ObjectDifference& each : all) {
    doc::Array changes;
    for (const doc::Change& change : each.changes) {
      doc::Object one{{"path", doc::as_path(change.pointer)}};
      if (change.before) one["before"] = *change.before;
      if (change.after) one["after"] = *change.after;
      changes.push_back(std::move(one));
    }
    out.push_back(doc::Object{
        {"object", each.object}, {"what", word_of(each.what)}, {"changes", std::move(changes)}});
  }
  return out;
}

awaitable<int> diff_all(const Access& access, const DiffArguments& arguments,
                        const std::vector<plan::Plan>& plans) {
  std::vector<ObjectDifference> all;
  for (const plan::Plan& plan : plans) {
    std::vector<ObjectDifference> some = co_await control::differences(access, plan);
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  if (arguments.output == Output::json) {
    fmt::print("{}", doc::write_json_pretty(to_json(all)));
  } else {
    print_text(all);
  }
  co_return all.empty() ? ExitCode::done : 1;
}

}  // namespace

int run(const DiffArguments& arguments) {
  Input input = read_input(arguments.input);
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  try {
    kube::Config config = connection_config(arguments.connection);
    std::vector<plan::Plan> plans = plans_of(input, arguments.connection.choice.ns, config.ns);
    if (!input.usable()) {
      print(stderr, input.findings);
      return ExitCode::findings;
    }
    return run_session(
        config, arguments.connection.request_timeout,
        [&](const Access& access) { return diff_all(access, arguments, plans); },
        "nothing was changed");
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    fmt::print(stderr, "{}: {}\n", coloured(stderr, Colour::red, "error"), failure.what());
    return trouble;
  }
}

}  // namespace raykeep::cli
