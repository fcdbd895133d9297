#include "kube/config.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "kube/kubeconfig.h"
#include "net/proxy.h"
#include "net/url.h"

namespace raykeep::kube {
namespace {

constexpr std::size_t most_file = 4u << 20;

std::string variable(const char* upper, const char* lower = nullptr) {
  for (const char* name : {upper, lower}) {
    const char* value = name == nullptr ? nullptr : std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

struct Read {
  std::string text;
  int error_number = 0;  // ENOENT and its like
};

/// Reads until the end, also of a pipe (kubeconfigs come as <(...) too).
Read read_all(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {"", errno};
  Read result;
  char buffer[16 * 1024];
  for (;;) {
    auto count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) result.error_number = errno;
    if (count <= 0) break;
    result.text.append(buffer, static_cast<std::size_t>(count));
    if (result.text.size() > most_file) {
      result.error_number = EFBIG;
      break;
    }
  }
  close(fd);
  return result;
}

Result<std::string> read_named_file(const std::string& path) {
  auto read = read_all(path);
  if (read.error_number) return error(std::strerror(read.error_number));
  return std::move(read.text);
}

void add_proxy(Config& config, const Environment& environment) {
  if (!config.proxy_url.empty()) return;
  auto server = net::parse_url(config.server);
  if (!server) return;
  config.proxy_url = net::choose_proxy(
      *server, {environment.https_proxy, environment.http_proxy, environment.no_proxy});
}

/// What the kubelet puts into every pod that has a service account (client-go's
/// rest.InClusterConfig).
Result<Config> in_cluster(const ConfigChoice& choice, const Environment& environment) {
  Config config;
  config.context = "in-cluster";
  config.origin = environment.account_folder;
  config.server = "https://" + net::host_and_port(environment.service_host,
                                                  std::atoi(environment.service_port.c_str()));
  if (auto url = net::parse_url(config.server); !url) {
    return error("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a server: " +
                 url.error().text);
  }
  auto ca_file = environment.account_folder + "/ca.crt";
  auto ca = read_named_file(ca_file);
  if (!ca) {
    return error(fmt::format(
        "{}: {}; this pod has no service account mounted (automountServiceAccountToken)", ca_file,
        ca.error().text));
  }
  config.ca_pem = *ca;
  config.ca_origin = ca_file;
  config.token_file = environment.account_folder + "/token";
  if (auto token = read_named_file(config.token_file); !token) {
    return error(fmt::format(
        "{}: {}; this pod has no service account mounted (automountServiceAccountToken)",
        config.token_file, token.error().text));
  }
  if (auto ns = read_named_file(environment.account_folder + "/namespace");
      ns && !trim(*ns).empty()) {
    config.ns = trim(*ns);
  }
  if (!choice.ns.empty()) config.ns = choice.ns;
  return config;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  environment.kubeconfig = variable("KUBECONFIG");
  environment.home = variable("HOME");
  environment.service_host = variable("KUBERNETES_SERVICE_HOST");
  environment.service_port = variable("KUBERNETES_SERVICE_PORT");
  environment.https_proxy = variable("HTTPS_PROXY", "https_proxy");
  environment.http_proxy = variable("HTTP_PROXY", "http_proxy");
  environment.no_proxy = variable("NO_PROXY", "no_proxy");
  return environment;
}

Result<Config> load_config(const ConfigChoice& choice, const Environment& environment) {
  std::vector<std::string> paths;
  bool must_exist = !choice.kubeconfig.empty();
  if (must_exist) {
    paths.push_back(choice.kubeconfig);
  } else if (!environment.kubeconfig.empty()) {
    for (auto path : split(environment.kubeconfig, ':')) {
      if (!path.empty()) paths.emplace_back(path);
    }
  } else if (!environment.home.empty()) {
    paths.push_back(environment.home + "/.kube/config");
  }

  Kubeconfig merged;
  for (const auto& path : paths) {
    auto read = read_all(path);
    if (read.error_number == ENOENT && !must_exist)
      continue;  // kubectl skips files of the list that are not there
    if (read.error_number)
      return error(fmt::format("{}: {}", path, std::strerror(read.error_number)));
    if (auto added = add_kubeconfig(merged, read.text, path); !added)
      return std::unexpected(added.error());
  }

  bool nothing_said = choice.context.empty() && !must_exist;
  if (merged.empty() && nothing_said && !environment.service_host.empty()) {
    auto config = in_cluster(choice, environment);
    if (config) add_proxy(*config, environment);
    return config;
  }
  if (merged.empty()) {
    return error(fmt::format(
        "no kubeconfig: {} not there or empty; set KUBECONFIG, or give --kubeconfig FILE",
        paths.empty() ? "neither KUBECONFIG nor HOME is set, so ~/.kube/config is"
                      : join(paths, ", ") + (paths.size() == 1 ? " is" : " are")));
  }
  auto config = resolve(merged, choice, read_named_file);
  if (config) add_proxy(*config, environment);
  return config;
}

}  // namespace raykeep::kube
