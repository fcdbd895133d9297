#include "control/forwarded_port.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "net/event.h"

namespace raykeep::control {

struct ForwardedPort::State {
  explicit State(boost::asio::any_io_executor executor) : changed(executor) {}

  static awaitable<void> run(const Access& access, std::string ns, std::string pod, int port,
                             std::shared_ptr<State> state) {
    try {
      co_await kube::port_forward(access.client, ns, pod, port, 0, [state](int local) {
        state->local = local;
        state->changed.notify();
      });
    } catch (const Failure& failure) {
      state->problem = failure.what();
    }
    state->ended = true;
    state->changed.notify();
  }

  net::Event changed;
  int local = 0;
  bool ended = false;
  std::string problem;
};

ForwardedPort::ForwardedPort(boost::asio::any_io_executor executor, const Access& access,
                             const std::string& ns, const std::string& pod, int port)
    : clock_(access.clock), state_(std::make_shared<State>(executor)), tasks_(executor) {
  tasks_.spawn(State::run(access, ns, pod, port, state_));
}

awaitable<bool> ForwardedPort::opened(Deadline until) {
  while (state_->local == 0 && !state_->ended && !until.passed(clock_))
    co_await state_->changed.wait(clock_, until);
  co_return state_->local != 0 && !state_->ended;
}

int ForwardedPort::local() const { return state_->local; }

awaitable<net::HttpClient*> ForwardedPort::client(Deadline until) {
  if (!co_await opened(until))
    throw Failure(Failure::Kind::disconnected,
                  state_->problem.empty() ? "the port is not open" : state_->problem);
  if (http_ == nullptr) {
    net::HttpClientOptions options;
    options.server.scheme = "http";
    options.server.host = "127.0.0.1";
    options.server.port = state_->local;
    http_ = std::make_unique<net::HttpClient>(co_await boost::asio::this_coro::executor,
                                              std::move(options), clock_);
  }
  co_return http_.get();
}

awaitable<net::Response> ForwardedPort::send(net::Request request, std::size_t most,
                                             Deadline until) {
  net::HttpClient* http = co_await client(until);
  co_return co_await http->send(std::move(request), most, until);
}

awaitable<int> ForwardedPort::stream(net::Request request,
                                     std::function<void(std::string_view)> take,
                                     Duration patience) {
  net::HttpClient* http = co_await client(Deadline::after(clock_, patience));
  std::unique_ptr<net::Answer> answer =
      co_await http->open(std::move(request), Deadline::after(clock_, patience));
  for (;;) {
    std::optional<std::string> piece = co_await answer->read(Deadline::after(clock_, patience));
    if (!piece) co_return answer->head().status;
    take(*piece);
  }
}

awaitable<void> ForwardedPort::close() {
  http_.reset();
  tasks_.cancel();
  co_await tasks_.finish();
}

awaitable<net::Response> send_to_pod(const Access& access, std::string ns, std::string pod,
                                     int port, net::Request request, std::size_t most,
                                     Deadline until) {
  ForwardedPort forwarded(co_await boost::asio::this_coro::executor, access, ns, pod, port);
  net::Response answer;
  std::optional<Failure> failure;
  try {
    answer = co_await forwarded.send(std::move(request), most, until);
  } catch (const Failure& caught) {
    failure = caught;
  }
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await forwarded.close();
  if (failure) throw *failure;
  co_return answer;
}

awaitable<doc::Value> ask_pod(const Access& access, std::string ns, std::string pod, int port,
                              net::Request request, std::size_t most, Duration patience) {
  const Deadline until = Deadline::after(access.clock, patience);
  try {
    net::Response answer =
        co_await send_to_pod(access, ns, pod, port, std::move(request), most, until);
    auto read = doc::parse_json(answer.body, {.bytes = most});
    if (answer.status == 200 && read) co_return std::move(*read);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
  }
  co_return nullptr;
}

}  // namespace raykeep::control
