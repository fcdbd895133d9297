// The agent's own log: one JSON object a line on standard error, between the lines that Ray and the
// user's command write there.
#pragma once

#include <string>
#include <string_view>

#include "doc/json.h"

namespace raykeep::node {

enum class Level { info, warning, error };

class Log {
 public:
  /// Writes to that file descriptor. `component`: who speaks, "node" or "controller".
  explicit Log(int fd, std::string component = "node")
      : fd_(fd), component_(std::move(component)) {}

  /// {"time":"...","level":"info","component":"node","event":"...", fields...} in one write, so
  /// that lines of other processes do not come between. What cannot be written is lost.
  void say(Level level, std::string_view event, doc::Object fields = {}) const;

 private:
  int fd_;
  std::string component_;
};

/// The line, with its newline; for `say`.
std::string log_line(std::string_view time, Level level, std::string_view event,
                     const doc::Object& fields, std::string_view component = "node");

}  // namespace raykeep::node
