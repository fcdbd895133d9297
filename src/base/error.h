// How things go wrong. Pure code returns Result<T>; code that talks to the world returns values
// for what it expects (absence, conflict) and throws Failure for the rest. Broken invariants abort.
#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <utility>

namespace raykeep {

/// Why a text could not be understood. One sentence, no trailing full stop, no place:
/// the caller knows where the text came from.
struct Error {
  std::string text;
  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> error(std::string text) {
  return std::unexpected(Error{std::move(text)});
}

/// Something outside this process failed. The kind says what a catcher may do about it.
class Failure : public std::runtime_error {
 public:
  enum class Kind {
    disconnected,  // the peer could not be reached or went away: try again later
    overloaded,    // the peer asks for patience: try again later, more slowly
    denied,        // the peer knows us and says no: a person must change rights or credentials
    invalid,       // the request or the answer makes no sense: trying again will not help
    cancelled,     // we were told to stop
    bug,           // should not happen
  };

  /// `text` names the verb, the object and the peer:
  /// "apply Service ray/head: connection reset by 10.0.0.1:6443".
  Failure(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}

  Kind kind() const { return kind_; }
  /// Whether it may be gone when the same is tried again.
  bool passes() const { return kind_ == Kind::disconnected || kind_ == Kind::overloaded; }

 private:
  Kind kind_;
};

}  // namespace raykeep
