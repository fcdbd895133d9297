// Time as an argument: code that waits takes a Clock and a Deadline, so that tests never sleep.
#pragma once

#include <chrono>

namespace raykeep {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// The machine's monotonic clock.
class SteadyClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
};

/// The moment after which waiting is pointless.
struct Deadline {
  Instant at;

  static Deadline after(const Clock& clock, Duration patience) { return {clock.now() + patience}; }
  /// For waits that end by other means: an answer, a closed connection, a cancellation.
  static constexpr Deadline never() { return {Instant::max()}; }
  bool is_never() const { return at == Instant::max(); }
  bool passed(const Clock& clock) const { return clock.now() >= at; }
  Duration left(const Clock& clock) const {
    return passed(clock) ? Duration::zero() : at - clock.now();
  }
};

}  // namespace raykeep
