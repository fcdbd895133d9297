#include "control/serve_load.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/forwarded_port.h"

namespace raykeep::control {
namespace {

constexpr auto patience = std::chrono::seconds(10);
constexpr std::size_t largest_answer = 1u << 20;

}  // namespace

struct ServeLoad::State {
  const Access& access;
  const std::string ns;
  const std::string path;
  const Duration pause;  // between two requests to one pod
  std::map<std::string, Tally> tallies = {};
  std::set<std::string> left_out = {};

  awaitable<std::string> ask(ForwardedPort& port) const {
    try {
      net::Response answer = co_await port.send({.target = path}, largest_answer,
                                                Deadline::after(access.clock, patience));
      co_return answer.status < 400 ? "" : fmt::format("status {}", answer.status);
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      co_return failure.what();
    }
  }

  static awaitable<void> run(std::shared_ptr<State> state, Target target) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto port = std::make_unique<ForwardedPort>(executor, state->access, state->ns, target.pod,
                                                target.port);
    Instant due = state->access.clock.now();
    try {
      while (!state->left_out.contains(target.pod)) {
        std::string problem = co_await state->ask(*port);
        if (state->left_out.contains(target.pod)) break;
        Tally& tally = state->tallies[target.pod];
        ++tally.sent;
        if (!problem.empty()) {
          if (tally.failed++ == 0) tally.first_failure = target.pod + ": " + problem;
          // A tunnel that broke stays broken: the next request takes another.
          co_await port->close();
          port = std::make_unique<ForwardedPort>(executor, state->access, state->ns, target.pod,
                                                 target.port);
        }
        due += state->pause;
        // What was late is not made up for in a burst.
        Instant now = state->access.clock.now();
        if (due < now - std::chrono::seconds(1)) due = now;
        if (due > now) co_await control::pause(due - now);
      }
    } catch (const Failure&) {
      // Cancelled: the load ends.
    }
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await port->close();
  }
};

ServeLoad::ServeLoad(boost::asio::any_io_executor executor, const Access& access, std::string ns,
                     std::string path, int rate, std::vector<Target> targets)
    : state_(std::make_shared<State>(State{access, std::move(ns), std::move(path),
                                           std::chrono::nanoseconds(std::chrono::seconds(1)) *
                                               std::max<std::int64_t>(1, std::ssize(targets)) /
                                               std::max(1, rate)})),
      tasks_(executor) {
  for (const Target& target : targets) state_->tallies[target.pod] = {};
  for (Target& target : targets) tasks_.spawn(State::run(state_, std::move(target)));
}

Tally ServeLoad::take(const std::string& except) {
  Tally all;
  for (auto& [pod, tally] : take_each()) {
    if (pod == except) continue;
    all.sent += tally.sent;
    all.failed += tally.failed;
    if (all.first_failure.empty()) all.first_failure = std::move(tally.first_failure);
  }
  return all;
}

std::map<std::string, Tally> ServeLoad::take_each() {
  std::map<std::string, Tally> taken = state_->tallies;
  for (auto& [pod, tally] : state_->tallies) tally = {};
  return taken;
}

void ServeLoad::leave_out(const std::set<std::string>& pods) {
  state_->left_out.insert(pods.begin(), pods.end());
  for (const std::string& pod : pods) state_->tallies.erase(pod);
}

awaitable<void> ServeLoad::close() {
  tasks_.cancel();
  co_await tasks_.finish();
}

}  // namespace raykeep::control
