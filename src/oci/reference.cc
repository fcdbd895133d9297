#include "oci/reference.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::oci {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_word(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

/// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_step(std::string_view step) {
  if (step.empty() || !is_lower_or_digit(step.front()) || !is_lower_or_digit(step.back()))
    return false;
  for (std::size_t i = 0; i < step.size();) {
    if (is_lower_or_digit(step[i])) {
      ++i;
      continue;
    }
    const std::size_t end = std::min(step.find_first_not_of("._-", i), step.size());
    const std::string_view separator = step.substr(i, end - i);
    const bool hyphens = separator.find_first_not_of('-') == std::string_view::npos;
    if (separator != "." && separator != "_" && separator != "__" && !hyphens) return false;
    i = end;
    if (i < step.size() && !is_lower_or_digit(step[i])) return false;
  }
  return true;
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= 128 && is_word(tag.front()) &&
         std::ranges::all_of(tag, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_host(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return is_word(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

}  // namespace

bool is_repository(std::string_view name) {
  return name.size() <= 255 && std::ranges::all_of(split(name, '/'), is_step);
}

Result<Reference> Reference::parse(std::string_view text) {
  Reference made;
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    Result<Digest> digest = Digest::parse(rest.substr(at + 1));
    if (!digest) return error(fmt::format("{}: {}", quoted(text), digest.error().text));
    made.digest = std::move(*digest);
    rest = rest.substr(0, at);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
    made.tag = rest.substr(colon + 1);
    if (!is_tag(made.tag)) return error(fmt::format("{} has a tag that is none", quoted(text)));
    rest = rest.substr(0, colon);
  }
  const std::size_t slash = rest.find('/');
  const std::string_view first = slash == std::string_view::npos ? "" : rest.substr(0, slash);
  if (first.find_first_of(".:") != std::string_view::npos || first == "localhost") {
    made.host = first == "index.docker.io" ? "docker.io" : first;
    rest = rest.substr(slash + 1);
  } else {
    made.host = "docker.io";
  }
  made.repository = rest;
  if (made.host == "docker.io" && !rest.contains('/'))
    made.repository = "library/" + made.repository;
  if (!is_host(made.host)) return error(fmt::format("{} has a host that is none", quoted(text)));
  if (!is_repository(made.repository) || made.host.size() + made.repository.size() > 255)
    return error(fmt::format("{} is no image's name", quoted(text)));
  if (made.tag.empty() && !made.digest) made.tag = "latest";
  return made;
}

std::string Reference::text() const {
  std::string made = host + '/' + repository;
  if (!tag.empty()) made += ':' + tag;
  if (digest) made += '@' + digest->text();
  return made;
}

}  // namespace raykeep::oci
