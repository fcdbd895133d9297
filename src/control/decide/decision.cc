#include "control/decide/decision.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {

std::string_view to_string(Action::Verb verb) {
  switch (verb) {
    case Action::Verb::write_note:
      return "write note";
    case Action::Verb::apply:
      return "apply";
    case Action::Verb::remove:
      return "remove";
    case Action::Verb::clear_avoid:
      return "clear avoided node of";
    case Action::Verb::avoid_node:
      return "avoid node";
    case Action::Verb::ask_to_end:
      return "ask to end";
    case Action::Verb::force_delete:
      return "force-delete";
    case Action::Verb::renew:
      return "renew";
    case Action::Verb::replace_worker:
      return "replace";
    case Action::Verb::clean_keys:
      return "clean keys of";
    case Action::Verb::drop_note:
      return "drop note";
  }
  return "";
}

std::string_view to_string(Condition::Status status) {
  switch (status) {
    case Condition::Status::yes:
      return "True";
    case Condition::Status::no:
      return "False";
    case Condition::Status::unknown:
      return "Unknown";
  }
  return "";
}

const Condition* Decision::find(std::string_view type) const {
  auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

std::string to_string(const Action& action) {
  return fmt::format("{} {}: {}", to_string(action.verb), action.target, action.reason);
}

std::string to_string(const Decision& decision) {
  std::string text;
  for (const Action& action : decision.actions) text += to_string(action) + '\n';
  for (const Condition& condition : decision.conditions)
    text += fmt::format("{}={} {}: {}\n", condition.type, to_string(condition.status),
                        condition.reason, condition.message);
  for (const Event& event : decision.events)
    text += fmt::format("{} {} {}: {}\n", event.warning ? "warning" : "event", event.object,
                        event.reason, event.message);
  return text;
}

}  // namespace raykeep::decide
