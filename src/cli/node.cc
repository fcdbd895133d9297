// raykeep node: the agent. Reads what the kubelet and the plan say, and runs it.
#include <cstdlib>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "doc/document.h"
#include "node/agent.h"
#include "node/install.h"

namespace raykeep::cli {
namespace {

constexpr const char* version = RAYKEEP_VERSION;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

[[noreturn]] void refuse(const std::string& text) {
  throw Failure(Failure::Kind::invalid, "node: " + text);
}

redis::RoadOptions read_road(const NodeArguments& arguments) {
  auto read = doc::read_file(arguments.redis, {.bytes = 256 * 1024});
  if (!read.findings.empty()) refuse(to_string(read.findings.front()));
  if (read.documents.size() != 1)
    refuse(fmt::format("{}: one document is expected", arguments.redis));
  const auto& value = read.documents[0].value;
  auto road = node::parse_road(value);
  if (!road) refuse(fmt::format("{}: {}", arguments.redis, road.error().text));
  if (value.is_object() && !value.get_object().contains("hold")) road->hold = arguments.hold;
  return *road;
}

node::Options options_of(const NodeArguments& arguments) {
  node::Options options;
  auto gcs = node::parse_host_and_port(arguments.gcs);
  if (!gcs) refuse(fmt::format("--gcs: {}", gcs.error().text));
  if (arguments.command.empty())
    refuse("the command that starts Ray is missing; it follows after --");
  options.role = arguments.role == "head" ? node::Role::head : node::Role::worker;
  options.port = arguments.port;
  options.ray_version = arguments.ray_version;
  std::tie(options.gcs_host, options.gcs_port) = *gcs;
  options.node_manager_port = arguments.node_manager_port;
  options.agent_port = arguments.agent_port;
  options.dashboard_port = arguments.dashboard_port;
  options.serve_port = arguments.serve_port;
  options.metrics_port = arguments.metrics_port;
  options.serve_required = arguments.serve_required;
  for (const std::string& text : arguments.tls_listen) {
    auto port = node::parse_tls_port(text);
    if (!port) refuse(fmt::format("--tls-listen: {}", port.error().text));
    if (port->folder.empty()) port->folder = arguments.tls_folder;
    options.tls.ports.push_back(*port);
  }
  options.tls.idle = arguments.tls_idle;
  options.token_file = arguments.token_file;
  options.drain = arguments.drain;
  options.command = arguments.command;
  options.pod = {.name = variable("RAYKEEP_POD_NAME"),
                 .ns = variable("RAYKEEP_POD_NAMESPACE"),
                 .uid = variable("RAYKEEP_POD_UID"),
                 .ip = variable("RAYKEEP_POD_IP")};
  if (!arguments.redis.empty()) {
    if (options.role != node::Role::head) refuse("--redis is for the head: workers never use it");
    if (options.pod.uid.empty()) refuse("RAYKEEP_POD_UID is not set; the lease needs it");
    options.road = read_road(arguments);
  }
  if (!arguments.signer.empty()) {
    auto signer = node::parse_host_and_port(arguments.signer);
    if (!signer) refuse(fmt::format("--signer: {}", signer.error().text));
    options.identity = {.host = signer->first,
                        .port = signer->second,
                        .folder = arguments.tls_folder,
                        .token_file = arguments.identity_folder + "/token",
                        .authority_file = arguments.identity_folder + "/ca.crt"};
  }
  return options;
}

}  // namespace

int run(const NodeArguments& arguments) {
  if (!arguments.install.empty()) {
    node::install(arguments.install);
    return ExitCode::done;
  }
  auto options = options_of(arguments);
  SteadyClock clock;
  node::Log log(2);
  boost::asio::io_context loop(1);
  node::Agent agent(loop.get_executor(), options, version, clock, log);
  int exit_code = ExitCode::failed;
  std::exception_ptr problem;
  boost::asio::co_spawn(loop, agent.run(), [&](std::exception_ptr thrown, int code) {
    problem = thrown;
    exit_code = code;
    loop.stop();
  });
  loop.run();
  if (problem) std::rethrow_exception(problem);
  return exit_code;
}

}  // namespace raykeep::cli
