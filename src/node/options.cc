#include "node/options.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::node {
namespace {

/// Takes an object's members one after the other; the first problem is kept, what is left over is
/// one.
class Members {
 public:
  Members(const doc::Value& value, std::string path) : path_(std::move(path)) {
    if (value.is_object())
      left_ = value.get_object();
    else
      problem_ = fmt::format("{}: an object is expected", path_.empty() ? "the file" : path_);
  }

  template <class T>
  void take(std::string_view name, T& into) {
    auto* member = left_.if_contains(name);
    if (member == nullptr) return;
    doc::Value value = *member;
    left_.erase(name);
    if (value.is_null()) return;
    auto said = read(value, name, into);
    if (said.empty() || !problem_.empty()) return;
    // An object inside has named the place itself.
    problem_ = said.starts_with(at(name)) ? said : fmt::format("{}: {}", at(name), said);
  }

  std::string finish() const {
    if (!problem_.empty()) return problem_;
    if (left_.empty()) return "";
    return fmt::format("{}: there is no such member", at(left_.begin()->key()));
  }

 private:
  std::string at(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }
  std::string read(const doc::Value& value, std::string_view, std::string& into) const {
    if (!value.is_string()) return "a string is expected";
    into = std::string(value.get_string());
    return "";
  }
  std::string read(const doc::Value& value, std::string_view, bool& into) const {
    if (!value.is_bool()) return "true or false is expected";
    into = value.get_bool();
    return "";
  }
  std::string read(const doc::Value& value, std::string_view, int& into) const {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > 65535)
      return "a port is expected";
    into = static_cast<int>(value.get_int64());
    return "";
  }
  std::string read(const doc::Value& value, std::string_view, Duration& into) const {
    auto patience = parse_patience(value.is_string() ? std::string_view(value.get_string()) : "");
    if (!patience) return patience.error().text;
    into = *patience;
    return "";
  }
  std::string read(const doc::Value& value, std::string_view,
                   std::vector<std::string>& into) const {
    if (!value.is_array()) return "a list is expected";
    for (const auto& entry : value.get_array()) {
      if (!entry.is_string()) return "a list of strings is expected";
      into.emplace_back(entry.get_string());
    }
    return "";
  }
  std::string read(const doc::Value& value, std::string_view name, redis::Tls& into) const {
    Members members(value, at(name));
    members.take("enabled", into.enabled);
    members.take("caFile", into.ca_file);
    members.take("certificateFile", into.certificate_file);
    members.take("keyFile", into.key_file);
    members.take("serverName", into.server_name);
    return members.finish();
  }
  std::string read(const doc::Value& value, std::string_view name, redis::Sentinels& into) const {
    Members members(value, at(name));
    members.take("addresses", into.addresses);
    members.take("master", into.master);
    members.take("usernameFile", into.user_file);
    members.take("passwordFile", into.password_file);
    return members.finish();
  }

  std::string path_;
  doc::Object left_;
  std::string problem_;
};

}  // namespace

Result<std::pair<std::string, int>> parse_host_and_port(std::string_view text) {
  auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  int port = 0;
  auto digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  bool is_port =
      failed == std::errc() && end == digits.data() + digits.size() && port > 0 && port < 65536;
  if (!is_port || host.empty() || (host.contains(':') && !bracketed))
    return error(fmt::format("{} is not HOST:PORT", quoted(text)));
  return std::pair(std::string(host), port);
}

Result<Duration> parse_patience(std::string_view text) {
  std::int64_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t ms = unit == "ms"  ? 1
                    : unit == "s" ? 1000
                    : unit == "m" ? 60'000
                    : unit == "h" ? 3'600'000
                                  : 0;
  if (failed != std::errc() || ms == 0 || number < 0 || number > 1'000'000)
    return error(fmt::format("{} is not a time such as \"60s\"", quoted(text)));
  return std::chrono::milliseconds(number * ms);
}

Result<TlsPort> parse_tls_port(std::string_view text) {
  auto number = [](std::string_view digits) {
    int port = 0;
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    bool whole = failed == std::errc() && end == digits.data() + digits.size();
    return whole && port > 0 && port < 65536 ? port : 0;
  };
  TlsPort made;
  auto parts = split(text, ',');
  auto colon = parts[0].find(':');
  made.port = number(parts[0].substr(0, colon));
  made.plain = colon == parts[0].npos ? 0 : number(parts[0].substr(colon + 1));
  bool good = made.port > 0 && made.plain > 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i] == "h2") {
      made.http2 = true;
    } else if (parts[i].starts_with('/')) {
      made.folder = std::string(parts[i]);
    } else {
      good = false;
    }
  }
  if (!good) return error(fmt::format("{} is not PORT:PLAINPORT[,h2][,FOLDER]", quoted(text)));
  return made;
}

Result<redis::RoadOptions> parse_road(const doc::Value& value) {
  redis::RoadOptions road;
  Members members(value, "");
  members.take("listen", road.listen_port);
  members.take("addresses", road.upstream.addresses);
  members.take("sentinel", road.upstream.sentinels);
  members.take("tls", road.upstream.tls);
  members.take("usernameFile", road.upstream.user_file);
  members.take("passwordFile", road.upstream.password_file);
  members.take("storageNamespace", road.storage_namespace);
  members.take("hold", road.hold);
  members.take("leaseTtl", road.lease_ttl);
  if (auto problem = members.finish(); !problem.empty()) return error(problem);
  if (road.storage_namespace.empty()) return error("storageNamespace is missing");
  if (road.upstream.addresses.empty() == road.upstream.sentinels.addresses.empty())
    return error("either addresses or sentinel.addresses is to be given");
  return road;
}

Config config_of(const Options& options) {
  return {.role = options.role,
          .road = options.road.has_value(),
          .certificate = options.identity.has_value(),
          .gcs_in_place = restarts_gcs_in_place(options.ray_version),
          .dashboard = options.dashboard_port > 0,
          .serve = options.serve_port > 0,
          .serve_required = options.serve_required,
          .drain = options.drain};
}

}  // namespace raykeep::node
