#include "spec/names.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::spec {
namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return lower(c) || digit(c) || (c >= 'A' && c <= 'Z'); }

std::string wrong_length(std::string_view text, std::size_t most) {
  if (text.empty()) return "is empty";
  if (text.size() > most) return fmt::format("has {} characters, more than {}", text.size(), most);
  return {};
}

/// The middle part of a label key and a label value: A-Z a-z 0-9 - _ . with alphanumeric ends.
std::string wrong_with_qualified(std::string_view text) {
  if (!std::ranges::all_of(
          text, [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; })) {
    return "has characters other than A-Z, a-z, 0-9, -, _ and .";
  }
  if (!alphanumeric(text.front()) || !alphanumeric(text.back())) {
    return "does not begin and end with a letter or digit";
  }
  return {};
}

std::string wrong_with_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128) return "has an empty or too long tag";
  bool first = alphanumeric(tag[0]) || tag[0] == '_';
  bool rest = std::ranges::all_of(
      tag, [](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
  return first && rest ? "" : "has a tag with characters other than A-Z, a-z, 0-9, _, . and -";
}

std::string wrong_with_digest(std::string_view digest) {
  std::size_t colon = digest.find(':');
  bool hex = colon != std::string_view::npos && digest.size() - colon - 1 >= 32 &&
             std::ranges::all_of(digest.substr(colon + 1),
                                 [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
  if (!hex) return "has a digest that is not algorithm:hex";
  if (digest.starts_with("sha256:") && digest.size() != 7 + 64)
    return "has a sha256 digest that is not 64 digits";
  return {};
}

}  // namespace

std::string wrong_with_dns_label(std::string_view text) {
  if (std::string wrong = wrong_length(text, 63); !wrong.empty()) return wrong;
  if (!std::ranges::all_of(text, [](char c) { return lower(c) || digit(c) || c == '-'; })) {
    return "has characters other than a-z, 0-9 and -";
  }
  if (text.front() == '-' || text.back() == '-')
    return "does not begin and end with a letter or digit";
  return {};
}

std::string wrong_with_service_name(std::string_view text) {
  std::string wrong = wrong_with_dns_label(text);
  if (wrong.empty() && !lower(text.front())) wrong = "does not begin with a letter";
  return wrong;
}

std::string wrong_with_dns_subdomain(std::string_view text) {
  if (std::string wrong = wrong_length(text, 253); !wrong.empty()) return wrong;
  for (std::string_view part : split(text, '.')) {
    if (part.empty()) return "has an empty part between its dots";
    if (!std::ranges::all_of(part, [](char c) { return lower(c) || digit(c) || c == '-'; })) {
      return "has characters other than a-z, 0-9, - and .";
    }
    if (part.front() == '-' || part.back() == '-')
      return "has a part that does not begin and end with a letter or digit";
  }
  return {};
}

std::string wrong_with_label_key(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    std::string wrong = wrong_with_dns_subdomain(text.substr(0, slash));
    if (!wrong.empty()) return "has a prefix that " + wrong;
    text.remove_prefix(slash + 1);
  }
  if (std::string wrong = wrong_length(text, 63); !wrong.empty()) return wrong;
  return wrong_with_qualified(text);
}

std::string wrong_with_label_value(std::string_view text) {
  if (text.empty()) return {};
  if (std::string wrong = wrong_length(text, 63); !wrong.empty()) return wrong;
  return wrong_with_qualified(text);
}

std::string wrong_with_env_name(std::string_view text) {
  if (text.empty()) return "is empty";
  if (!std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '='; })) {
    return "has characters other than printable ASCII without =";
  }
  return {};
}

std::string wrong_with_port_name(std::string_view text) {
  if (std::string wrong = wrong_length(text, 15); !wrong.empty()) return wrong;
  if (!std::ranges::all_of(text, [](char c) { return lower(c) || digit(c) || c == '-'; })) {
    return "has characters other than a-z, 0-9 and -";
  }
  if (!std::ranges::any_of(text, lower)) return "has no letter";
  if (text.front() == '-' || text.back() == '-' || text.contains("--"))
    return "has a hyphen at an end or two together";
  return {};
}

std::string wrong_with_image(std::string_view text) {
  if (text.empty()) return "is empty";
  std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (std::string wrong = wrong_with_digest(text.substr(at + 1)); !wrong.empty()) return wrong;
    text = text.substr(0, at);
  }
  std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    if (std::string wrong = wrong_with_tag(text.substr(colon + 1)); !wrong.empty()) return wrong;
    text = text.substr(0, colon);
  }
  if (text.contains("://")) return "has a scheme";
  bool first = true;
  for (std::string_view part : split(text, '/')) {
    bool host = first && part.size() < text.size() &&
                (part.contains('.') || part.contains(':') || part == "localhost");
    first = false;
    if (part.empty()) return "has an empty part between its slashes";
    bool fine = std::ranges::all_of(part, [&](char c) {
      return lower(c) || digit(c) || c == '-' || c == '_' || c == '.' ||
             (host && (alphanumeric(c) || c == ':' || c == '[' || c == ']'));
    });
    if (!fine) return "has characters that a repository's name cannot have (it is all lower case)";
    if (!host && (!alphanumeric(part.front()) || !alphanumeric(part.back()))) {
      return "has a part that does not begin and end with a letter or digit";
    }
  }
  return {};
}

std::string as_dns_label(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, 63)) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out += lower(c) || digit(c) ? c : '-';
  }
  while (out.ends_with('-')) out.pop_back();
  std::size_t first = out.find_first_not_of('-');
  return first == std::string::npos ? "" : out.substr(first);
}

}  // namespace raykeep::spec
