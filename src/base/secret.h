// A value that must not be seen: it prints as ***, and only reveal() gives it out.
#pragma once

#include <ostream>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace raykeep {

/// Wraps a password, token or key. Never put reveal()'s result in argv, a log line, an error text
/// or a pod spec.
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}

  const T& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  T value_;
};

template <class T>
std::ostream& operator<<(std::ostream& out, const Secret<T>&) {
  return out << "***";
}

}  // namespace raykeep

template <class T>
struct fmt::formatter<raykeep::Secret<T>> : fmt::formatter<std::string_view> {
  auto format(const raykeep::Secret<T>&, format_context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
