// Cuts a stream of bytes into lines, wherever the network cut it. A watch is one JSON object per
// line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raykeep::kube {

class Lines {
 public:
  /// No line may be longer than `most` bytes.
  explicit Lines(std::size_t most) : most_(most) {}

  void feed(std::string_view bytes) { pending_ += bytes; }

  /// The next whole line without its end, valid until the next call of anything; nothing when it
  /// has not arrived.
  std::optional<std::string_view> next() {
    pending_.erase(0, taken_);
    taken_ = 0;
    auto end = pending_.find('\n', searched_);
    if (end == pending_.npos) {
      searched_ = pending_.size();  // each byte is looked at once, however small the pieces
      return std::nullopt;
    }
    searched_ = 0;
    taken_ = end + 1;
    return std::string_view(pending_).substr(0, end);
  }

  /// True when the line that has begun is already too long.
  bool overflows() const { return pending_.size() - taken_ > most_; }

  /// True when bytes of an unfinished line are left.
  bool has_rest() const { return pending_.size() > taken_; }

 private:
  std::size_t most_;
  std::string pending_;
  std::size_t taken_ = 0;     // bytes at the front that were handed out
  std::size_t searched_ = 0;  // bytes known to hold no line end
};

}  // namespace raykeep::kube
