// The part of a lane between its queue and Redis.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "net/task_group.h"
#include "redis/lane.h"
#include "redis/write_transaction.h"

namespace raykeep::redis {
namespace {

using Kind = Failure::Kind;

// Replies that Ray has not read; then we stop reading from Redis. One reply may be larger.
constexpr std::size_t most_unread = std::size_t{64} << 20;
constexpr std::size_t read_size = 32 * 1024;
constexpr std::size_t send_size = 256 * 1024;

}  // namespace

/// Moves requests from fresh_ to units_, putting writes in a row together. A write waits for the
/// answer to the one before it: were that refused, a later one already on its way would overtake
/// it.
void Lane::pull(std::size_t most_writes) {
  auto is_write = [](const Unit& unit) { return unit.handling == Handling::write; };
  while (!fresh_.empty() && units_.size() < most_in_flight) {
    if (is_write(fresh_.front()) && std::ranges::any_of(units_, is_write)) break;
    auto unit = std::move(fresh_.front());
    fresh_.pop_front();
    if (unit.handling == Handling::write) {
      while (!fresh_.empty() && fresh_.front().handling == Handling::write &&
             unit.requests.size() < most_writes &&
             unit.weight + fresh_.front().weight <= most_bytes_per_unit) {
        unit.requests.push_back(std::move(fresh_.front().requests.front()));
        unit.weight += fresh_.front().weight;
        fresh_.pop_front();
      }
      unit.sequence = ++sequence_;
    }
    units_.push_back(std::move(unit));
  }
  flush_answers();
}

/// Gives Ray the answers of our own whose turn it is.
void Lane::flush_answers() {
  while (!units_.empty() && units_.front().requests.empty()) {
    if (units_.front().handling == Handling::close) {
      out_ += units_.front().reply;
      flush();
      close();
      return;
    }
    finish_front(units_.front().reply);
  }
}

void Lane::finish_front(std::string_view replies) {
  out_ += replies;
  ++finished_;
  weight_ -= units_.front().weight;
  units_.pop_front();
  if (sent_ > 0) --sent_;
  drained_.notify();
}

bool Lane::may_send(const Unit& unit) const {
  return unit.handling != Handling::write || context_->fence.may_write();
}

void Lane::mark_sent(Unit& unit) {
  auto count = unit.requests.size();
  context_->counters.forwarded += count;
  if (std::exchange(unit.sent, true)) context_->counters.repeated += count;
}

/// The bytes of what can be sent now; empty when there is nothing or it must wait.
std::string Lane::collect() {
  pull(most_writes_per_unit);
  std::string out;
  while (sent_ < units_.size() && out.size() < send_size && may_send(units_[sent_])) {
    auto& unit = units_[sent_++];
    if (unit.requests.empty()) continue;
    mark_sent(unit);
    append_unit(out, unit, context_->fence.scripts(), context_->keys, context_->fence.token(),
                number_);
  }
  return out;
}

awaitable<void> Lane::send(std::shared_ptr<Lane> lane, std::shared_ptr<Connection> connection) {
  auto& clock = lane->context_->clock;
  auto& stream = connection->stream();
  try {
    for (;;) {
      auto bytes = lane->collect();
      lane->flush();
      if (lane->closed_) break;
      if (bytes.empty()) {
        co_await lane->wake_.wait(clock);
        continue;
      }
      lane->progress_ = clock.now();
      auto rest = std::string_view(bytes);
      rest.remove_prefix(stream.write_at_once(rest));
      while (!rest.empty()) {
        co_await stream.write(rest.substr(0, send_size), Deadline::never());
        rest.remove_prefix(std::min(send_size, rest.size()));
        lane->progress_ = clock.now();
      }
    }
  } catch (const Failure&) {
    // The receiving side, whose end this is, tells.
  }
  stream.abort();
}

awaitable<void> Lane::receive(std::shared_ptr<Lane> lane, std::shared_ptr<Connection> connection) {
  auto& clock = lane->context_->clock;
  ReplyReader replies;
  std::string buffer(read_size, '\0');
  for (;;) {
    while (lane->out_.size() > most_unread && !lane->closed_) co_await lane->drained_.wait(clock);
    auto count =
        co_await connection->stream().read_some(buffer.data(), buffer.size(), Deadline::never());
    if (count == 0)
      throw Failure(Kind::disconnected,
                    fmt::format("{} closed the connection", connection->peer()));
    lane->progress_ = clock.now();
    replies.feed(std::string_view(buffer).substr(0, count));
    for (;;) {
      auto reply = replies.next();
      if (!reply) {
        throw Failure(Kind::invalid, fmt::format("{} does not speak Redis' protocol: {}",
                                                 connection->peer(), reply.error().text));
      }
      if (!*reply) break;
      lane->on_reply(**reply, connection->peer());
    }
    lane->flush();
    if (!lane->fresh_.empty() || lane->sent_ < lane->units_.size()) lane->wake_.notify();
  }
}

/// What Redis answered to the unit in front.
void Lane::on_reply(std::string_view reply, const std::string& peer) {
  flush_answers();
  if (units_.empty() || sent_ == 0)
    throw Failure(Kind::invalid, fmt::format("{} answers what it was not asked", peer));
  auto& unit = units_.front();
  auto code = error_code(reply);
  auto& fence = context_->fence;
  if (code == "FENCED" && unit.handling == Handling::write) {
    fence.lose_to(fenced_by(parse_reply(reply).value_or(Reply{})));
    throw Failure(Kind::denied, "another head has the store");
  }
  bool unfit = is_passing(code) || code == "NOAUTH" || code == "NOEPOCH";
  if (!code.empty() && (unfit || unit.handling == Handling::write)) {
    // Nothing was applied; it goes again, to whoever is master then.
    auto doing = unit.handling == Handling::write ? "write for Ray" : "read for Ray";
    throw refusal(parse_reply(reply).value_or(Reply{}), doing, peer);
  }
  if (unit.handling == Handling::write) {
    auto replies = replies_of(reply, unit.requests.size());
    if (!replies)
      throw Failure(Kind::bug,
                    fmt::format("write for Ray at {}: the script's answer makes no sense", peer));
    finish_front(*replies);
  } else {
    finish_front(reply);
  }
  flush_answers();
}

awaitable<void> Lane::carry(std::shared_ptr<Lane> lane, std::shared_ptr<Connection> connection) {
  lane->progress_ = lane->context_->clock.now();
  net::TaskGroup sender(lane->context_->executor);
  sender.spawn(send(lane, connection));
  std::exception_ptr problem;
  try {
    co_await receive(lane, connection);
  } catch (const Failure&) {
    problem = std::current_exception();
  }
  connection->stream().abort();
  sender.cancel();
  co_await sender.finish();  // or it could still take units for sent
  std::rethrow_exception(problem);
}

/// One request after the other: a transaction's outcome must be known before the next can begin.
awaitable<void> Lane::carry_by_transactions(std::shared_ptr<Lane> lane,
                                            std::shared_ptr<Connection> connection) {
  auto& context = *lane->context_;
  for (;;) {
    lane->pull(1);
    lane->flush();
    if (lane->closed_) co_return;
    if (lane->out_.size() > most_unread) {
      co_await lane->drained_.wait(context.clock);
      continue;
    }
    if (lane->units_.empty() || !lane->may_send(lane->units_.front())) {
      co_await lane->wake_.wait(context.clock);
      continue;
    }
    auto& unit = lane->units_.front();  // stays in front until on_reply()
    if (unit.requests.size() > 1) {
      lane->close();
      throw Failure(
          Kind::invalid,
          fmt::format("{} ran scripts before and refuses them now, with writes under way; Ray's "
                      "connection is closed",
                      connection->peer()));
    }
    lane->sent_ = 1;
    lane->mark_sent(unit);
    lane->progress_ = context.clock.now();
    std::string reply;
    if (unit.handling == Handling::read) {
      reply = co_await connection->exchange(unit.requests.front().bytes, Deadline::never());
    } else {
      reply = co_await write_by_transaction(*connection, context.keys, context.fence.token(),
                                            done_field(lane->number_, unit.sequence), unit.sequence,
                                            unit.requests.front());
    }
    lane->on_reply(reply, connection->peer());
    lane->flush();
  }
}

}  // namespace raykeep::redis
