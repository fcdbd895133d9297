// For tests: a real gRPC server on the loopback with the GCS's methods, which answers as it is told
// and remembers what it was asked. Its answers are functions run on gRPC's threads.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/server.h>

#include "autoscaler.grpc.pb.h"
#include "gcs.grpc.pb.h"

namespace raykeep::ray::testing {

namespace rpc = ::ray::rpc;

struct GcsScript {
  std::function<grpc::Status(const rpc::CheckAliveRequest&, rpc::CheckAliveReply&)> check_alive =
      {};
  std::function<grpc::Status(const rpc::GetAllNodeInfoRequest&, rpc::GetAllNodeInfoReply&)> nodes =
      {};
  std::function<grpc::Status(const rpc::autoscaler::DrainNodeRequest&,
                             rpc::autoscaler::DrainNodeReply&)>
      drain = {};
};

/// For mutual TLS; empty: in the clear.
struct GcsIdentity {
  std::string certificate_pem = {};
  std::string key_pem = {};
  std::string client_ca_pem = {};
};

class ScriptedGcs {
 public:
  /// On that port, or a free one. Aborts when it cannot listen.
  explicit ScriptedGcs(GcsScript script, int port = 0, GcsIdentity identity = {});

  /// Calls under way are cut off.
  ~ScriptedGcs();
  ScriptedGcs(const ScriptedGcs&) = delete;

  int port() const { return port_; }
  void set_serving(bool serving);

  /// The `authorization` of each call so far; empty where there was none.
  std::vector<std::string> tokens();

  /// For scripts: does not return before release(), which the destructor does, too.
  grpc::Status hang();
  void release();

 private:
  class NodeInfo;
  class Autoscaler;
  void note(const grpc::ServerContext& context);

  GcsScript script_;
  std::unique_ptr<NodeInfo> node_info_;
  std::unique_ptr<Autoscaler> autoscaler_;
  std::mutex mutex_;
  std::condition_variable released_signal_;
  bool released_ = false;
  std::vector<std::string> tokens_;
  int port_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace raykeep::ray::testing
