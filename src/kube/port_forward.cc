// Port-forward over WebSocket. Two protocols exist: SPDY in a WebSocket
// (SPDY/3.1+portforward.k8s.io, API servers from 1.30) and the kubelet's own v4.channel.k8s.io,
// which every API server from 1.27 to 1.34 hands through untouched
// (registry/core/pod/rest/subresources.go: only the tunnelling protocol is translated). We speak
// the second. Each local connection has its own WebSocket. Channel 0 carries data, channel 1
// errors; the first message on each is the port. What it lacks is half-close: when either side
// ends, both end.
#include <array>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/text.h"
#include "kube/client.h"
#include "kube/query.h"
#include "kube/session.h"
#include "net/task_group.h"

namespace raykeep::kube {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = std::chrono::seconds(30);
constexpr auto goodbye = std::chrono::seconds(2);
constexpr char subprotocol[] = "v4.channel.k8s.io";

constexpr char data_channel = 0;
constexpr char error_channel = 1;

Call call_for(const std::string& ns, const std::string& pod, int port) {
  return {
      .asked = {.doing = "forward a port to",
                .verb =
                    "get",  // a WebSocket begins with GET; servers from 1.35 may also want "create"
                .object = fmt::format("Pod {}/{} port {}", ns, pod, port),
                .resource = "pods/portforward",
                .group = "",
                .ns = ns},
      .target = fmt::format("/api/v1/namespaces/{}/pods/{}/portforward", net::percent_encode(ns),
                            net::percent_encode(pod)) +
                Query().add("ports", std::to_string(port)).text()};
}

/// One local connection and its WebSocket; shared by the two directions, of which the first to end
/// closes both.
struct Tunnel {
  explicit Tunnel(tcp::socket socket) : local(std::move(socket)) {}
  tcp::socket local;
  std::unique_ptr<net::WebSocket> remote;
  std::string problem;  // what the kubelet said on the error channel
};

awaitable<void> carry_messages(Tunnel* tunnel) {
  std::array<bool, 2> port_seen{};
  for (;;) {
    auto message = co_await tunnel->remote->receive();
    if (!message || message->empty()) break;
    auto channel = message->front();
    if (channel != data_channel && channel != error_channel) break;
    auto bytes = std::string_view(*message).substr(1);
    auto& seen = port_seen[static_cast<std::size_t>(channel)];
    if (!seen) {
      seen = true;
      bytes.remove_prefix(std::min<std::size_t>(2, bytes.size()));
    }
    if (channel == error_channel) {
      tunnel->problem = bytes;
      if (!bytes.empty()) break;
      continue;
    }
    auto [failed, count] =
        co_await asio::async_write(tunnel->local, asio::buffer(bytes), as_result);
    if (failed) break;
  }
}

/// However the WebSocket ends, in good order or not, the local connection ends with it: whoever
/// waits there for an answer waits no longer.
awaitable<void> carry_in(std::shared_ptr<Tunnel> tunnel) {
  try {
    co_await carry_messages(tunnel.get());
  } catch (const Failure&) {
    // Broken: told by the connection's end.
  }
  boost::system::error_code ignored;
  tunnel->local.shutdown(tcp::socket::shutdown_both, ignored);
}

awaitable<void> carry_out(std::shared_ptr<Tunnel> tunnel) {
  std::string buffer(32 * 1024, data_channel);
  for (;;) {
    auto space = asio::buffer(buffer.data() + 1, buffer.size() - 1);
    auto [failed, count] = co_await tunnel->local.async_read_some(space, as_result);
    if (failed) break;
    co_await tunnel->remote->send(std::string_view(buffer).substr(0, count + 1));
  }
}

/// Ends with the local connection, the WebSocket, or the cancellation by the owner, whichever is
/// first.
awaitable<void> serve(Session& session, Call call, tcp::socket local) {
  auto tunnel = std::make_shared<Tunnel>(std::move(local));
  net::TaskGroup inward(session.executor());
  try {
    // When it is refused the local connection closes. port_forward() has tried once, so the reason
    // is known.
    tunnel->remote = co_await session.open_websocket(call, subprotocol,
                                                     Deadline::after(session.clock(), patience));
    inward.spawn(carry_in(tunnel));
    co_await carry_out(tunnel);
  } catch (const std::exception&) {
    // The local side sees its connection end; there is nobody else to tell.
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (tunnel->remote) co_await tunnel->remote->close(Deadline::after(session.clock(), goodbye));
  inward.cancel();
  co_await inward.finish();
}

tcp::acceptor listen(Session& session, int port) {
  try {
    tcp::endpoint address(asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port));
    return tcp::acceptor(session.executor(), address);
  } catch (const boost::system::system_error& problem) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("listen on 127.0.0.1:{}: {}; choose another port", port,
                              problem.code().message()));
  }
}

}  // namespace

awaitable<void> port_forward(Client& client, std::string ns, std::string pod, int remote_port,
                             int local_port, std::function<void(int port)> on_ready) {
  auto& session = client.session();
  auto call = call_for(ns, pod, remote_port);
  // Missing rights and a missing pod shall be known now, not at the first connection.
  auto trial = co_await session.open_websocket(call, subprotocol,
                                               Deadline::after(session.clock(), patience));
  co_await trial->close(Deadline::after(session.clock(), goodbye));
  trial.reset();

  auto acceptor = listen(session, local_port);
  on_ready(acceptor.local_endpoint().port());
  net::TaskGroup tunnels(session.executor());
  std::string problem = "cancelled";
  try {
    for (;;) {
      auto [failed, local] = co_await acceptor.async_accept(as_result);
      if (failed) {
        if (failed != asio::error::operation_aborted) problem = failed.message();
        break;
      }
      tunnels.spawn(serve(session, call, std::move(local)));
    }
  } catch (const boost::system::system_error&) {
    // Cancelled between two connections.
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  tunnels.cancel();
  co_await tunnels.finish();
  throw Failure(problem == "cancelled" ? Failure::Kind::cancelled : Failure::Kind::disconnected,
                fmt::format("{} {}: {}", call.asked.doing, call.asked.object, problem));
}

}  // namespace raykeep::kube
