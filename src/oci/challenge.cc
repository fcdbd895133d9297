#include "oci/challenge.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "doc/json.h"

namespace raykeep::oci {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

/// Reads a header's value from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string_view word() {
    const std::size_t end = std::min(rest_.find_first_of(" \t,="), rest_.size());
    std::string_view made = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return made;
  }
  /// After "=": a word, or a text in quotes.
  std::string value() {
    if (!rest_.starts_with('"')) return std::string(word());
    std::string made;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      made += rest_[i];
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return made;
  }
  bool takes(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

void read_header(std::string_view text, std::vector<Challenge>& made) {
  Reader reader(text);
  for (;;) {
    reader.skip(" \t,");
    if (reader.done()) return;
    const std::string word = lower(reader.word());
    reader.skip(" \t");
    if (!reader.takes('=')) {
      // A scheme; its parameters follow.
      if (word.empty()) return;
      if (std::isalpha(static_cast<unsigned char>(word[0]))) made.push_back({.scheme = word});
      continue;
    }
    reader.skip(" \t");
    const std::string value = reader.value();
    if (made.empty()) continue;
    if (word == "realm") made.back().realm = value;
    if (word == "service") made.back().service = value;
    if (word == "scope") made.back().scope = value;
  }
}

}  // namespace

std::vector<Challenge> read_challenges(const net::Headers& headers) {
  std::vector<Challenge> made;
  for (const auto& [name, value] : headers) {
    if (lower(name) == "www-authenticate") read_header(value, made);
  }
  return made;
}

Result<Token> read_token(std::string_view json) {
  Result<doc::Value> value = doc::parse_json(json, {.bytes = 1u << 20});
  if (!value) return error("the token server's answer is no JSON");
  std::string_view text = doc::find_string(*value, {"token"});
  if (text.empty()) text = doc::find_string(*value, {"access_token"});
  if (text.empty()) return error("the token server gives no token");
  Token made{.text = Secret<std::string>(std::string(text))};
  const doc::Value* lifetime = doc::find(*value, {"expires_in"});
  if (lifetime != nullptr && lifetime->is_int64() && lifetime->get_int64() > 0)
    made.lifetime = static_cast<int>(std::min<std::int64_t>(lifetime->get_int64(), 86'400));
  return made;
}

}  // namespace raykeep::oci
