#include "redis/fence.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_patience = 5s;
constexpr auto first_delay = 10ms;
constexpr auto longest_delay = 250ms;
constexpr auto between_looks = 30s;  // somebody may have changed the server's settings

// Of the lease's time to live: how often we renew, how long we wait for the answer (a node without
// processor time answers late, too), and how much sooner we stop writing by our own clock. After
// one answer that did not come there is time for another renewal before we stop.
constexpr int renewals_per_ttl = 10;
Duration renewal_patience(Duration ttl) { return ttl * 2 / 5; }
Duration margin(Duration ttl) { return ttl / 5; }

std::string who(const std::string& text) {
  auto token = parse_token(text);
  return fmt::format("pod {} ({}), epoch {}", quoted(token.holder_name), quoted(token.pod_uid),
                     token.epoch);
}

}  // namespace

Fence::Fence(boost::asio::any_io_executor executor, const Clock& clock, FenceOptions options)
    : executor_(executor),
      clock_(clock),
      options_(std::move(options)),
      wake_(executor),
      ended_(executor) {}

void Fence::log(const std::string& text) const {
  if (options_.log) options_.log(text);
}

void Fence::note(const Failure& failure) {
  last_error_ = failure.what();
  needs_mending_ =
      failure.kind() == Failure::Kind::denied || failure.kind() == Failure::Kind::invalid;
}

void Fence::set_connected(bool connected) {
  if (connected) {
    if (away_since_) {
      log(fmt::format(
          "Redis answers again after {} ms: {}",
          std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - *away_since_)
              .count(),
          server_));
    }
    away_since_.reset();
  } else if (!away_since_) {
    away_since_ = clock_.now();
    log("Redis is away: " + last_error_);
  }
  connected_ = connected;
  if (options_.changed) options_.changed();
}

void Fence::lose_to(const std::string& holder) {
  if (fenced_) return;
  fenced_ = true;
  holder_ = holder;
  log(fmt::format("fenced: {} has the store; nothing of this head is written any more",
                  who(holder)));
  wake_.notify();
  if (options_.changed) options_.changed();
}

Lease Fence::lease() const {
  Lease lease{.held = ready() && clock_.now() < valid_until_, .epoch = parse_token(token_).epoch};
  if (!holder_.empty()) {
    auto token = parse_token(holder_);
    lease.holder =
        token.holder_name.empty() ? token.pod_uid : token.pod_uid + " " + token.holder_name;
  }
  return lease;
}

awaitable<void> Fence::run() {
  struct Running {
    explicit Running(Fence& f) : fence(f) { fence.running_ = true; }
    ~Running() {
      fence.running_ = false;
      fence.ended_.notify();
    }
    Fence& fence;
  } running(*this);
  Duration delay = first_delay;
  while (!over()) {
    bool was_connected = false;
    try {
      co_await keep();
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      note(failure);
      was_connected = connected_;
      if (!over()) set_connected(false);
    }
    if (over()) break;
    delay = was_connected ? Duration(first_delay) : std::min<Duration>(delay * 2, longest_delay);
    co_await net::pause(delay);
  }
}

/// One connection's life.
awaitable<void> Fence::keep() {
  auto connection = co_await connect(executor_, clock_, options_.upstream, tls_,
                                     Deadline::after(clock_, connect_patience));
  scripts_ = co_await load_scripts(*connection, Deadline::after(clock_, connect_patience));
  server_ = fmt::format("{}, Redis {}", connection->peer(), connection->facts.version);
  take_concerns(*connection);
  auto instance = connection->facts.run_id + " " + connection->peer();
  auto before = std::exchange(instance_, instance);
  if (!before.empty() && before != instance && options_.moved) options_.moved();
  if (token_.empty()) {
    set_connected(true);
    co_await acquire(*connection);
  } else {
    co_await renew(*connection);
  }
  if (!over()) set_connected(true);
  while (!over()) {
    co_await wake_.wait(clock_, Deadline::after(clock_, options_.claim.ttl / renewals_per_ttl));
    if (over()) co_return;
    co_await renew(*connection);
    if (clock_.now() - looked_ >= between_looks) co_await look(*connection);
  }
}

awaitable<void> Fence::look(Connection& connection) {
  auto until = Deadline::after(clock_, renewal_patience(options_.claim.ttl));
  co_await look_at(connection, options_.upstream.tls.enabled, until);
  take_concerns(connection);
}

void Fence::take_concerns(const Connection& connection) {
  looked_ = clock_.now();
  auto found = redis::concerns(connection.facts, connection.shards);
  for (const Concern& each : found) {
    if (std::ranges::find(concerns_, each) == concerns_.end())
      log(fmt::format("{}: {}; {}", server_, each.what, each.remedy));
  }
  concerns_ = std::move(found);
}

awaitable<void> Fence::acquire(Connection& connection) {
  std::string told;
  while (!over()) {
    auto asked_at = clock_.now();
    auto until = Deadline::after(clock_, renewal_patience(options_.claim.ttl));
    auto acquired =
        co_await acquire_lease(connection, scripts_, options_.keys, options_.claim, until);
    if (acquired.taken) {
      token_ = acquired.token;
      valid_until_ = asked_at + options_.claim.ttl - margin(options_.claim.ttl);
      holder_.clear();
      log(fmt::format("took the lease of {}: epoch {}", options_.keys.prefix(),
                      parse_token(token_).epoch));
      co_return;
    }
    holder_ = acquired.holder;
    if (told != holder_) {
      told = holder_;
      log(fmt::format(
          "waiting for the lease of {}: {} holds it, for {} ms more unless it is renewed",
          options_.keys.prefix(), who(holder_),
          std::chrono::duration_cast<std::chrono::milliseconds>(acquired.expires_in).count()));
    }
    // Its end may be seen late by a little, and it may be given back early.
    auto pause =
        std::clamp<Duration>(acquired.expires_in, 5ms, options_.claim.ttl / (2 * renewals_per_ttl));
    co_await wake_.wait(clock_, Deadline::after(clock_, pause));
  }
}

awaitable<void> Fence::renew(Connection& connection) {
  auto asked_at = clock_.now();
  auto until = Deadline::after(clock_, renewal_patience(options_.claim.ttl));
  auto renewed =
      co_await renew_lease(connection, scripts_, options_.keys, options_.claim, token_, until);
  if (renewed.outcome == Renewed::Outcome::fenced) {
    lose_to(renewed.holder);
    co_return;
  }
  if (renewed.outcome == Renewed::Outcome::storage_lost) {
    storage_lost_ = clock_.now();
    log("the store came back without the fence, so without Ray's data too; carrying on with what "
        "it has");
  }
  valid_until_ = asked_at + options_.claim.ttl - margin(options_.claim.ttl);
  if (options_.changed) options_.changed();
}

awaitable<void> Fence::release(Deadline until) {
  bool ours = !token_.empty() && !fenced_;
  released_ = true;
  wake_.notify();
  if (options_.changed) options_.changed();
  while (running_ && !until.passed(clock_)) co_await ended_.wait(clock_, until);
  // Were it still running, a renewal under way could come after our goodbye.
  if (running_ || !ours) co_return;
  try {
    auto connection = co_await connect(executor_, clock_, options_.upstream, tls_, until);
    scripts_ = co_await load_scripts(*connection, until);
    co_await release_lease(*connection, scripts_, options_.keys, options_.claim, token_, until);
    log("gave the lease back");
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    note(failure);
    log(fmt::format("the lease could not be given back and runs out by itself: {}",
                    failure.what()));
  }
}

}  // namespace raykeep::redis
