// One gRPC server, called by the name of a method with bytes for messages. Internal to ray: Gcs and
// Raylet say what to ask; this is how.
//
// The house rule for failed streams holds here, too: after a call that broke or ran into its
// deadline the channel is dropped, and the next call resolves the name and connects anew. So what a
// probe says is never gRPC's memory of an earlier attempt.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/secret.h"
#include "ray/probe.h"
#include "ray/rpc.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace raykeep::ray {

struct RpcCall {
  std::string method;      // "/ray.rpc.NodeInfoGcsService/CheckAlive"
  std::string request;     // serialised
  bool with_token = true;  // false for what Ray answers to everybody
};

struct RpcAnswer {
  Answer answer = Answer::unreachable;  // serving: there is a reply. Never not_serving
  std::string text = {};                // otherwise: why, without the peer's name
  std::string reply = {};               // serialised
};

class RpcChannel {
 public:
  RpcChannel(std::shared_ptr<RpcEngine::State> engine, RpcPeer peer);
  ~RpcChannel();
  RpcChannel(const RpcChannel&) = delete;

  /// Throws only Failure::cancelled. A call on a connection that turns out broken is made once more
  /// on a fresh one, so every method called must be repeatable. Replies over 16 MiB are nonsense.
  boost::asio::awaitable<RpcAnswer> call(RpcCall call, Deadline until);

  const std::string& name() const { return name_; }  // "10.0.0.1:6379"
  const Clock& clock() const;
  const boost::asio::any_io_executor& executor() const;

 private:
  std::shared_ptr<grpc::Channel> dial() const;  // throws when TLS files cannot be read
  boost::asio::awaitable<RpcAnswer> try_once(std::shared_ptr<grpc::Channel> channel, RpcCall call,
                                             Secret<std::string> token, Deadline until);

  std::shared_ptr<RpcEngine::State> engine_;
  RpcPeer peer_;
  std::string name_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace raykeep::ray
