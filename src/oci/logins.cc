#include "oci/logins.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/base64.h"
#include "doc/json.h"

namespace raykeep::oci {
namespace {

constexpr std::string_view hub = "docker.io";

/// "https://index.docker.io/v1/" -> "docker.io".
std::string tidy_key(std::string_view key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string_view::npos)
    key.remove_prefix(scheme + 3);
  while (key.ends_with('/')) key.remove_suffix(1);
  for (std::string_view version : {"/v1", "/v2"}) {
    if (key.ends_with(version)) key.remove_suffix(version.size());
  }
  return key == "index.docker.io" ? std::string(hub) : std::string(key);
}

bool is_helper(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
}

Login read_login(const doc::Value& entry) {
  auto text = [&](std::string_view key) { return std::string(doc::find_string(entry, {key})); };
  Login made{.user = text("username"),
             .password = Secret<std::string>(text("password")),
             .identity_token = Secret<std::string>(text("identitytoken")),
             .registry_token = Secret<std::string>(text("registrytoken"))};
  if (std::optional<std::string> both = doc::decode_base64(text("auth")); both && !both->empty()) {
    // The password is the rest, with colons in it; docker pads it with zeros.
    const std::size_t colon = both->find(':');
    if (colon != std::string::npos) {
      made.user = both->substr(0, colon);
      std::string password = both->substr(colon + 1);
      while (password.ends_with('\0')) password.pop_back();
      made.password = Secret<std::string>(std::move(password));
    }
  }
  if (made.user == "<token>") {
    made.identity_token = made.password;
    made.user.clear();
  }
  return made;
}

}  // namespace

Result<Logins> Logins::parse(std::string_view json) {
  Result<doc::Value> value = doc::parse_json(json, {.bytes = 1u << 20});
  if (!value || !value->is_object()) return error("it is no JSON object");
  Logins made;
  if (const doc::Object* entries = doc::find_object(*value, {"auths"})) {
    for (const auto& [key, entry] : *entries)
      made.entries_.push_back({tidy_key(key), read_login(entry)});
  }
  if (const doc::Object* helpers = doc::find_object(*value, {"credHelpers"})) {
    for (const auto& [host, name] : *helpers) {
      if (const boost::json::string* text = name.if_string(); text && is_helper(*text))
        made.helpers_.emplace_back(tidy_key(host), std::string(*text));
    }
  }
  if (std::string_view store = doc::find_string(*value, {"credsStore"}); is_helper(store))
    made.store_ = store;
  return made;
}

Result<Login> Logins::parse_helper(std::string_view json) {
  Result<doc::Value> value = doc::parse_json(json, {.bytes = 1u << 20});
  if (!value || !value->is_object()) return error("it prints no JSON object");
  std::string secret(doc::find_string(*value, {"Secret"}));
  std::string user(doc::find_string(*value, {"Username"}));
  if (user == "<token>") return Login{.identity_token = Secret<std::string>(std::move(secret))};
  return Login{.user = std::move(user), .password = Secret<std::string>(std::move(secret))};
}

Login Logins::find(std::string_view host, std::string_view repository) const {
  const std::string path = fmt::format("{}/{}", host, repository);
  const Entry* best = nullptr;
  for (const Entry& each : entries_) {
    const bool fits = path == each.key || path.starts_with(each.key + '/');
    if (fits && (best == nullptr || each.key.size() > best->key.size())) best = &each;
  }
  return best == nullptr ? Login() : best->login;
}

std::string Logins::helper_for(std::string_view host) const {
  auto found = std::ranges::find(helpers_, host, &std::pair<std::string, std::string>::first);
  return found == helpers_.end() ? store_ : found->second;
}

}  // namespace raykeep::oci
