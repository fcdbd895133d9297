#include "net/http_server.h"

#include <cstring>
#include <list>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "net/url.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Kind = Failure::Kind;
using Parser = http::request_parser<http::empty_body>;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

tcp::acceptor listen(const asio::any_io_executor& executor, const HttpServerOptions& options) {
  bool any = options.address.empty();
  auto try_listen = [&](const asio::ip::address& address) {
    tcp::endpoint endpoint(address, static_cast<asio::ip::port_type>(options.port));
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    if (any && address.is_v6()) acceptor.set_option(asio::ip::v6_only(false));
    acceptor.bind(endpoint);
    acceptor.listen();
    return acceptor;
  };
  try {
    if (!any) return try_listen(asio::ip::make_address(options.address));
    try {
      return try_listen(asio::ip::address_v6::any());
    } catch (const boost::system::system_error& problem) {
      // Kernels without IPv6; a port that is taken is taken in both.
      if (problem.code() == asio::error::address_in_use) throw;
      return try_listen(asio::ip::address_v4::any());
    }
  } catch (const boost::system::system_error& problem) {
    throw Failure(
        Kind::invalid,
        fmt::format("listen on {}: {}", host_and_port(any ? "*" : options.address, options.port),
                    problem.code().message()));
  }
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Answer";
  }
}

std::string serialize(const Response& response, bool with_body, bool keep) {
  auto out = fmt::format("HTTP/1.1 {} {}\r\nContent-Length: {}\r\n", response.status,
                         response.reason.empty() ? reason_of(response.status) : response.reason,
                         response.body.size());
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  out += keep ? "\r\n" : "Connection: close\r\n\r\n";
  if (with_body) out += response.body;
  return out;
}

Response plain(int status, std::string text) {
  return {status, "", {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

/// What is wrong with bytes that are no request we read.
Response refusal(const boost::system::error_code& failed) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
    return plain(431, "the request's header is too long");
  if (failed == http::error::body_limit || failed == http::error::unexpected_body)
    return plain(413, "no body is read here");
  return plain(400, "this is no HTTP request");
}

}  // namespace

struct HttpServer::State {
  State(const asio::any_io_executor& e, HttpServerOptions o, Handler h, const Clock& c)
      : options(std::move(o)), handler(std::move(h)), clock(c), acceptor(listen(e, options)) {}

  /// Requires: the request's header is read whole.
  Response answer(const Parser& parser) {
    const auto& head = parser.get();
    if (head.method() != http::verb::get && head.method() != http::verb::head) {
      auto refused = plain(405, "only GET and HEAD");
      refused.headers.emplace_back("Allow", "GET, HEAD");
      return refused;
    }
    Request request;
    request.method = std::string(head.method_string());
    request.target = std::string(head.target());
    for (const auto& field : head) request.headers.emplace_back(field.name_string(), field.value());
    try {
      return handler(request);
    } catch (const std::exception&) {
      return plain(500, "the answer could not be made");
    }
  }

  asio::awaitable<bool> write(tcp::socket& socket, std::string bytes) {
    Watchdog watchdog(socket.get_executor(), clock, Deadline::after(clock, options.patience),
                      [&socket] { close(socket); });
    auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(bytes), as_result);
    co_return !failed;
  }

  static void close(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  /// One request and its answer. False when the connection is done with.
  asio::awaitable<bool> exchange(tcp::socket& socket, boost::beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options.head_bytes));
    parser.body_limit(0);
    boost::system::error_code failed;
    {
      Watchdog watchdog(socket.get_executor(), clock, Deadline::after(clock, options.patience),
                        [&socket] { close(socket); });
      auto [result, count] = co_await http::async_read(socket, buffer, parser, as_result);
      failed = result;
    }
    if (failed.category() == http::make_error_code(http::error::bad_method).category() &&
        failed != http::error::end_of_stream && failed != http::error::partial_message) {
      co_await write(socket, serialize(refusal(failed), true, false));
      co_return false;
    }
    if (failed) co_return false;
    bool keep = parser.get().keep_alive();
    bool with_body = parser.get().method() != http::verb::head;
    Response response = answer(parser);
    bool sent = co_await write(socket, serialize(response, with_body, keep));
    co_return sent&& keep;
  }

  /// `self` keeps the state for the connection's time; `place` is its own in the list.
  static asio::awaitable<void> serve(std::shared_ptr<State> self,
                                     std::list<tcp::socket>::iterator place) {
    boost::beast::flat_buffer buffer(self->options.head_bytes + 1);
    for (;;) {
      bool more = co_await self->exchange(*place, buffer);
      if (!more) break;
    }
    self->open.erase(place);
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> self) {
    auto executor = co_await asio::this_coro::executor;
    TaskGroup connections(executor);
    asio::steady_timer soon(executor);
    for (;;) {
      auto [failed, socket] = co_await self->acceptor.async_accept(as_result);
      if (failed == asio::error::operation_aborted) co_return;
      if (failed) {  // no file descriptor left, or the client was gone already
        soon.expires_after(std::chrono::milliseconds(50));
        auto [cancelled] = co_await soon.async_wait(as_result);
        if (cancelled) co_return;
        continue;
      }
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      // Their coroutines take them out of the list when they run next.
      std::size_t over = self->open.size() + 1;
      for (auto it = self->open.begin(); it != self->open.end() && over > self->options.connections;
           ++it, --over)
        close(*it);
      self->open.push_back(std::move(socket));
      connections.spawn(serve(self, std::prev(self->open.end())));
    }
  }

  HttpServerOptions options;
  Handler handler;
  const Clock& clock;
  tcp::acceptor acceptor;
  std::list<tcp::socket> open;  // the oldest first
};

HttpServer::HttpServer(asio::any_io_executor executor, HttpServerOptions options, Handler handler,
                       const Clock& clock)
    : state_(std::make_shared<State>(executor, std::move(options), std::move(handler), clock)),
      tasks_(executor) {
  tasks_.spawn(State::accept(state_));
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }
std::size_t HttpServer::connections() const { return state_->open.size(); }

}  // namespace raykeep::net
