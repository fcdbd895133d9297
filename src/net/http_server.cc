#include "net/http_server.h"

#include <algorithm>
#include <list>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/listener.h"
#include "net/message.h"
#include "net/stream.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Parser = http::request_parser<GrowingBody>;

// After a refusal, for a client that is still sending.
constexpr auto lingering = std::chrono::seconds(2);

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

}  // namespace

struct HttpServer::State {
  using Connections = std::list<std::unique_ptr<Stream>>;

  State(const asio::any_io_executor& e, HttpServerOptions o, std::variant<Handler, Answerer> h,
        const Clock& c)
      : options(std::move(o)),
        handler(std::move(h)),
        clock(c),
        listener(e, options.address, options.port, c) {}

  Deadline patience() const { return Deadline::after(clock, options.patience); }

  /// What is wrong with bytes that are no request we read.
  Response refusal(const boost::system::error_code& failed) const {
    if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
      return plain(431, "the request's header is too long");
    if (failed == http::error::body_limit || failed == http::error::unexpected_body) {
      return plain(413, options.body_bytes == 0
                            ? "no body is read here"
                            : fmt::format("a body has at most {} bytes here", options.body_bytes));
    }
    return plain(400, "this is no HTTP request");
  }

  /// Requires: the request is read whole.
  asio::awaitable<Response> answer(Parser& parser, const Stream& stream) {
    auto& message = parser.get();
    bool posts = options.body_bytes > 0;
    auto method = message.method();
    if (method != http::verb::get && method != http::verb::head &&
        !(posts && method == http::verb::post)) {
      auto refused = plain(405, posts ? "only GET, HEAD and POST" : "only GET and HEAD");
      refused.headers.emplace_back("Allow", posts ? "GET, HEAD, POST" : "GET, HEAD");
      co_return refused;
    }
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
      request.headers.emplace_back(field.name_string(), field.value());
    request.body = std::move(message.body());
    try {
      if (auto* at_once = std::get_if<Handler>(&handler)) co_return (*at_once)(request);
      Call call{std::move(request), stream.peer(), stream.peer_certificate()};
      Response made = co_await std::get<Answerer>(handler)(std::move(call));
      co_return made;
    } catch (const std::exception&) {
      co_return plain(500, "the answer could not be made");
    }
  }

  /// Reads one request; an error of the parser. Throws Failure when the connection broke.
  asio::awaitable<boost::system::error_code> read(Stream& stream, boost::beast::flat_buffer& buffer,
                                                  Parser& parser) {
    auto until = patience();
    parser.eager(true);
    for (;;) {
      boost::system::error_code failed;
      if (buffer.size() > 0) buffer.consume(parser.put(buffer.data(), failed));
      if (failed && failed != http::error::need_more) co_return failed;
      if (parser.is_done()) co_return failed;
      auto room = std::min<std::size_t>(buffer.max_size() - buffer.size(), 4096);
      if (room == 0) co_return http::error::buffer_overflow;
      auto count =
          co_await stream.read_some(static_cast<char*>(buffer.prepare(room).data()), room, until);
      if (count == 0) co_return http::error::end_of_stream;
      buffer.commit(count);
    }
  }

  /// One request and its answer. False when the connection is done with. Throws Failure when it
  /// broke.
  asio::awaitable<bool> exchange(Stream& stream, boost::beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options.head_bytes));
    parser.body_limit(options.body_bytes);
    auto failed = co_await read(stream, buffer, parser);
    if (failed == http::error::end_of_stream) co_return false;
    if (failed) {
      co_await stream.write(serialize(refusal(failed), true, false), patience());
      co_await stream.end_gently(
          Deadline::after(clock, std::min<Duration>(options.patience, lingering)));
      co_return false;
    }
    bool keep = parser.get().keep_alive();
    bool with_body = parser.get().method() != http::verb::head;
    Response response = co_await answer(parser, stream);
    co_await stream.write(serialize(response, with_body, keep), patience());
    co_return keep;
  }

  asio::awaitable<void> converse(Stream& stream) {
    if (options.tls) {
      auto context = options.tls();
      if (!context) co_return;
      co_await stream.accept_tls(std::move(context), patience());
    }
    boost::beast::flat_buffer buffer(options.head_bytes + options.body_bytes + 1);
    for (;;) {
      bool more = co_await exchange(stream, buffer);
      if (!more) break;
    }
  }

  /// `self` keeps the state for the connection's time; `place` is its own in the list.
  static asio::awaitable<void> serve(std::shared_ptr<State> self, Connections::iterator place) {
    try {
      co_await self->converse(**place);
    } catch (const Failure&) {
      // The client's: it went, was too slow, or speaks something else.
    }
    self->open.erase(place);
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> self) {
    auto executor = co_await asio::this_coro::executor;
    TaskGroup connections(executor);
    for (;;) {
      auto stream = co_await self->listener.accept();
      // Their coroutines take them out of the list when they run next.
      std::size_t over = self->open.size() + 1;
      for (auto it = self->open.begin(); it != self->open.end() && over > self->options.connections;
           ++it, --over)
        (*it)->close();
      self->open.push_back(std::move(stream));
      connections.spawn(serve(self, std::prev(self->open.end())));
    }
  }

  HttpServerOptions options;
  std::variant<Handler, Answerer> handler;
  const Clock& clock;
  Listener listener;
  Connections open;  // the oldest first
};

HttpServer::HttpServer(asio::any_io_executor executor, HttpServerOptions options,
                       std::variant<Handler, Answerer> handler, const Clock& clock)
    : state_(std::make_shared<State>(executor, std::move(options), std::move(handler), clock)),
      tasks_(executor) {
  tasks_.spawn(State::accept(state_));
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return state_->listener.port(); }
std::size_t HttpServer::connections() const { return state_->open.size(); }

}  // namespace raykeep::net
