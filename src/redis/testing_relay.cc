#include "redis/testing_relay.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "net/dial.h"

namespace raykeep::redis::testing {

using boost::asio::awaitable;

Relay::Relay(World& world, int target) : state_(std::make_shared<State>(world, target)) {
  state_->tasks.spawn(accept(state_));
}

Relay::~Relay() {
  cut();
  state_->listener.close();
  state_->tasks.cancel();
  run_until_done(state_->world.loop, state_->tasks.finish());
}

awaitable<void> Relay::accept(std::shared_ptr<State> state) {
  for (;;) {
    auto client = co_await state->listener.accept();
    ++state->count;
    if (state->refuse) continue;
    auto pair = std::make_shared<Pair>();
    pair->client = std::move(client);
    state->tasks.spawn(serve(state, pair));
  }
}

awaitable<void> Relay::serve(std::shared_ptr<State> state, std::shared_ptr<Pair> pair) {
  auto& world = state->world;
  try {
    auto server = *net::parse_url(fmt::format("redis://127.0.0.1:{}", state->target));
    pair->server = co_await net::dial(world.loop.get_executor(), {.server = server}, world.ample(),
                                      world.clock);
  } catch (const Failure&) {
    pair->client->close();
    co_return;
  }
  state->pairs.push_back(pair);
  state->tasks.spawn(replies(state, pair));
  co_await requests(state, pair);
  while (pair->hold_requests && !pair->held.empty()) co_await state->changed.wait(world.clock);
  state->pairs.remove(pair);
  pair->server->close();
}

awaitable<void> Relay::requests(std::shared_ptr<State> state, std::shared_ptr<Pair> pair) {
  char buffer[16384];
  try {
    for (;;) {
      auto count = co_await pair->client->read_some(buffer, sizeof buffer, Deadline::never());
      if (count == 0) break;
      while (state->swallow) co_await state->changed.wait(state->world.clock);
      std::string_view piece(buffer, count);
      bool triggered = !state->trigger.empty() &&
                       std::ranges::all_of(state->trigger, [&](const std::string& part) {
                         return piece.contains(part);
                       });
      if (triggered) {
        state->trigger.clear();
        state->hold_replies = true;
      }
      if (pair->hold_requests) {
        pair->held.append(buffer, count);
      } else {
        co_await pair->server->write({buffer, count}, Deadline::never());
      }
    }
  } catch (const Failure&) {
  }
  pair->client_gone = true;
}

awaitable<void> Relay::replies(std::shared_ptr<State> state, std::shared_ptr<Pair> pair) {
  char buffer[16384];
  try {
    for (;;) {
      auto count = co_await pair->server->read_some(buffer, sizeof buffer, Deadline::never());
      if (count == 0) break;
      while ((state->hold_replies || state->swallow) && !pair->client_gone) {
        co_await state->changed.wait(state->world.clock);
      }
      if (!pair->client_gone) co_await pair->client->write({buffer, count}, Deadline::never());
    }
  } catch (const Failure&) {
  }
  pair->client->close();
}

void Relay::hold_replies(bool on) {
  state_->hold_replies = on;
  state_->changed.notify();
}

void Relay::hold_requests() {
  for (auto& pair : state_->pairs) pair->hold_requests = true;
}

void Relay::deliver_requests() {
  for (auto& pair : state_->pairs) {
    pair->hold_requests = false;
    if (!pair->held.empty()) pair->server->write_at_once(pair->held);
    pair->held.clear();
  }
  state_->changed.notify();
}

void Relay::swallow(bool on) {
  state_->swallow = on;
  state_->changed.notify();
}

void Relay::cut() {
  for (auto& pair : state_->pairs) {
    pair->client_gone = true;
    pair->client->close();
  }
  state_->changed.notify();
}

void Relay::refuse(bool on) {
  state_->refuse = on;
  if (on) cut();
}

ScriptedRedis::ScriptedRedis(World& world, std::vector<std::vector<Answer>> dialogues)
    : state_(std::make_shared<State>(world, std::move(dialogues))) {
  state_->tasks.spawn(accept(state_));
}

ScriptedRedis::~ScriptedRedis() {
  state_->listener.close();
  state_->tasks.cancel();
  run_until_done(state_->world.loop, state_->tasks.finish());
}

awaitable<void> ScriptedRedis::accept(std::shared_ptr<State> state) {
  for (;;) {
    auto stream = co_await state->listener.accept();
    auto dialogue = state->dialogues[std::min(state->next, state->dialogues.size() - 1)];
    ++state->next;
    state->tasks.spawn(play(state, std::move(stream), std::move(dialogue)));
  }
}

awaitable<void> ScriptedRedis::play(std::shared_ptr<State> state,
                                    std::unique_ptr<net::Stream> stream,
                                    std::vector<Answer> dialogue) {
  RequestReader reader;
  char buffer[4096];
  std::size_t line = 0;
  for (;;) {
    auto count = co_await stream->read_some(buffer, sizeof buffer, Deadline::never());
    if (count == 0) co_return;
    reader.feed({buffer, count});
    while (auto request = reader.next().value_or(std::nullopt)) {
      std::vector<std::string> arguments;
      for (std::size_t i = 0; i < request->size(); ++i)
        arguments.emplace_back(request->argument(i));
      state->requests.push_back(join(arguments, " "));
      if (line == dialogue.size()) continue;
      const auto& answer = dialogue[line++];
      for (std::size_t at = 0; at < answer.bytes.size();) {
        auto piece =
            std::string_view(answer.bytes).substr(at, answer.bytewise ? 1 : answer.bytes.size());
        co_await stream->write(piece, Deadline::never());
        at += piece.size();
      }
      if (answer.close) co_return;
      if (answer.stall) line = dialogue.size();
    }
  }
}

std::string bulk(const std::string& text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

}  // namespace raykeep::redis::testing
