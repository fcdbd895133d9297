// A decision: what to do, and what to say, each with its reason. A value that prints: the log line
// that explains a fail-over, `status` and the tests show the same thing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace raykeep::decide {

/// One step. Each is safe to repeat, and safe on a world that changed since it was decided: what is
/// removed is named by its uid.
struct Action {
  enum class Verb {
    write_note,      // what to clean in the store, should the cluster go
    apply,           // an object of the plan
    remove,          // an object that is in no plan any more
    clear_avoid,     // let the head's StatefulSet forget the node it was kept off
    avoid_node,      // ask the scheduler to keep the next head off `target`
    ask_to_end,      // delete the head's pod gracefully: a node that lives will end it
    force_delete,    // remove the head's pod object although its node does not confirm
    replace_worker,  // delete a worker's pod on a lost node, so that its controller makes another
    renew,           // delete a pod gracefully: it drains, and the next one has a new certificate
    clean_keys,      // remove the keys of a cluster that is gone
    drop_note,       // nothing is left to clean, or nothing can be done about it
  };
  Verb verb;
  std::string target;    // "StatefulSet demo-head", "Pod demo-head-0", a node, a note
  std::string uid = {};  // of the pod: never its successor of the same name
  std::string reason;
  bool operator==(const Action&) const = default;
};

std::string_view to_string(Action::Verb verb);

/// As Kubernetes has conditions (metav1.Condition). Messages hold no times: they change only when
/// what they say does.
struct Condition {
  enum class Status { yes, no, unknown };
  std::string type;  // "Accepted", "Applied", "HeadAnswers", "FailoverReady", "Ready"
  Status status = Status::unknown;
  std::string reason;   // one word in CamelCase
  std::string message;  // for people; what to do next where there is something to do
  bool operator==(const Condition&) const = default;
};

std::string_view to_string(Condition::Status status);

/// To be said once, on the object that it is about.
struct Event {
  bool warning = false;
  std::string object;  // "Pod demo-head-0"; empty: the owner
  std::string reason;
  std::string message;
  bool operator==(const Event&) const = default;
};

struct Decision {
  std::vector<Action> actions;  // in this order; the rest waits when one fails
  std::vector<Condition> conditions;
  std::vector<Event> events;           // while this state lasts; memory.h leaves out what was said
  std::optional<Duration> look_again;  // when patience ends, with nothing else happening
  bool operator==(const Decision&) const = default;

  const Condition* find(std::string_view type) const;
};

/// "apply StatefulSet demo-head: it is missing": a line for each action, event and condition.
std::string to_string(const Action& action);
std::string to_string(const Decision& decision);

}  // namespace raykeep::decide
