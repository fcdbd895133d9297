#include "net/scripted_server.h"

#include <charconv>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>

namespace raykeep::net::testing {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

tcp::acceptor listen(const asio::any_io_executor& executor) {
  return tcp::acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
}

/// One request, head and body; empty when the peer left.
template <class Socket>
asio::awaitable<std::string> read_request(Socket& socket, std::string& pending) {
  char buffer[4096];
  for (;;) {
    if (auto end = pending.find("\r\n\r\n"); end != pending.npos) {
      std::size_t length = 0;
      if (auto at = pending.find("Content-Length: "); at < end) {
        std::from_chars(pending.data() + at + 16, pending.data() + end, length);
      }
      if (pending.size() >= end + 4 + length) {
        auto request = pending.substr(0, end + 4 + length);
        pending.erase(0, request.size());
        co_return request;
      }
    }
    auto [failed, count] = co_await socket.async_read_some(asio::buffer(buffer), as_result);
    if (failed) co_return "";
    pending.append(buffer, count);
  }
}

}  // namespace

struct ScriptedServer::State {
  explicit State(const asio::any_io_executor& e) : executor(e), acceptor(listen(e)) {}

  template <class Socket>
  static asio::awaitable<void> play(std::shared_ptr<State> state, Socket& socket,
                                    Dialogue dialogue) {
    std::string pending;
    for (const auto& line : dialogue) {
      auto request = co_await read_request(socket, pending);
      if (request.empty()) co_return;
      state->requests.push_back(request);
      auto bytes = std::string_view(line.answer).substr(0, line.cut_after);
      while (!bytes.empty()) {
        auto piece = bytes.substr(0, line.bytewise ? 1 : bytes.size());
        auto [failed, count] =
            co_await asio::async_write(socket, asio::buffer(piece.data(), piece.size()), as_result);
        if (failed) co_return;
        bytes.remove_prefix(piece.size());
      }
      if (line.cut_after != std::string::npos || line.close) co_return;
      if (line.stall) break;
    }
    co_await read_request(socket, pending);  // until the peer leaves
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> state, tcp::socket socket,
                                     Dialogue dialogue) {
    socket.set_option(tcp::no_delay(true));
    if (!state->tls) {
      co_await play(state, socket, std::move(dialogue));
      co_return;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *state->tls);
    auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
    if (failed) co_return;
    co_await play(state, stream, std::move(dialogue));
    co_await stream.async_shutdown(as_result);
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    TaskGroup connections(state->executor);
    for (;;) {
      auto [failed, socket] = co_await state->acceptor.async_accept(as_result);
      if (failed) co_return;
      ++state->connections;
      if (state->dialogues.empty()) continue;  // closes it
      auto dialogue = std::move(state->dialogues.front());
      state->dialogues.pop_front();
      connections.spawn(serve(state, std::move(socket), std::move(dialogue)));
    }
  }

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  std::deque<Dialogue> dialogues;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::string> requests;
  int connections = 0;
};

ScriptedServer::ScriptedServer(asio::any_io_executor executor, std::deque<Dialogue> dialogues,
                               ServerIdentity identity)
    : state_(std::make_shared<State>(executor)), tasks_(executor) {
  state_->dialogues = std::move(dialogues);
  if (!identity.certificate_pem.empty()) {
    state_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    state_->tls->use_certificate_chain(asio::buffer(identity.certificate_pem));
    state_->tls->use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem);
    if (!identity.client_ca_pem.empty()) {
      state_->tls->add_certificate_authority(asio::buffer(identity.client_ca_pem));
      state_->tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    if (identity.old) {
      SSL_CTX* context = state_->tls->native_handle();
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    }
  }
  tasks_.spawn(State::accept(state_));
}

ScriptedServer::~ScriptedServer() = default;

int ScriptedServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::string ScriptedServer::url() const {
  return fmt::format("{}://127.0.0.1:{}", state_->tls ? "https" : "http", port());
}

const std::vector<std::string>& ScriptedServer::requests() const { return state_->requests; }
int ScriptedServer::connections() const { return state_->connections; }

struct EchoWebSocketServer::State {
  explicit State(const asio::any_io_executor& e) : executor(e), acceptor(listen(e)) {}

  static asio::awaitable<void> serve(std::shared_ptr<State> state, tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    boost::beast::http::request<boost::beast::http::string_body> request;
    auto [failed, count] =
        co_await boost::beast::http::async_read(socket, buffer, request, as_result);
    if (failed) co_return;
    state->targets.emplace_back(request.target());
    websocket::stream<tcp::socket> stream(std::move(socket));
    stream.set_option(websocket::stream_base::decorator([state](websocket::response_type& answer) {
      answer.set(boost::beast::http::field::sec_websocket_protocol, state->subprotocol);
    }));
    auto [refused] = co_await stream.async_accept(request, as_result);
    if (refused) co_return;
    stream.binary(true);
    for (const auto& greeting : state->greetings) {
      auto [broken, sent] = co_await stream.async_write(asio::buffer(greeting), as_result);
      if (broken) co_return;
    }
    for (;;) {
      buffer.clear();
      auto [ended, got] = co_await stream.async_read(buffer, as_result);
      if (ended) co_return;
      std::string_view text(static_cast<const char*>(buffer.cdata().data()), buffer.size());
      if (text == "close") {
        co_await stream.async_close(websocket::close_code::normal, as_result);
        co_return;
      }
      if (text.ends_with("break")) co_return;
      auto [broken, sent] = co_await stream.async_write(buffer.cdata(), as_result);
      if (broken) co_return;
    }
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    TaskGroup connections(state->executor);
    for (;;) {
      auto [failed, socket] = co_await state->acceptor.async_accept(as_result);
      if (failed) co_return;
      connections.spawn(serve(state, std::move(socket)));
    }
  }

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  std::vector<std::string> greetings;
  std::string subprotocol;
  std::vector<std::string> targets;
};

EchoWebSocketServer::EchoWebSocketServer(asio::any_io_executor executor,
                                         std::vector<std::string> greetings,
                                         std::string subprotocol)
    : state_(std::make_shared<State>(executor)), tasks_(executor) {
  state_->greetings = std::move(greetings);
  state_->subprotocol = std::move(subprotocol);
  tasks_.spawn(State::accept(state_));
}

EchoWebSocketServer::~EchoWebSocketServer() = default;

int EchoWebSocketServer::port() const { return state_->acceptor.local_endpoint().port(); }
const std::vector<std::string>& EchoWebSocketServer::targets() const { return state_->targets; }

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

std::string chunked_answer(const std::vector<std::string>& chunks) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& chunk : chunks) out += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  return out + "0\r\n\r\n";
}

}  // namespace raykeep::net::testing
