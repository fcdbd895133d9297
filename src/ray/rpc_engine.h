// The inside of RpcEngine. Internal to ray: it shows gRPC.
#pragma once

#include <csignal>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "ray/rpc.h"

namespace raykeep::ray {

/// What a coroutine sleeps on until its call is done. Touched on the loop's thread alone.
struct Waiter {
  explicit Waiter(const boost::asio::any_io_executor& executor)
      : bell(executor, boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer bell;  // cancelled when done
  bool done = false;
};

/// A call under way. gRPC writes into it until the completion queue gives it back, however long the
/// coroutine is gone by then, so it belongs to the engine.
struct CallUnderWay {
  grpc::ClientContext context;
  grpc::ByteBuffer reply;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  std::shared_ptr<Waiter> waiter;  // null once nobody waits; under the engine's mutex
};

struct RpcEngine::State {
  State(boost::asio::any_io_executor e, const Clock& c) : executor(std::move(e)), clock(c) {}

  boost::asio::any_io_executor executor;
  const Clock& clock;
  grpc::CompletionQueue queue;
  std::thread thread;
  std::mutex mutex;
  std::unordered_map<CallUnderWay*, std::shared_ptr<CallUnderWay>> calls;  // under mutex

  /// Runs on the thread until the queue is shut down and empty.
  void serve();

  /// Sends the call; `waiter` is rung when it is done.
  void start(std::shared_ptr<CallUnderWay> call, const std::shared_ptr<grpc::Channel>& channel,
             const std::string& method, const std::string& request, std::shared_ptr<Waiter> waiter);

  /// Nobody waits for this call any more.
  void abandon(CallUnderWay& call);
};

/// While it lives, threads that start block every signal.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace raykeep::ray
