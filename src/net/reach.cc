#include "net/reach.h"

#include <array>
#include <memory>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/error.h"
#include "net/dial.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// A request that a web server answers at once, and that no other protocol takes for its own.
constexpr std::string_view plain_words =
    "GET / HTTP/1.1\r\nHost: raykeep.invalid\r\nConnection: close\r\n\r\n";

// RFC 1035: id 0, recursion desired, one question: NS of the root.
constexpr std::array<unsigned char, 17> root_question = {0, 0, 1, 0, 0, 1, 0, 0, 0,
                                                         0, 0, 0, 0, 0, 2, 0, 1};
// Over TCP its length stands before it.
constexpr std::array<unsigned char, 2> length_of_question = {0, root_question.size()};

Fate fate_of(const boost::system::error_code& code, bool timed_out) {
  if (!code) return Fate::open;
  if (timed_out || code == asio::error::timed_out) return Fate::dropped;
  if (code == asio::error::connection_refused || code == asio::error::connection_reset)
    return Fate::refused;
  if (code == asio::error::host_unreachable || code == asio::error::network_unreachable)
    return Fate::unreachable;
  // A firewall in the sender's own network namespace.
  if (code == asio::error::access_denied || code == boost::system::errc::operation_not_permitted)
    return Fate::dropped;
  return Fate::unknown;
}

asio::awaitable<void> throw_if_cancelled() {
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw Failure(Failure::Kind::cancelled, "cancelled while reaching for a port");
}

/// What the end of an operation says. Throws where it was the caller's own cancellation.
asio::awaitable<void> note_fate(boost::system::error_code failed, bool timed_out, Duration took,
                                Reached& reached) {
  if (failed && !timed_out) co_await throw_if_cancelled();
  reached.fate = fate_of(failed, timed_out);
  reached.took = took;
  if (reached.fate == Fate::unknown || reached.fate == Fate::unreachable)
    reached.detail = failed.message();
}

/// The first address; nothing when the name is not known, which `reached` then says.
asio::awaitable<std::optional<tcp::endpoint>> address_of(asio::any_io_executor executor,
                                                         std::string host, int port, Deadline until,
                                                         const Clock& clock, Reached& reached) {
  try {
    std::vector<tcp::endpoint> found = co_await look_up(executor, host, port, until, clock);
    if (!found.empty()) co_return found.front();
    reached.detail = "the name has no address";
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    reached.detail = failure.what();
  }
  co_return std::nullopt;
}

std::vector<asio::const_buffer> words(Speak speak) {
  if (speak == Speak::dns) return {asio::buffer(length_of_question), asio::buffer(root_question)};
  return {asio::buffer(plain_words)};
}

asio::awaitable<Spoken> speak_plainly(tcp::socket& socket, Speak speak, Deadline until,
                                      const Clock& clock) {
  bool timed_out = false;
  boost::system::error_code failed;
  std::array<char, 64> answer;
  {
    Watchdog watchdog(socket.get_executor(), clock, until, [&socket] { socket.close(); });
    auto [not_sent, sent] = co_await asio::async_write(socket, words(speak), as_result);
    failed = not_sent;
    if (!failed) {
      auto [not_read, got] = co_await socket.async_read_some(asio::buffer(answer), as_result);
      failed = not_read;
    }
    timed_out = watchdog.bit();
  }
  if (!failed) co_return Spoken::answered;
  co_await throw_if_cancelled();
  co_return timed_out ? Spoken::silent : Spoken::reset;
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::open:
      return "open";
    case Fate::refused:
      return "refused";
    case Fate::dropped:
      return "dropped";
    case Fate::unreachable:
      return "unreachable";
    case Fate::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Spoken spoken) {
  switch (spoken) {
    case Spoken::not_tried:
      return "";
    case Spoken::answered:
      return "answered";
    case Spoken::reset:
      return "reset";
    case Spoken::silent:
      break;
  }
  return "silent";
}

asio::awaitable<Reached> reach_tcp(asio::any_io_executor executor, std::string host, int port,
                                   Speak speak, Deadline until, const Clock& clock) {
  Reached reached;
  const Instant began = clock.now();
  std::optional<tcp::endpoint> to =
      co_await address_of(executor, host, port, until, clock, reached);
  if (!to) co_return reached;
  tcp::socket socket(executor);
  boost::system::error_code failed;
  bool timed_out = false;
  {
    Watchdog watchdog(executor, clock, until, [&socket] { socket.close(); });
    std::tie(failed) = co_await socket.async_connect(*to, as_result);
    timed_out = watchdog.bit();
  }
  co_await note_fate(failed, timed_out, clock.now() - began, reached);
  if (reached.fate == Fate::open && speak != Speak::nothing)
    reached.spoken = co_await speak_plainly(socket, speak, until, clock);
  co_return reached;
}

asio::awaitable<Reached> reach_udp(asio::any_io_executor executor, std::string host, int port,
                                   Deadline until, const Clock& clock) {
  Reached reached;
  const Instant began = clock.now();
  std::optional<tcp::endpoint> to =
      co_await address_of(executor, host, port, until, clock, reached);
  if (!to) co_return reached;
  udp::socket socket(executor);
  boost::system::error_code failed;
  bool timed_out = false;
  // Connected, so that the kernel tells us of ICMP errors.
  socket.connect(udp::endpoint(to->address(), to->port()), failed);
  if (!failed) {
    std::array<char, 512> answer;
    Watchdog watchdog(executor, clock, until, [&socket] { socket.close(); });
    auto [not_sent, sent] = co_await socket.async_send(asio::buffer(root_question), as_result);
    failed = not_sent;
    if (!failed) {
      auto [not_got, got] = co_await socket.async_receive(asio::buffer(answer), as_result);
      failed = not_got;
    }
    timed_out = watchdog.bit();
  }
  co_await note_fate(failed, timed_out, clock.now() - began, reached);
  co_return reached;
}

}  // namespace raykeep::net
