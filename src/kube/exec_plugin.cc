#include "kube/exec_plugin.h"

#include <time.h>

#include <cstdio>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"
#include "kube/child_process.h"
#include "net/base64.h"

namespace raykeep::kube {
namespace {

constexpr std::size_t most_output = 1u << 20;
constexpr auto patience_for_people = std::chrono::minutes(5);

[[noreturn]] void refuse(const ExecPlugin& plugin, std::string_view why) {
  auto text = fmt::format("credential plugin {}: {}", quoted(plugin.command), why);
  if (!plugin.install_hint.empty())
    text += fmt::format("; {}", trim(harmless(plugin.install_hint).substr(0, 1000)));
  throw Failure(Failure::Kind::denied, text);
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text) {
  tm parts{};
  int used = 0;
  std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used) != 6) {
    return std::nullopt;
  }
  if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31)
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  auto rest = text.substr(static_cast<std::size_t>(used));
  if (rest.starts_with('.')) {
    auto end = rest.find_first_not_of("0123456789", 1);
    if (end == rest.npos) return std::nullopt;
    rest.remove_prefix(end);
  }
  auto time = std::chrono::system_clock::from_time_t(timegm(&parts));
  if (rest == "Z" || rest == "z") return time;
  int hours = 0, minutes = 0;
  std::string offset(rest);
  if (offset.size() != 6 || std::sscanf(offset.c_str() + 1, "%2d:%2d", &hours, &minutes) != 2)
    return std::nullopt;
  auto shift = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (offset[0] == '+') return time - shift;
  if (offset[0] == '-') return time + shift;
  return std::nullopt;
}

std::string exec_info(const Config& config, bool interactive) {
  const auto& plugin = *config.exec;
  doc::Object spec{{"interactive", interactive}};
  if (plugin.provide_cluster_info) {
    doc::Object cluster{{"server", config.server}};
    if (!config.tls_server_name.empty()) cluster["tls-server-name"] = config.tls_server_name;
    if (config.insecure_skip_tls_verify) cluster["insecure-skip-tls-verify"] = true;
    if (!config.ca_pem.empty())
      cluster["certificate-authority-data"] = net::base64_encode(config.ca_pem);
    if (!config.proxy_url.empty()) cluster["proxy-url"] = config.proxy_url;
    if (auto extension = doc::parse_json(plugin.cluster_config)) cluster["config"] = *extension;
    spec["cluster"] = cluster;
  }
  return doc::write_json(
      doc::Object{{"kind", "ExecCredential"}, {"apiVersion", plugin.api_version}, {"spec", spec}});
}

Result<ExecCredential> parse_exec_credential(std::string_view text,
                                             const std::string& api_version) {
  auto value = doc::parse_json(text);
  // The parser's error could show a piece of the output, and that may be a token.
  if (!value) return error("it did not print JSON");
  if (doc::find_string(*value, {"kind"}) != "ExecCredential")
    return error("it did not print an ExecCredential");
  if (auto printed = doc::find_string(*value, {"apiVersion"}); printed != api_version) {
    return error(fmt::format("it printed version {}, but the kubeconfig says {}", quoted(printed),
                             api_version));
  }
  if (!doc::find_object(*value, {"status"})) return error("it printed no status");
  ExecCredential credential{
      .token = Secret(std::string(doc::find_string(*value, {"status", "token"}))),
      .certificate_pem = std::string(doc::find_string(*value, {"status", "clientCertificateData"})),
      .key_pem = Secret(std::string(doc::find_string(*value, {"status", "clientKeyData"}))),
      .expires = std::nullopt,
  };
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return error("it printed a certificate without key, or a key without certificate");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return error("it printed neither token nor certificate");
  }
  if (auto stamp = doc::find_string(*value, {"status", "expirationTimestamp"}); !stamp.empty()) {
    credential.expires = parse_time(stamp);
    if (!credential.expires)
      return error(fmt::format("its expirationTimestamp {} is not a time", quoted(stamp)));
  }
  return credential;
}

boost::asio::awaitable<ExecCredential> run_plugin(boost::asio::any_io_executor executor,
                                                  const Config& config, Deadline until,
                                                  const Clock& clock) {
  const ExecPlugin plugin = *config.exec;
  bool person = stdin_is_terminal() && plugin.interactive_mode != "Never";
  if (plugin.interactive_mode == "Always" && !person) {
    refuse(plugin,
           "it must be able to ask a person (interactiveMode: Always), but standard input is not a "
           "terminal");
  }
  auto patience = person ? Deadline{std::max(until.at, clock.now() + patience_for_people)} : until;
  ChildProcess child{.command = plugin.command,
                     .args = plugin.args,
                     .extra_environment = plugin.env,
                     .pass_stdin = person,
                     .most_output = most_output};
  child.extra_environment.emplace_back("KUBERNETES_EXEC_INFO", exec_info(config, person));
  auto outcome = co_await run_child(executor, std::move(child), patience, clock);
  if (!outcome.problem.empty()) refuse(plugin, outcome.problem);
  auto credential = parse_exec_credential(outcome.output, plugin.api_version);
  if (!credential) refuse(plugin, credential.error().text);
  co_return std::move(*credential);
}

}  // namespace raykeep::kube
