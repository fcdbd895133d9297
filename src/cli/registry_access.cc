#include "cli/registry_access.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <memory>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/text.h"
#include "kube/child_process.h"
#include "kube/config.h"
#include "spec/quantity.h"

namespace raykeep::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where podman, skopeo and docker keep logins; the first that is there.
std::string default_authfile() {
  std::vector<std::string> candidates;
  auto add = [&](std::string folder, const char* name) {
    if (!folder.empty()) candidates.push_back(std::move(folder) + name);
  };
  add(variable("REGISTRY_AUTH_FILE"), "");
  add(variable("DOCKER_CONFIG"), "/config.json");
  add(variable("XDG_RUNTIME_DIR"), "/containers/auth.json");
  add(variable("HOME"), "/.config/containers/auth.json");
  add(variable("HOME"), "/.docker/config.json");
  for (std::string& each : candidates) {
    if (std::ifstream(each).is_open()) return std::move(each);
  }
  return "";
}

oci::Logins read_logins(const std::string& given) {
  const std::string path = given.empty() ? default_authfile() : given;
  if (path.empty()) return {};
  Result<oci::Logins> logins = oci::Logins::parse(read_small_file(path));
  if (!logins) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("read the logins in {}: {}", quoted(path), logins.error().text));
  }
  return std::move(*logins);
}

/// What docker-credential-NAME has for a host: nobody where it knows none. (docker's
/// docker-credential-helpers: "get", the server on standard input.)
oci::Login ask_helper(const std::string& name, const std::string& host) {
  boost::asio::io_context loop;
  SteadyClock clock;
  const std::string program = "docker-credential-" + name;
  const std::string server = host == "docker.io" ? "https://index.docker.io/v1/" : host;
  std::future<kube::ChildOutcome> asked = boost::asio::co_spawn(
      loop,
      kube::run_child(
          loop.get_executor(),
          {.command = program, .args = {"get"}, .extra_environment = {}, .input = server},
          Deadline::after(clock, std::chrono::seconds(30)), clock),
      boost::asio::use_future);
  loop.run();
  const kube::ChildOutcome outcome = asked.get();
  if (outcome.output.contains("credentials not found")) return {};
  Result<oci::Login> login = oci::Logins::parse_helper(outcome.output);
  if (!outcome.problem.empty() || !login) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("ask {} for the login at {}: {}", program, host,
                              outcome.problem.empty() ? login.error().text : outcome.problem));
  }
  return std::move(*login);
}

}  // namespace

std::string read_small_file(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad())
    throw Failure(Failure::Kind::invalid,
                  fmt::format("read {}: {}", quoted(path), std::strerror(errno)));
  if (text.size() > most)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("read {}: it has more than {} bytes", quoted(path), most));
  return text;
}

std::uint64_t read_size(const std::string& text, const char* flag) {
  if (text.empty()) return 0;
  Result<spec::Quantity> size = spec::parse_quantity(text);
  if (!size || size->is_negative() || size->ceil() < 1) {
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("{} {} is no size; write it as in 4.7G or 512Mi", flag, quoted(text)));
  }
  return static_cast<std::uint64_t>(size->ceil());
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* each : {"KiB", "MiB", "GiB", "TiB"}) {
    size /= 1024;
    unit = each;
    if (size < 1024) break;
  }
  return fmt::format("{:.1f} {}", size, unit);
}

std::vector<oci::Mirror> mirrors_of(const spec::Site& site) {
  std::vector<oci::Mirror> made;
  for (const spec::ImageMirror& each : site.image_mirrors)
    made.push_back({each.registry, each.mirrors});
  return made;
}

oci::Registries::Make registry_maker(const BundleArguments& arguments,
                                     boost::asio::any_io_executor executor, const Clock& clock) {
  net::TlsOptions tls;
  if (!arguments.registry_ca.empty()) {
    tls.ca_pem = read_small_file(arguments.registry_ca);
    tls.ca_origin = arguments.registry_ca;
  }
  if (!arguments.client_certificate.empty()) {
    tls.client_certificate_pem = read_small_file(arguments.client_certificate);
    tls.client_key_pem = Secret<std::string>(read_small_file(
        arguments.client_key.empty() ? arguments.client_certificate : arguments.client_key));
  }
  auto logins = std::make_shared<const oci::Logins>(read_logins(arguments.authfile));
  const kube::Environment environment = kube::process_environment();
  const net::ProxySettings proxy{.https_proxy = environment.https_proxy,
                                 .http_proxy = environment.http_proxy,
                                 .no_proxy = environment.no_proxy};
  return [=, &clock, plain_http = arguments.plain_http](const std::string& host) {
    oci::Login login = logins->find(host, "");
    const std::string helper = login.empty() ? logins->helper_for(host) : "";
    if (!helper.empty()) login = ask_helper(helper, host);
    return std::make_unique<oci::Registry>(executor,
                                           oci::RegistryOptions{.host = host,
                                                                .plain_http = plain_http,
                                                                .tls = tls,
                                                                .proxy = proxy,
                                                                .login = std::move(login)},
                                           clock);
  };
}

}  // namespace raykeep::cli
