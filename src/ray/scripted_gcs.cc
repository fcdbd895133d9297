#include "ray/scripted_gcs.h"

#include <chrono>
#include <cstdlib>

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

namespace raykeep::ray::testing {

class ScriptedGcs::NodeInfo final : public rpc::NodeInfoGcsService::Service {
 public:
  explicit NodeInfo(ScriptedGcs& owner) : owner_(owner) {}

  grpc::Status CheckAlive(grpc::ServerContext* context, const rpc::CheckAliveRequest* request,
                          rpc::CheckAliveReply* reply) override {
    owner_.note(*context);
    if (owner_.script_.check_alive) return owner_.script_.check_alive(*request, *reply);
    return {grpc::UNIMPLEMENTED, ""};
  }

  grpc::Status GetAllNodeInfo(grpc::ServerContext* context,
                              const rpc::GetAllNodeInfoRequest* request,
                              rpc::GetAllNodeInfoReply* reply) override {
    owner_.note(*context);
    if (owner_.script_.nodes) return owner_.script_.nodes(*request, *reply);
    return {grpc::UNIMPLEMENTED, ""};
  }

 private:
  ScriptedGcs& owner_;
};

class ScriptedGcs::Autoscaler final : public rpc::autoscaler::AutoscalerStateService::Service {
 public:
  explicit Autoscaler(ScriptedGcs& owner) : owner_(owner) {}

  grpc::Status DrainNode(grpc::ServerContext* context,
                         const rpc::autoscaler::DrainNodeRequest* request,
                         rpc::autoscaler::DrainNodeReply* reply) override {
    owner_.note(*context);
    if (owner_.script_.drain) return owner_.script_.drain(*request, *reply);
    return {grpc::UNIMPLEMENTED, ""};
  }

 private:
  ScriptedGcs& owner_;
};

namespace {

std::shared_ptr<grpc::ServerCredentials> credentials_for(const GcsIdentity& identity) {
  if (identity.certificate_pem.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = identity.client_ca_pem;
  options.pem_key_cert_pairs = {{identity.key_pem, identity.certificate_pem}};
  return grpc::SslServerCredentials(options);
}

}  // namespace

ScriptedGcs::ScriptedGcs(GcsScript script, int port, GcsIdentity identity)
    : script_(std::move(script)),
      node_info_(std::make_unique<NodeInfo>(*this)),
      autoscaler_(std::make_unique<Autoscaler>(*this)),
      port_(port) {
  grpc::EnableDefaultHealthCheckService(true);  // as Ray's own servers do
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials_for(identity), &port_);
  builder.RegisterService(node_info_.get());
  builder.RegisterService(autoscaler_.get());
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) std::abort();
}

ScriptedGcs::~ScriptedGcs() {
  release();
  server_->Shutdown(std::chrono::system_clock::now());
}

void ScriptedGcs::set_serving(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

std::vector<std::string> ScriptedGcs::tokens() {
  std::lock_guard lock(mutex_);
  return tokens_;
}

grpc::Status ScriptedGcs::hang() {
  std::unique_lock lock(mutex_);
  released_signal_.wait(lock, [&] { return released_; });
  return {grpc::CANCELLED, ""};
}

void ScriptedGcs::release() {
  std::lock_guard lock(mutex_);
  released_ = true;
  released_signal_.notify_all();
}

void ScriptedGcs::note(const grpc::ServerContext& context) {
  auto found = context.client_metadata().find("authorization");
  std::lock_guard lock(mutex_);
  tokens_.emplace_back(found == context.client_metadata().end()
                           ? ""
                           : std::string(found->second.data(), found->second.size()));
}

}  // namespace raykeep::ray::testing
