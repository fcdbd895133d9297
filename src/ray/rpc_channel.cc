#include "ray/rpc_channel.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "net/url.h"
#include "ray/rpc_engine.h"
#include "ray/token_file.h"

namespace raykeep::ray {
namespace {

using boost::asio::awaitable;

constexpr int most_reply = 16 << 20;
constexpr std::size_t most_text = 300;

std::string read_file(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    throw Failure(Failure::Kind::invalid, fmt::format("read {}: {}", path, std::strerror(errno)));
  }
  return bytes;
}

std::shared_ptr<grpc::ChannelCredentials> credentials_for(const RpcTlsFiles& tls) {
  if (tls == RpcTlsFiles()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = read_file(tls.ca);
  options.pem_cert_chain = read_file(tls.certificate);
  options.pem_private_key = read_file(tls.key);
  return grpc::SslCredentials(options);
}

/// Steady time as gRPC wants it: a jump of the wall clock neither ends nor stretches a call.
gpr_timespec to_grpc(Deadline until, const Clock& clock) {
  auto left = gpr_time_from_nanos(until.left(clock).count(), GPR_TIMESPAN);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), left);
}

std::string to_bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const auto& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

/// gRPC's status codes as answers: https://grpc.github.io/grpc/core/md_doc_statuscodes.html. Ray
/// answers UNAUTHENTICATED to a missing token and to a wrong one.
Answer answer_for(grpc::StatusCode code) {
  switch (code) {
    case grpc::OK:
      return Answer::serving;
    case grpc::DEADLINE_EXCEEDED:
      return Answer::silent;
    case grpc::UNAVAILABLE:
      return Answer::unreachable;
    case grpc::UNAUTHENTICATED:
    case grpc::PERMISSION_DENIED:
      return Answer::denied;
    default:
      return Answer::nonsense;
  }
}

std::string_view code_name(grpc::StatusCode code) {
  switch (code) {
    case grpc::CANCELLED:
      return "cancelled";
    case grpc::UNKNOWN:
      return "unknown error";
    case grpc::INVALID_ARGUMENT:
      return "invalid argument";
    case grpc::NOT_FOUND:
      return "not found";
    case grpc::RESOURCE_EXHAUSTED:
      return "resource exhausted";
    case grpc::UNIMPLEMENTED:
      return "no such method";
    case grpc::INTERNAL:
      return "internal error";
    default:
      return "error";
  }
}

/// One line, printable, short enough for a log, whatever the peer sent. Of gRPC's "failed to
/// connect to all addresses; last error: X", which every refused connection begins with, X.
std::string clean(std::string_view text) {
  constexpr std::string_view before = "last error: ";
  if (auto at = text.find(before); at != text.npos) text.remove_prefix(at + before.size());
  auto out = quoted(text, most_text);
  return out.substr(1, out.size() - 2);
}

RpcAnswer to_answer(const CallUnderWay& call) {
  RpcAnswer out{answer_for(call.status.error_code())};
  switch (out.answer) {
    case Answer::serving:
      out.reply = to_bytes(call.reply);
      break;
    case Answer::silent:
      out.text = "no answer in time";
      break;
    case Answer::nonsense:
      out.text = fmt::format("{}: {}", code_name(call.status.error_code()),
                             clean(call.status.error_message()));
      break;
    default:
      out.text = clean(call.status.error_message());
  }
  return out;
}

/// Lets go of a call when its coroutine ends or is destroyed, however that comes.
class Hold {
 public:
  Hold(RpcEngine::State& engine, std::shared_ptr<CallUnderWay> call)
      : engine_(engine), call_(std::move(call)) {}
  ~Hold() { engine_.abandon(*call_); }
  Hold(const Hold&) = delete;
  const std::shared_ptr<CallUnderWay>& call() const { return call_; }
  CallUnderWay* operator->() const { return call_.get(); }
  const CallUnderWay& operator*() const { return *call_; }

 private:
  RpcEngine::State& engine_;
  std::shared_ptr<CallUnderWay> call_;
};

}  // namespace

RpcChannel::RpcChannel(std::shared_ptr<RpcEngine::State> engine, RpcPeer peer)
    : engine_(std::move(engine)),
      peer_(std::move(peer)),
      name_(net::host_and_port(peer_.host, peer_.port)) {}

RpcChannel::~RpcChannel() = default;

const Clock& RpcChannel::clock() const { return engine_->clock; }
const boost::asio::any_io_executor& RpcChannel::executor() const { return engine_->executor; }

std::shared_ptr<grpc::Channel> RpcChannel::dial() const {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(most_reply);
  // HTTP_PROXY of the pod is not meant for its neighbours; Ray's own clients ignore it, too.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Or a new channel would share the connection, and the memory of failures, of the dropped one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_MAX_CHANNEL_TRACE_EVENT_MEMORY_PER_NODE, 0);
  arguments.SetServiceConfigJSON("{}");
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);  // no TXT queries
  if (!peer_.tls.server_name.empty()) arguments.SetSslTargetNameOverride(peer_.tls.server_name);
  return grpc::CreateCustomChannel("dns:///" + name_, credentials_for(peer_.tls), arguments);
}

awaitable<RpcAnswer> RpcChannel::call(RpcCall call, Deadline until) {
  Secret<std::string> token;
  if (call.with_token) {
    auto read = read_token(peer_.token_file);
    if (!read) co_return RpcAnswer{Answer::not_asked, read.error().text};
    token = std::move(*read);
  }
  for (;;) {
    bool fresh = !channel_;
    if (fresh) {
      try {
        channel_ = dial();
      } catch (const Failure& unreadable) {
        co_return RpcAnswer{Answer::not_asked, unreadable.what()};
      }
    }
    auto channel = channel_;
    auto answer = co_await try_once(channel, call, token, until);
    bool broke = answer.answer == Answer::unreachable;
    if ((broke || answer.answer == Answer::silent) && channel_ == channel) channel_.reset();
    // A connection that broke while it lay idle says nothing about the server of now.
    if (!broke || fresh || until.passed(clock())) co_return answer;
  }
}

awaitable<RpcAnswer> RpcChannel::try_once(std::shared_ptr<grpc::Channel> channel, RpcCall call,
                                          Secret<std::string> token, Deadline until) {
  auto waiter = std::make_shared<Waiter>(engine_->executor);
  Hold under_way(*engine_, std::make_shared<CallUnderWay>());
  under_way->context.set_deadline(to_grpc(until, clock()));
  if (!token.empty()) under_way->context.AddMetadata("authorization", "Bearer " + token.reveal());
  engine_->start(under_way.call(), channel, call.method, call.request, waiter);
  while (!waiter->done) {
    auto [code] =
        co_await waiter->bell.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!waiter->done && code == boost::asio::error::operation_aborted) {
      throw Failure(Failure::Kind::cancelled,
                    fmt::format("ask {} for {}: cancelled", name_, call.method));
    }
  }
  co_return to_answer(*under_way);
}

}  // namespace raykeep::ray
