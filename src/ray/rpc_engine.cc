#include "ray/rpc_engine.h"

#include <cstdio>
#include <string_view>

#include <grpc/support/log.h>
#include <pthread.h>
#include <csignal>

#include <boost/asio/post.hpp>

namespace raykeep::ray {

namespace {

/// What goes wrong in a call comes back with the call, and gRPC's lines fit nobody's log. Its last
/// words before it aborts are kept.
void log_last_words(gpr_log_func_args* line) {
  std::string_view text = line->message ? line->message : "";
  if (text.contains("assertion failed")) {
    std::fprintf(stderr, "gRPC: %s:%d: %s\n", line->file, line->line, line->message);
  }
}

}  // namespace

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

RpcEngine::RpcEngine(boost::asio::any_io_executor executor, const Clock& clock) {
  SignalsBlocked blocked;
  gpr_set_log_function(log_last_words);
  state_ = std::make_shared<State>(std::move(executor), clock);
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

RpcEngine::~RpcEngine() {
  {
    std::lock_guard lock(state_->mutex);
    for (auto& [key, call] : state_->calls) call->context.TryCancel();
  }
  state_->queue.Shutdown();
  state_->thread.join();
}

void RpcEngine::State::serve() {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
    // The status says everything; `ok` is always true for Finish().
    std::shared_ptr<CallUnderWay> call;
    std::lock_guard lock(mutex);
    auto found = calls.find(static_cast<CallUnderWay*>(tag));
    call = std::move(found->second);
    calls.erase(found);
    if (!call->waiter) continue;
    // Under the lock: once abandon() returned, nothing is posted, and the loop may go.
    boost::asio::post(executor, [waiter = std::move(call->waiter)] {
      waiter->done = true;
      waiter->bell.cancel();
    });
  }
}

void RpcEngine::State::start(std::shared_ptr<CallUnderWay> call,
                             const std::shared_ptr<grpc::Channel>& channel,
                             const std::string& method, const std::string& request,
                             std::shared_ptr<Waiter> waiter) {
  SignalsBlocked blocked;  // gRPC may start threads
  grpc::Slice slice(request);
  auto* key = call.get();
  call->waiter = std::move(waiter);
  call->reader = grpc::GenericStub(channel).PrepareUnaryCall(&call->context, method,
                                                             grpc::ByteBuffer(&slice, 1), &queue);
  {
    std::lock_guard lock(mutex);
    calls.emplace(key, std::move(call));
  }
  key->reader->StartCall();
  key->reader->Finish(&key->reply, &key->status, key);
}

void RpcEngine::State::abandon(CallUnderWay& call) {
  std::shared_ptr<Waiter> waiter;  // destroyed after the lock
  std::lock_guard lock(mutex);
  waiter = std::move(call.waiter);
  if (waiter) call.context.TryCancel();
}

}  // namespace raykeep::ray
