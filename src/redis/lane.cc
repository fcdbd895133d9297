#include "redis/lane.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "net/task_group.h"

namespace raykeep::redis {
namespace {

using namespace std::chrono_literals;
using Kind = Failure::Kind;

// Ray may send ahead so many bytes of requests; then we stop reading. A single request may be
// larger, up to what the protocol allows.
constexpr std::size_t most_waiting = std::size_t{64} << 20;

// A Redis that takes nothing and says nothing for so long while it owes us an answer is taken for
// gone.
constexpr auto silence = 5s;

constexpr auto connect_patience = 5s;
constexpr auto first_delay = 10ms;
constexpr auto longest_delay = 250ms;

constexpr std::size_t read_size = 32 * 1024;

}  // namespace

Lane::Lane(std::shared_ptr<LaneContext> context, int number, std::uint64_t& sequence,
           std::unique_ptr<net::Stream> ray)
    : context_(std::move(context)),
      number_(number),
      sequence_(sequence),
      ray_(std::move(ray)),
      wake_(context_->executor),
      drained_(context_->executor),
      output_(context_->executor) {}

void Lane::close() {
  closed_ = true;
  ray_->close();
  drop();
  wake_.notify();
  drained_.notify();
  output_.notify();
}

void Lane::drop() {
  // A write that nobody waits for any more must not reach Redis later.
  if (connection_) connection_->stream().abort();
}

void Lane::tick(Instant now) {
  const Unit* oldest = !units_.empty()   ? &units_.front()
                       : !fresh_.empty() ? &fresh_.front()
                                         : nullptr;
  if (!oldest || closed_) return;
  if (now - oldest->since > context_->hold) {
    ++context_->counters.refused;
    context_->log(fmt::format(
        "a request of Ray's ({}) has waited for longer than the hold; its connection is closed",
        ray_->peer()));
    close();
    return;
  }
  if (connection_ && sent_ > 0 && now - progress_ > silence) {
    context_->fence.note(
        Failure(Kind::disconnected,
                fmt::format("{} owes an answer and says nothing", connection_->peer())));
    drop();
  }
}

awaitable<void> Lane::run(std::shared_ptr<Lane> lane) {
  auto& context = *lane->context_;
  net::TaskGroup ray(context.executor);
  ray.spawn(read_ray(lane));
  ray.spawn(write_ray(lane));
  Duration delay = first_delay;
  bool first = true;
  while (!lane->closed_) {
    if (!context.fence.ready()) {
      co_await lane->wake_.wait(context.clock);
      continue;
    }
    auto finished = lane->finished_;
    try {
      lane->connection_ =
          co_await connect(context.executor, context.clock, context.upstream, context.tls,
                           Deadline::after(context.clock, connect_patience));
      if (!std::exchange(first, false)) ++context.counters.reconnects;
      if (!lane->closed_ && context.fence.scripts().mode == FenceMode::transaction) {
        co_await carry_by_transactions(lane, lane->connection_);
      } else if (!lane->closed_) {
        co_await carry(lane, lane->connection_);
      }
    } catch (const Failure& failure) {
      if (!lane->closed_ && failure.kind() != Kind::cancelled) context.fence.note(failure);
    }
    lane->connection_.reset();
    lane->sent_ = 0;
    if (lane->closed_) break;
    context.fence.suspect();
    delay = lane->finished_ > finished ? Duration(first_delay)
                                       : std::min<Duration>(delay * 2, longest_delay);
    co_await net::pause(delay);
  }
  ray.cancel();
  co_await ray.finish();
}

awaitable<void> Lane::read_ray(std::shared_ptr<Lane> lane) {
  std::string buffer(read_size, '\0');
  try {
    while (!lane->closed_) {
      if (lane->weight_ > most_waiting || lane->out_.size() > most_waiting) {
        co_await lane->drained_.wait(lane->context_->clock);
        continue;
      }
      auto count = co_await lane->ray_->read_some(buffer.data(), buffer.size(), Deadline::never());
      if (count == 0) break;
      lane->arrived_ = lane->context_->clock.now();
      lane->requests_.feed(std::string_view(buffer).substr(0, count));
      for (;;) {
        auto request = lane->requests_.next();
        if (!request) {
          lane->context_->log(fmt::format("{} does not speak Redis' protocol: {}",
                                          lane->ray_->peer(), request.error().text));
          lane->ray_->write_at_once(error_reply("Protocol error: " + request.error().text));
          lane->close();
          co_return;
        }
        if (!*request) break;
        lane->take(**std::move(request));
      }
      lane->flush();
    }
  } catch (const Failure&) {
    // Ray is gone, or we are told to go.
  }
  lane->close();
}

void Lane::take(Request request) {
  auto judgement = judge(request, context_->keys);
  Unit unit{.handling = judgement.handling, .since = arrived_, .weight = request.bytes.size()};
  if (judgement.handling == Handling::answer || judgement.handling == Handling::close) {
    ++context_->counters.answered;
    if (units_.empty() && fresh_.empty()) {
      out_ += judgement.reply;
      if (judgement.handling == Handling::close) {
        flush();
        close();
      }
      return;
    }
    unit.reply = std::move(judgement.reply);
  } else {
    if (!connection_ || !context_->fence.ready()) ++context_->counters.held;
    unit.requests.push_back(std::move(request));
  }
  weight_ += unit.weight;
  fresh_.push_back(std::move(unit));
  wake_.notify();
}

void Lane::flush() {
  if (writing_ || out_.empty()) return;
  auto count = ray_->write_at_once(out_);
  out_.erase(0, count);
  if (!out_.empty()) output_.notify();
}

awaitable<void> Lane::write_ray(std::shared_ptr<Lane> lane) {
  try {
    while (!lane->closed_) {
      if (lane->out_.empty()) {
        co_await lane->output_.wait(lane->context_->clock);
        continue;
      }
      auto bytes = std::exchange(lane->out_, {});
      lane->writing_ = true;
      co_await lane->ray_->write(bytes, Deadline::never());
      lane->writing_ = false;
      lane->drained_.notify();
    }
  } catch (const Failure&) {
    lane->close();
  }
}

}  // namespace raykeep::redis
