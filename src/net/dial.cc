#include "net/dial.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "net/base64.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
using Kind = Failure::Kind;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// While other addresses remain to be tried, one that swallows packets must not eat the whole
// deadline.
constexpr auto patience_per_address = std::chrono::seconds(5);

/// The resolver's answer, shared with its handler: getaddrinfo cannot be interrupted, so at the
/// deadline we walk away and its late answer falls into this.
struct Lookup {
  tcp::resolver resolver;
  asio::steady_timer answered;
  boost::system::error_code failed = asio::error::timed_out;
  std::vector<tcp::endpoint> endpoints;
};

}  // namespace

awaitable<std::vector<tcp::endpoint>> look_up(asio::any_io_executor executor, std::string host,
                                              int port, Deadline until, const Clock& clock) {
  boost::system::error_code not_an_address;
  auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    co_return std::vector{tcp::endpoint(address, static_cast<asio::ip::port_type>(port))};
  }
  std::shared_ptr<Lookup> lookup(new Lookup{
      tcp::resolver(executor), asio::steady_timer(executor), asio::error::timed_out, {}});
  lookup->answered.expires_after(until.left(clock));
  lookup->resolver.async_resolve(
      host, std::to_string(port),
      [lookup](boost::system::error_code failed, tcp::resolver::results_type results) {
        lookup->failed = failed;
        for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
        lookup->answered.cancel();
      });
  co_await lookup->answered.async_wait(as_result);
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Failure(Kind::cancelled, fmt::format("cancelled while looking up {}", host));
  }
  if (lookup->failed == asio::error::timed_out) {
    throw Failure(
        Kind::disconnected,
        fmt::format("timeout: the name {} could not be looked up in time; is DNS reachable?",
                    quoted(host)));
  }
  if (lookup->failed == asio::error::host_not_found || lookup->failed == asio::error::no_data) {
    throw Failure(
        Kind::disconnected,
        fmt::format("the name {} is unknown to DNS; check the server's URL", quoted(host)));
  }
  if (lookup->failed) {
    throw Failure(Kind::disconnected, fmt::format("the name {} could not be looked up: {}",
                                                  quoted(host), lookup->failed.message()));
  }
  co_return lookup->endpoints;
}

namespace {

std::string why_not(const boost::system::error_code& code, bool timed_out,
                    const std::string& peer) {
  if (timed_out) return fmt::format("timeout: no answer from {}", peer);
  if (code == asio::error::connection_refused) {
    return fmt::format("connection refused by {}: nothing listens there", peer);
  }
  if (code == asio::error::host_unreachable || code == asio::error::network_unreachable) {
    return fmt::format("no route to {}", peer);
  }
  return fmt::format("{}: {}", peer, code.message());
}

awaitable<std::unique_ptr<Stream>> connect(asio::any_io_executor executor, std::string host,
                                           int port, Deadline until, const Clock& clock) {
  auto endpoints = co_await look_up(executor, host, port, until, clock);
  std::vector<std::string> problems;
  bool all_refuse = true;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    auto peer =
        host_and_port(endpoints[i].address().to_string(), static_cast<int>(endpoints[i].port()));
    bool last = i + 1 == endpoints.size();
    Deadline attempt =
        last ? until : Deadline{std::min(until.at, clock.now() + patience_per_address)};
    tcp::socket socket(executor);
    boost::system::error_code failed;
    bool timed_out = false;
    {
      Watchdog watchdog(executor, clock, attempt, [&socket] {
        boost::system::error_code ignored;
        socket.close(ignored);
      });
      auto [result] = co_await socket.async_connect(endpoints[i], as_result);
      failed = result;
      timed_out = watchdog.bit();
    }
    if (!failed && !timed_out) {
      if (peer != host_and_port(host, port))
        peer = fmt::format("{} ({})", host_and_port(host, port), peer);
      socket.set_option(tcp::no_delay(true), failed);
      auto stream = std::make_unique<Stream>(std::move(socket), std::move(peer), clock);
      stream->notice_dead_peer();
      co_return stream;
    }
    if (failed == asio::error::operation_aborted && !timed_out) {
      throw Failure(Kind::cancelled, fmt::format("cancelled while connecting to {}", peer));
    }
    problems.push_back(why_not(failed, timed_out, peer));
    all_refuse &= failed == asio::error::connection_refused;
    if (until.passed(clock)) break;
  }
  auto text = join(problems, "; ");
  if (!is_ip_address(host)) text = fmt::format("{}: {}", host, text);
  if (all_refuse) throw Refused(text);
  throw Failure(Kind::disconnected, text);
}

/// Asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6). Reads byte by byte, for what follows the
/// blank line belongs to the tunnel.
awaitable<void> tunnel(Stream& stream, Url proxy, std::string target, Deadline until) {
  auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
  if (!proxy.user.empty()) {
    request += fmt::format("Proxy-Authorization: Basic {}\r\n",
                           base64_encode(proxy.user + ":" + proxy.password.reveal()));
  }
  request += "\r\n";
  co_await stream.write(request, until);
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte;
    auto count = co_await stream.read_some(&byte, 1, until);
    if (count == 0) {
      throw Failure(
          Kind::disconnected,
          fmt::format("proxy {} closed the connection when asked for {}", stream.peer(), target));
    }
    head += byte;
    if (head.size() > 16 * 1024) {
      throw Failure(Kind::invalid,
                    fmt::format("proxy {} does not answer like an HTTP proxy", stream.peer()));
    }
  }
  auto line = std::string_view(head).substr(0, head.find("\r\n"));
  if (!line.starts_with("HTTP/1.")) {
    throw Failure(Kind::invalid, fmt::format("proxy {} does not answer like an HTTP proxy: {}",
                                             stream.peer(), quoted(line)));
  }
  auto status = line.size() >= 12 ? line.substr(9, 3) : "";
  if (status.starts_with('2')) co_return;
  bool denied = status == "407" || status == "403";
  throw Failure(
      denied ? Kind::denied : Kind::disconnected,
      fmt::format("proxy {} refuses to connect to {}: {}{}", stream.peer(), target, quoted(line),
                  status == "407" ? "; put user and password into the proxy's URL" : ""));
}

}  // namespace

awaitable<std::unique_ptr<Stream>> dial(asio::any_io_executor executor, Route route, Deadline until,
                                        const Clock& clock) {
  std::unique_ptr<Stream> stream;
  if (!route.proxy) {
    stream = co_await connect(executor, route.server.host, route.server.port, until, clock);
  } else {
    if (route.proxy->scheme != "http") {
      throw Failure(Kind::invalid,
                    fmt::format("the proxy {} is of kind {}; only http:// proxies can be used",
                                host_and_port(route.proxy->host, route.proxy->port),
                                quoted(route.proxy->scheme)));
    }
    stream = co_await connect(executor, route.proxy->host, route.proxy->port, until, clock);
    co_await tunnel(*stream, *route.proxy, host_and_port(route.server.host, route.server.port),
                    until);
  }
  if (route.tls) co_await stream->start_tls(route.tls, route.server.host, until);
  co_return stream;
}

}  // namespace raykeep::net
