// What asking one of Ray's processes "are you well?" gave. A process that is dead, hung or refuses
// us is an expected answer to that question and not an error, so probes return a value where other
// calls throw.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace raykeep::ray {

enum class Answer {
  serving,      // it answered, and is well
  not_serving,  // it answered that it cannot serve (yet)
  silent,       // nothing until the deadline: hung (SIGSTOP, deadlock), or packets get lost
  unreachable,  // nobody listens there, the name has no address, or the connection broke
  denied,       // it runs, but refuses our token
  nonsense,     // something answers that is not what we expect there
  not_asked,    // our own token file cannot be read, so nothing was sent
};

/// "serving", "not_serving", ...: stable, for logs and metrics.
std::string_view to_string(Answer answer);

struct Probe {
  Answer answer = Answer::unreachable;
  std::string text = {};  // why it is not serving, one line that names the peer; empty when it is
  Duration took = {};     // from the question to the answer, or to the end of patience

  bool good() const { return answer == Answer::serving; }

  /// The process runs and its server works, whatever it thinks of us: only this, not good(), may
  /// decide whether a process is hung.
  bool alive() const {
    return answer == Answer::serving || answer == Answer::not_serving || answer == Answer::denied;
  }
};

}  // namespace raykeep::ray
