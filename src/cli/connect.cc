// raykeep connect: the dashboard, Ray Client and Serve of a cluster on this machine's loopback,
// through the API server.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "control/client_certificate.h"
#include "control/facts.h"
#include "control/fields.h"
#include "control/observe.h"
#include "control/private_folder.h"
#include "control/ray_pod.h"
#include "control/token.h"
#include "plan/names.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

/// One port of the head and where it is to appear here.
struct Channel {
  std::string title;  // "Dashboard and Jobs API"
  std::string name;   // of the container port
  int remote;         // Ray's own number, where the pod does not name the port
  int local;
  std::string scheme;  // "http", "ray"
};

std::vector<Channel> channels_of(const ConnectArguments& arguments) {
  bool all = !arguments.dashboard && !arguments.client && !arguments.serve;
  std::vector<Channel> channels;
  if (all || arguments.dashboard)
    channels.push_back(
        {"dashboard", "dashboard", 8265, arguments.dashboard.value_or(8265), "http"});
  if (all || arguments.client)
    channels.push_back({"Ray Client", "client", 10001, arguments.client.value_or(10001), "ray"});
  if (all || arguments.serve)
    channels.push_back({"Serve", "serve", 8000, arguments.serve.value_or(8000), "http"});
  return channels;
}

awaitable<doc::Value> find_head(const Access& access, std::string ns, std::string cluster) {
  control::Observed observed =
      co_await control::observe(access, ns, cluster, {.events = false, .everything = false});
  const doc::Value* head = control::running_head(observed);
  if (head == nullptr)
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("the head of cluster {} does not run: raykeep status {} -n {} says why",
                    cluster, cluster, ns));
  co_return *head;
}

awaitable<void> tell_token(const Access& access, std::string ns, std::string secret, bool print) {
  if (secret.empty()) co_return;
  if (!print) {
    fmt::print(
        "Ray asks for a token. In a shell that uses these addresses:\n"
        "  export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=$(kubectl get secret {} -n {} -o "
        "jsonpath='{{.data.{}}}' | base64 -d)\n"
        "The dashboard asks for the same token in the browser.\n",
        secret, ns, plan::token_key);
    co_return;
  }
  Secret<std::string> token = co_await control::read_token(access, ns, secret);
  fmt::print("RAY_AUTH_TOKEN={}\n", token.reveal());
}

/// $XDG_RUNTIME_DIR, which is memory, or where temporary files are.
std::string temporary_folder() {
  const char* memory = std::getenv("XDG_RUNTIME_DIR");
  if (memory != nullptr && *memory == '/' && access(memory, W_OK) == 0) return memory;
  const char* temporary = std::getenv("TMPDIR");
  return temporary != nullptr && *temporary == '/' ? temporary : "/tmp";
}

/// For Ray Client, which has to show a certificate where Ray has its own TLS; nothing elsewhere.
awaitable<std::unique_ptr<control::PrivateFolder>> tell_certificate(const Access& access,
                                                                    std::string ns,
                                                                    const doc::Value& head) {
  if (!control::has_certificate(head)) co_return nullptr;
  control::ClientCertificate made = co_await control::make_client_certificate(access, ns);
  auto folder = std::make_unique<control::PrivateFolder>(temporary_folder(), "raykeep-");
  fmt::print(
      "Ray Client has to show a certificate; this one lasts a day, and goes when this command "
      "ends:\n  export RAY_USE_TLS=1 RAY_TLS_CA_CERT={} RAY_TLS_SERVER_CERT={} "
      "RAY_TLS_SERVER_KEY={}\n",
      folder->write("ca.crt", made.authority_pem), folder->write("tls.crt", made.certificate_pem),
      folder->write("tls.key", made.key_pem.reveal()));
  co_return folder;
}

/// Forwards one channel; why it ended is kept if it is the first to end.
awaitable<void> forward(const Access& access, std::string ns, std::string pod, int remote,
                        Channel channel, std::exception_ptr& first) {
  auto tell = [channel](int port) {
    fmt::print("{:<11} {}://127.0.0.1:{}\n", channel.title, channel.scheme, port);
    std::fflush(stdout);
  };
  try {
    co_await kube::port_forward(access.client, ns, pod, remote, channel.local, tell);
  } catch (...) {
    if (first == nullptr) first = std::current_exception();
  }
}

/// Forwards every channel until one of them ends, which ends the others.
awaitable<void> forward_all(const Access& access, std::string ns, doc::Value head,
                            std::vector<Channel> channels) {
  using namespace boost::asio::experimental::awaitable_operators;
  std::string pod(control::name_of(head));
  std::exception_ptr first;
  auto one = [&](std::size_t i) {
    return forward(access, ns, pod, control::named_port(head, channels[i].name, channels[i].remote),
                   channels[i], first);
  };
  if (channels.size() == 1) co_await one(0);
  if (channels.size() == 2) co_await (one(0) || one(1));
  if (channels.size() == 3) co_await (one(0) || one(1) || one(2));
  if (first != nullptr) std::rethrow_exception(first);
}

awaitable<int> connect(const Access& access, const ConnectArguments& arguments,
                       const std::string& ns) {
  std::string cluster = arguments.name;
  if (cluster.empty()) cluster = co_await control::only_cluster(access, ns);
  doc::Value head = co_await find_head(access, ns, cluster);
  co_await tell_token(access, ns, control::token_secret_of(head), arguments.print_token);
  const std::vector<Channel> channels = channels_of(arguments);
  const bool with_client = std::ranges::any_of(
      channels, [](const Channel& channel) { return channel.name == "client"; });
  std::unique_ptr<control::PrivateFolder> folder;
  if (with_client) folder = co_await tell_certificate(access, ns, head);
  co_await forward_all(access, ns, head, channels);
  co_return ExitCode::done;
}

}  // namespace

int run(const ConnectArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return connect(access, arguments, config.ns); }, "");
}

}  // namespace raykeep::cli
