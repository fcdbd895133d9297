// For tests of the agent as a process: gcs_server or raylet by its own name, as far as the agent
// sees them. A real gRPC server that answers health, CheckAlive and DrainNode. What it is to do
// wrong is told by files in --dir, read at each question:
//
//   broken  a GCS that starts ends at once     dead  CheckAlive says that no node is alive
//   stuck   CheckAlive does not answer         drained  written at DrainNode; then a raylet leaves
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "ray/scripted_gcs.h"

namespace {

using namespace raykeep::ray::testing;
using namespace std::chrono_literals;

std::string option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word(argv[i]);
    if (word.starts_with(name) && word.substr(name.size()).starts_with('='))
      return std::string(word.substr(name.size() + 1));
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path dir = option(argc, argv, "--dir");
  bool gcs = std::string_view(argv[0]).ends_with("gcs_server");
  auto told = [&](const char* what) { return std::filesystem::exists(dir / what); };
  if (gcs && told("broken")) return 1;

  GcsScript script;
  ScriptedGcs* server_seen = nullptr;
  script.check_alive = [&](const rpc::CheckAliveRequest& request, rpc::CheckAliveReply& reply) {
    if (told("stuck")) return server_seen->hang();
    reply.set_ray_version("2.60.0");
    for (int i = 0; i < request.node_ids_size(); ++i) reply.add_raylet_alive(!told("dead"));
    return grpc::Status::OK;
  };
  script.drain = [&](const rpc::autoscaler::DrainNodeRequest& request,
                     rpc::autoscaler::DrainNodeReply& reply) {
    std::ofstream(dir / "drained") << request.reason() << ' ' << request.reason_message() << '\n';
    reply.set_is_accepted(true);
    return grpc::Status::OK;
  };
  int port = std::stoi(option(argc, argv, gcs ? "--gcs_server_port" : "--node_manager_port"));
  ScriptedGcs server(script, port);
  server_seen = &server;
  while (gcs || !told("drained")) std::this_thread::sleep_for(20ms);
  return 0;
}
