#include "control/mask.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace raykeep::control {
namespace {

constexpr std::array<std::string_view, 7> keys = {"token",  "password", "passwd", "secret",
                                                  "apikey", "api_key",  "api-key"};
constexpr std::string_view ends = " \t\r\n\"',;}])&";

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

/// How many characters of `rest`, which follows a key, lead up to its value; 0 when no value
/// follows.
std::size_t lead_to_value(std::string_view rest, bool is_flag) {
  std::size_t at = 0;
  if (at < rest.size() && (rest[at] == '"' || rest[at] == '\'')) ++at;
  std::size_t before = at;
  while (at < rest.size() && rest[at] == ' ') ++at;
  bool separated = at < rest.size() && (rest[at] == '=' || rest[at] == ':');
  if (!separated && !(is_flag && at > before)) return 0;
  if (separated) ++at;
  while (at < rest.size() && (rest[at] == ' ' || rest[at] == '"' || rest[at] == '\'')) ++at;
  return at;
}

}  // namespace

std::string mask_secrets(std::string_view text) {
  std::string out;
  std::size_t word_start = 0;  // of the word that `at` is in, for "--redis-password value"
  for (std::size_t at = 0; at < text.size();) {
    if (ends.find(text[at]) != std::string_view::npos) word_start = at + 1;
    std::string_view rest = text.substr(at);
    std::size_t skip = 0;
    if (starts_with_word(rest, "bearer ") || starts_with_word(rest, "basic "))
      skip = rest.find(' ') + 1;
    for (std::string_view key : keys) {
      if (skip != 0 || !starts_with_word(rest, key)) continue;
      std::size_t lead =
          lead_to_value(rest.substr(key.size()), text.substr(word_start).starts_with("--"));
      if (lead != 0) skip = key.size() + lead;
    }
    if (skip == 0) {
      out += text[at++];
      continue;
    }
    std::string_view value = rest.substr(skip);
    // "Authorization token: Bearer x": the scheme is no secret, the word after it is.
    if (starts_with_word(value, "bearer ") || starts_with_word(value, "basic ")) {
      out += rest.substr(0, skip);
      at += skip;
      continue;
    }
    out += rest.substr(0, skip);
    std::size_t length = std::min(value.find_first_of(ends), value.size());
    if (length > 0) out += "***";
    at += skip + length;
  }
  return out;
}

}  // namespace raykeep::control
