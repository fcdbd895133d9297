#include "net/websocket.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "base/text.h"
#include "net/stream.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;
using Kind = Failure::Kind;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// `Socket` is the TCP socket or the TLS stream that `stream` owns.
template <class Socket>
class WebSocketOn final : public WebSocket {
 public:
  WebSocketOn(std::unique_ptr<Stream> stream, Socket& socket, std::size_t most_message)
      : stream_(std::move(stream)), socket_(socket) {
    // Beast's own timers would need its tcp_stream; deadlines are the Watchdog's.
    socket_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(), false});
    socket_.read_message_max(most_message);
    socket_.binary(true);
  }

  awaitable<Response> shake_hands(Request request, std::string host, std::string subprotocol,
                                  Deadline until) {
    socket_.set_option(websocket::stream_base::decorator(
        [headers = std::move(request.headers), subprotocol](websocket::request_type& message) {
          for (const auto& [name, value] : headers) message.set(name, value);
          if (!subprotocol.empty()) message.set(http::field::sec_websocket_protocol, subprotocol);
        }));
    websocket::response_type answer;
    Watchdog watchdog(stream_->executor(), stream_->clock(), until, [this] { stream_->close(); });
    auto [failed] = co_await socket_.async_handshake(answer, host, request.target, as_result);
    Response response{.status = static_cast<int>(answer.result_int()),
                      .reason = std::string(answer.reason()),
                      .headers = {},
                      .body = answer.body()};
    for (const auto& field : answer) {
      response.headers.emplace_back(field.name_string(), field.value());
    }
    if (failed == websocket::error::upgrade_declined) co_return response;
    if (failed && failed.category() == make_error_code(websocket::error::closed).category()) {
      throw Failure(Kind::invalid, fmt::format("{} does not speak WebSocket: {}", stream_->peer(),
                                               failed.message()));
    }
    if (failed) throw stream_->explain(failed, watchdog.bit(), "the WebSocket handshake");
    if (find_header(response.headers, "Sec-WebSocket-Protocol") != subprotocol) {
      throw Failure(Kind::invalid,
                    fmt::format("{} does not speak the WebSocket protocol {}, but {}",
                                stream_->peer(), subprotocol,
                                quoted(find_header(response.headers, "Sec-WebSocket-Protocol"))));
    }
    co_return response;
  }

  awaitable<std::optional<std::string>> receive() override {
    buffer_.clear();
    auto [failed, count] = co_await socket_.async_read(buffer_, as_result);
    if (failed == websocket::error::closed) co_return std::nullopt;
    if (failed) throw fault(failed);
    co_return std::string(static_cast<const char*>(buffer_.cdata().data()), buffer_.size());
  }

  awaitable<void> send(std::string_view message) override {
    auto [failed, count] =
        co_await socket_.async_write(asio::buffer(message.data(), message.size()), as_result);
    if (failed) throw fault(failed);
  }

  awaitable<void> close(Deadline until) override {
    Watchdog watchdog(stream_->executor(), stream_->clock(), until, [this] { stream_->close(); });
    co_await socket_.async_close(websocket::close_code::normal, as_result);
    stream_->close();  // so that a receive() still under way ends, too
  }

 private:
  Failure fault(const boost::system::error_code& failed) {
    if (failed.category() == make_error_code(websocket::error::closed).category()) {
      return Failure(Kind::invalid, fmt::format("{} broke the WebSocket protocol: {}",
                                                stream_->peer(), failed.message()));
    }
    return stream_->explain(failed, false, "the WebSocket");
  }

  std::unique_ptr<Stream> stream_;
  websocket::stream<Socket&> socket_;
  boost::beast::flat_buffer buffer_;
};

template <class Socket>
awaitable<Upgrade> upgrade_on(std::unique_ptr<Stream> stream, Socket& socket, Request request,
                              std::string host, std::string subprotocol, std::size_t most_message,
                              Deadline until) {
  auto made = std::make_unique<WebSocketOn<Socket>>(std::move(stream), socket, most_message);
  Upgrade upgrade;
  upgrade.response = co_await made->shake_hands(std::move(request), std::move(host),
                                                std::move(subprotocol), until);
  if (upgrade.response.status == 101) upgrade.socket = std::move(made);
  co_return upgrade;
}

}  // namespace

awaitable<Upgrade> upgrade_to_websocket(std::unique_ptr<Stream> stream, Request request,
                                        std::string host, std::string subprotocol,
                                        std::size_t most_message, Deadline until) {
  auto& connection = *stream;
  Upgrade upgrade;
  if (connection.tls()) {
    upgrade = co_await upgrade_on(std::move(stream), *connection.tls(), std::move(request),
                                  std::move(host), std::move(subprotocol), most_message, until);
  } else {
    upgrade = co_await upgrade_on(std::move(stream), *connection.plain(), std::move(request),
                                  std::move(host), std::move(subprotocol), most_message, until);
  }
  co_return upgrade;
}

}  // namespace raykeep::net
