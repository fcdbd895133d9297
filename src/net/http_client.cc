#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "net/dial.h"
#include "net/message.h"

namespace raykeep::net {
namespace {

using Kind = Failure::Kind;
constexpr std::size_t read_size = 32 * 1024;
constexpr Duration for_last_words = std::chrono::seconds(2);

/// A header with a line break in it would be two headers: request smuggling by whoever filled the
/// value.
void check_text(std::string_view text, std::string_view what) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    throw Failure(Kind::invalid, fmt::format("the {} to send has control characters in it", what));
  }
}

std::string serialize_head(const Request& request, const std::string& host,
                           std::optional<std::uint64_t> size) {
  check_text(request.method, "method");
  check_text(request.target, "path");
  if (request.target.contains(' ')) throw Failure(Kind::bug, "the path to send has a space in it");
  auto out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, host);
  for (const auto& [name, value] : request.headers) {
    check_text(name, "header");
    check_text(value, name);
    out += fmt::format("{}: {}\r\n", name, value);
  }
  if (size) out += fmt::format("Content-Length: {}\r\n", *size);
  out += "\r\n";
  return out;
}

std::string serialize(const Request& request, const std::string& host) {
  const bool has_body =
      !request.body.empty() ||
      (request.method != "GET" && request.method != "DELETE" && request.method != "HEAD");
  return serialize_head(
             request, host,
             has_body ? std::optional<std::uint64_t>(request.body.size()) : std::nullopt) +
         request.body;
}

std::string host_header(const Url& url) {
  bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  if (!usual) return host_and_port(url.host, url.port);
  return url.host.contains(':') ? fmt::format("[{}]", url.host) : url.host;
}

}  // namespace

struct HttpClient::State {
  boost::asio::any_io_executor executor;
  Route route;
  std::string host;
  std::size_t idle_connections;
  const Clock& clock;
  std::deque<std::unique_ptr<Stream>> idle;

  void put_back(std::unique_ptr<Stream> stream) {
    if (idle.size() < idle_connections) idle.push_back(std::move(stream));
  }

  /// The idle connection used last that is still good, or nothing.
  std::unique_ptr<Stream> take_idle() {
    while (!idle.empty()) {
      auto stream = std::move(idle.back());
      idle.pop_back();
      if (!stream->is_stale()) return stream;
    }
    return nullptr;
  }
};

namespace {

class AnswerOnStream final : public Answer {
 public:
  AnswerOnStream(std::unique_ptr<Stream> stream, bool to_head,
                 std::function<void(std::unique_ptr<Stream>)> give_back)
      : stream_(std::move(stream)),
        give_back_(std::move(give_back)),
        to_head_(to_head),
        reader_(std::in_place, to_head) {}

  const Response& head() const override { return head_; }

  bool has_bytes() const { return reader_->has_bytes(); }
  bool has_answer() const { return head_.status >= 200; }

  awaitable<void> read_head(Deadline until) {
    for (;;) {
      while (!reader_->has_head()) co_await receive(until);
      head_ = reader_->head();
      if (head_.status >= 200) break;
      // 1xx: the real answer follows (RFC 9110, 15.2). 101 cannot come, we did not ask for an
      // upgrade here.
      auto rest = reader_->rest();
      reader_.emplace(to_head_);
      reader_->feed(rest);
    }
    finish_if_done();
  }

  awaitable<std::optional<std::string>> read(Deadline until) override {
    for (;;) {
      if (auto piece = reader_->take_body(); !piece.empty()) co_return piece;
      if (reader_->is_done()) break;
      co_await receive(until);
      finish_if_done();
    }
    co_return std::nullopt;
  }

 private:
  awaitable<void> receive(Deadline until) {
    if (!buffer_) buffer_ = std::make_unique<char[]>(read_size);
    auto count = co_await stream_->read_some(buffer_.get(), read_size, until);
    try {
      if (count == 0) {
        reader_->feed_end();
      } else {
        reader_->feed({buffer_.get(), count});
      }
    } catch (const Failure& failure) {
      throw Failure(failure.kind(), fmt::format("{}: {}", stream_->peer(), failure.what()));
    }
  }

  void finish_if_done() {
    if (!reader_->is_done() || !stream_) return;
    if (reader_->may_reuse()) give_back_(std::move(stream_));
    stream_.reset();
  }

  std::unique_ptr<Stream> stream_;
  std::function<void(std::unique_ptr<Stream>)> give_back_;
  const bool to_head_;
  std::optional<ResponseReader> reader_;
  std::unique_ptr<char[]> buffer_;
  Response head_;
};

/// One try on one connection. `touched` tells whether the server said anything at all.
awaitable<std::unique_ptr<Answer>> exchange(std::unique_ptr<Stream> stream, std::string bytes,
                                            bool to_head,
                                            std::function<void(std::unique_ptr<Stream>)> give_back,
                                            bool& touched, Deadline until) {
  auto& connection = *stream;
  auto answer = std::make_unique<AnswerOnStream>(std::move(stream), to_head, std::move(give_back));
  std::exception_ptr problem;
  try {
    co_await connection.write(bytes, until);
    co_await answer->read_head(until);
  } catch (...) {
    problem = std::current_exception();
  }
  touched = answer->has_bytes();
  if (problem) std::rethrow_exception(problem);
  co_return answer;
}

}  // namespace

HttpClient::HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options,
                       const Clock& clock)
    : state_(new State{executor,
                       {options.server, nullptr, options.proxy},
                       host_header(options.server),
                       options.idle_connections,
                       clock,
                       {}}) {
  if (options.server.scheme == "https") {
    state_->route.tls = std::make_shared<const TlsContext>(std::move(options.tls));
  } else if (options.server.scheme != "http") {
    throw Failure(Kind::invalid, fmt::format("{} is not a way to reach a server; use https://",
                                             quoted(options.server.scheme + "://")));
  }
}

HttpClient::~HttpClient() = default;

awaitable<std::unique_ptr<Answer>> HttpClient::open(Request request, Deadline until) {
  auto state = state_;
  auto bytes = serialize(request, state->host);
  const bool to_head = request.method == "HEAD";
  auto give_back = [weak = std::weak_ptr(state)](std::unique_ptr<Stream> stream) {
    if (auto owner = weak.lock()) owner->put_back(std::move(stream));
  };
  if (auto stream = state->take_idle()) {
    bool touched = false;
    try {
      auto answer = co_await exchange(std::move(stream), bytes, to_head, give_back, touched, until);
      co_return answer;
    } catch (const Failure& failure) {
      // The server closed the idle connection just as we used it; that says nothing about the
      // server.
      if (failure.kind() != Kind::disconnected || touched || !request.repeatable ||
          until.passed(state->clock)) {
        throw;
      }
    }
  }
  auto stream = co_await dial(state->executor, state->route, until, state->clock);
  bool touched = false;
  auto answer =
      co_await exchange(std::move(stream), std::move(bytes), to_head, give_back, touched, until);
  co_return answer;
}

namespace {

awaitable<Response> whole(std::unique_ptr<Answer> answer, std::size_t most, Deadline until) {
  Response response = answer->head();
  for (;;) {
    auto piece = co_await answer->read(until);
    if (!piece) break;
    if (response.body.size() + piece->size() > most) {
      throw Failure(Kind::invalid, fmt::format("the answer is larger than {} bytes", most));
    }
    response.body += *piece;
  }
  co_return response;
}

/// Throws what ends the writing.
awaitable<void> write_all(Stream& stream, std::string head, BodySource& body, Duration patience) {
  const Clock& clock = stream.clock();
  co_await stream.write(head, Deadline::after(clock, patience));
  for (std::uint64_t sent = 0; sent < body.size();) {
    const std::string_view piece = body.next();
    co_await stream.write(piece, Deadline::after(clock, patience));
    sent += piece.size();
  }
}

}  // namespace

awaitable<Response> HttpClient::send(Request request, std::size_t most, Deadline until) {
  auto answer = co_await open(std::move(request), until);
  auto response = co_await whole(std::move(answer), most, until);
  co_return response;
}

awaitable<Response> HttpClient::send(Request request, BodySource& body, std::size_t most,
                                     Duration patience) {
  auto state = state_;
  auto head = serialize_head(request, state->host, body.size());
  auto stream = state->take_idle();
  if (!stream) {
    const auto until = Deadline::after(state->clock, patience);
    auto dialled = co_await dial(state->executor, state->route, until, state->clock);
    stream = std::move(dialled);
  }
  std::exception_ptr problem;
  try {
    co_await write_all(*stream, std::move(head), body, patience);
  } catch (...) {
    problem = std::current_exception();
  }
  // Who wants no more closes the connection, and has said why before.
  auto give_back = [weak = std::weak_ptr(state),
                    broken = problem != nullptr](std::unique_ptr<Stream> used) {
    if (auto owner = weak.lock(); owner && !broken) owner->put_back(std::move(used));
  };
  auto answer = std::make_unique<AnswerOnStream>(std::move(stream), false, std::move(give_back));
  const auto until =
      Deadline::after(state->clock, problem ? std::min(patience, for_last_words) : patience);
  try {
    co_await answer->read_head(until);
  } catch (...) {
    if (!problem) throw;
  }
  if (problem && !answer->has_answer()) std::rethrow_exception(problem);
  auto response = co_await whole(std::move(answer), most, until);
  co_return response;
}

awaitable<Upgrade> HttpClient::upgrade(Request request, std::string subprotocol, Deadline until) {
  auto state = state_;
  auto stream = co_await dial(state->executor, state->route, until, state->clock);
  auto upgrade = co_await upgrade_to_websocket(std::move(stream), std::move(request), state->host,
                                               std::move(subprotocol), 4u << 20, until);
  co_return upgrade;
}

}  // namespace raykeep::net
