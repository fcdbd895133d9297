#include "node/tls_listener.h"

#include <utility>

#include <fmt/format.h>

#include "net/carry.h"
#include "net/dial.h"
#include "net/listener.h"
#include "node/tls_files.h"

namespace raykeep::node {
namespace {

using net::Stream;
using namespace std::chrono_literals;

constexpr Duration patience_with_ray = 5s;  // to take a connection on loopback
constexpr Duration patience_with_goodbye = 2s;
constexpr std::size_t piece = 4096;  // of a head

/// An answer of our own, after which nothing more is said.
std::string answer(std::string_view status, std::string_view text) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, text.size() + 1, text);
}

}  // namespace

/// One port.
struct TlsListener::Door {
  Door(const boost::asio::any_io_executor& executor, const TlsPort& port,
       const TlsListenerOptions& o, const Clock& c)
      : options(o),
        clock(c),
        files(port.folder, port.http2, c),
        listener(executor, "", port.port, c) {
    state.port = port;
    state.port.port = listener.port();
  }

  /// The bytes that came up to the end of the first head, and maybe some after it; empty when the
  /// client got an answer instead.
  boost::asio::awaitable<std::string> read_head(Stream& client) {
    auto until = Deadline::after(clock, options.patience);
    std::string head, refused;
    while (refused.empty()) {
      auto size = head.size();
      head.resize(size + piece);
      try {
        auto count = co_await client.read_some(head.data() + size, piece, until);
        head.resize(size + count);
      } catch (const Failure&) {
        ++state.heads;
        throw;
      }
      // The blank line may have begun in the piece before.
      if (head.find("\r\n\r\n", size < 3 ? 0 : size - 3) != head.npos) co_return head;
      if (head.empty()) co_return head;  // a client that only wanted to see whether it can connect
      if (head.size() == size) {
        refused = answer("400 Bad Request", "the request's header is not whole");
      } else if (head.size() > options.head_bytes) {
        refused = answer("431 Request Header Fields Too Large", "the request's header is too long");
      }
    }
    ++state.heads;
    co_await refuse(client, std::move(refused));
    co_return "";
  }

  /// gRPC's clients would not understand, and see the end of the connection.
  boost::asio::awaitable<void> refuse(Stream& client, std::string text) {
    if (state.port.http2) co_return;
    co_await client.write(text, Deadline::after(clock, options.patience));
    co_await client.end_gently(Deadline::after(clock, patience_with_goodbye));
  }

  boost::asio::awaitable<std::shared_ptr<Stream>> reach_ray(Stream& client) {
    auto executor = client.executor();
    net::Route route{.server =
                         *net::parse_url(fmt::format("http://127.0.0.1:{}", state.port.plain))};
    std::string refused;
    try {
      auto stream = co_await net::dial(executor, std::move(route),
                                       Deadline::after(clock, patience_with_ray), clock);
      co_return std::shared_ptr<Stream>(std::move(stream));
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      refused = answer("502 Bad Gateway",
                       fmt::format("nothing of Ray's answers in this pod on port {}: {}",
                                   state.port.plain, failure.what()));
    }
    ++state.unreachable;
    co_await refuse(client, std::move(refused));
    co_return nullptr;
  }

  boost::asio::awaitable<void> shake_hands(Stream& client) {
    auto context = files.newest();
    if (!context) {
      ++state.handshakes;
      state.problem = files.problem();
      throw Failure(Failure::Kind::invalid, "there is no certificate yet");
    }
    try {
      co_await client.accept_tls(std::move(context), Deadline::after(clock, options.patience));
    } catch (const Failure& failure) {
      ++state.handshakes;
      state.problem = failure.what();
      throw;
    }
  }

  boost::asio::awaitable<void> converse(std::shared_ptr<Stream> client) {
    co_await shake_hands(*client);
    auto head = co_await read_head(*client);
    if (head.empty()) co_return;
    auto server = co_await reach_ray(*client);
    if (!server) co_return;
    co_await server->write(head, Deadline::after(clock, options.patience));
    auto head_size = head.size();
    head = {};
    auto carried = std::make_shared<net::Carried>();
    carried->to_server = head_size;
    co_await net::carry(client, server, {.idle = options.idle}, carried);
    state.to_server += carried->to_server;
    state.to_client += carried->to_client;
    if (carried->idle) ++state.idle;
  }

  static boost::asio::awaitable<void> serve(std::shared_ptr<Door> door,
                                            std::shared_ptr<Stream> client) {
    try {
      co_await door->converse(std::move(client));
    } catch (const Failure&) {
      // Counted where it happened; it concerns this client alone.
    }
    --door->state.open;
  }

  static boost::asio::awaitable<void> accept(std::shared_ptr<Door> door) {
    auto executor = co_await boost::asio::this_coro::executor;
    net::TaskGroup connections(executor);
    for (;;) {
      std::shared_ptr<Stream> client = co_await door->listener.accept();
      if (door->state.open >= door->options.connections) {
        ++door->state.full;
        client->abort();
        continue;
      }
      ++door->state.accepted;
      ++door->state.open;
      client->notice_dead_peer();
      connections.spawn(serve(door, std::move(client)));
    }
  }

  const TlsListenerOptions options;
  const Clock& clock;
  TlsFiles files;
  net::Listener listener;
  TlsPortState state;
};

TlsListener::TlsListener(boost::asio::any_io_executor executor, TlsListenerOptions options,
                         const Clock& clock)
    : tasks_(executor) {
  for (const auto& port : options.ports)
    doors_.push_back(std::make_shared<Door>(executor, port, options, clock));
  for (const auto& door : doors_) tasks_.spawn(Door::accept(door));
}

TlsListener::~TlsListener() = default;

std::vector<TlsPortState> TlsListener::state() const {
  std::vector<TlsPortState> out;
  for (const auto& door : doors_) {
    auto& state = out.emplace_back(door->state);
    auto context = door->files.newest();
    if (context) state.certificate = context->certificate();
    if (!door->files.problem().empty()) state.problem = door->files.problem();
  }
  return out;
}

}  // namespace raykeep::node
