#include "redis/road.h"

#include <algorithm>
#include <list>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "net/listener.h"
#include "net/task_group.h"
#include "redis/lane.h"

namespace raykeep::redis {
namespace {

using Kind = Failure::Kind;

constexpr auto tick = std::chrono::milliseconds(100);

RoadOptions checked(RoadOptions options) {
  auto refuse = [](const std::string& text) {
    throw Failure(Kind::invalid, "the road to Redis: " + text);
  };
  if (options.upstream.addresses.empty() == options.upstream.sentinels.addresses.empty()) {
    refuse("give addresses of Redis or of Sentinels, one of the two");
  }
  if (!options.upstream.sentinels.addresses.empty() && options.upstream.sentinels.master.empty()) {
    refuse("the Sentinels' name for the master is missing");
  }
  if (options.upstream.tls.certificate_file.empty() != options.upstream.tls.key_file.empty()) {
    refuse("a client certificate needs its key, and the key its certificate");
  }
  if (options.storage_namespace.empty() || options.storage_namespace.contains('@')) {
    refuse(fmt::format("{} is no storage namespace: it must not be empty or contain \"@\"",
                       quoted(options.storage_namespace)));
  }
  if (options.pod_uid.empty() || options.pod_uid.find_first_of(": ") != std::string::npos) {
    refuse(fmt::format("{} is no pod UID", quoted(options.pod_uid)));
  }
  if (options.lease_ttl < std::chrono::seconds(1)) refuse("a lease of less than a second");
  if (!options.log) options.log = [](const std::string&) {};
  return options;
}

}  // namespace

struct Road::State {
  State(boost::asio::any_io_executor e, const Clock& c, RoadOptions o)
      : executor(e),
        clock(c),
        options(checked(std::move(o))),
        listener(std::make_unique<net::Listener>(e, "127.0.0.1", options.listen_port, c)),
        port(listener->port()),
        fence(e, c,
              {.upstream = options.upstream,
               .keys = Keyspace(options.storage_namespace),
               .claim = {.pod_uid = options.pod_uid,
                         .holder_name = options.holder_name,
                         .ttl = options.lease_ttl},
               .log = options.log,
               .moved = [this] { on_move(); },
               .changed = [this] { on_change(); }}),
        context{e,
                c,
                options.upstream,
                fence.tls(),
                Keyspace(options.storage_namespace),
                options.hold,
                fence,
                counters,
                options.log},
        listening(e) {}

  /// The fence's state may have changed.
  void on_change() {
    for (auto& lane : lanes) lane->look();
  }

  /// The lanes' connections lead to where the master was. They would notice by themselves, the idle
  /// ones late.
  void on_move() {
    for (auto& lane : lanes) lane->drop();
  }

  static boost::asio::awaitable<void> keep_fence(std::shared_ptr<State> state) {
    try {
      co_await state->fence.run();
    } catch (const Failure& failure) {
      if (failure.kind() != Kind::cancelled) state->fence.note(failure);
    }
  }

  static boost::asio::awaitable<void> accept(std::shared_ptr<State> state) {
    for (;;) {
      auto listener = state->listener;
      if (!listener) {
        co_await state->listening.wait(state->clock);
        continue;
      }
      std::unique_ptr<net::Stream> stream;
      try {
        stream = co_await listener->accept();
      } catch (const Failure&) {
        continue;  // closed; or we are cancelled, which the next wait tells
      }
      if (state->listener) state->tasks->spawn(carry(state, std::move(stream)));
    }
  }

  static boost::asio::awaitable<void> carry(std::shared_ptr<State> state,
                                            std::unique_ptr<net::Stream> stream) {
    auto number = state->take_number();
    // What a lane spawns may outlive this by a moment, and keeps the state by this.
    std::shared_ptr<LaneContext> context(state, &state->context);
    auto& sequence = *state->sequences[static_cast<std::size_t>(number)];
    auto lane = std::make_shared<Lane>(std::move(context), number, sequence, std::move(stream));
    state->lanes.push_back(lane);
    struct Gone {
      ~Gone() {
        state->lanes.remove(lane);
        state->free_numbers.push_back(number);
      }
      std::shared_ptr<State> state;
      std::shared_ptr<Lane> lane;
      int number;
    } gone{state, lane, number};
    try {
      co_await Lane::run(lane);
    } catch (const Failure&) {
      // Cancelled.
    }
  }

  /// Used again when a lane is gone, so that the done hash stays small.
  int take_number() {
    if (free_numbers.empty()) {
      free_numbers.push_back(static_cast<int>(sequences.size()));
      sequences.push_back(std::make_unique<std::uint64_t>(0));
    }
    auto least = std::ranges::min_element(free_numbers);
    auto number = *least;
    free_numbers.erase(least);
    return number;
  }

  void close_lanes() {
    auto all = lanes;
    for (auto& lane : all) lane->close();
  }

  void stop_listening() {
    if (!listener) return;
    listener->close();
    listener.reset();
  }

  void listen_again() {
    try {
      listener = std::make_unique<net::Listener>(executor, "127.0.0.1", port, clock);
      listening.notify();
    } catch (const Failure& failure) {
      fence.note(failure);  // the next tick tries again
    }
  }

  /// Refuses Ray while Redis is away for longer than the hold, and takes it in again afterwards.
  void mind_the_hold() {
    auto away = fence.away_since();
    if (!refusing && away && clock.now() - *away > options.hold) {
      refusing = true;
      counters.refused += lanes.size();
      options.log(fmt::format(
          "Redis has been away for longer than the hold of {} s; Ray's {} connections are closed",
          std::chrono::duration_cast<std::chrono::seconds>(options.hold).count(), lanes.size()));
      stop_listening();
      close_lanes();
    }
    if (refusing && !away) {
      refusing = false;
      options.log("Redis is back; Ray may connect again");
    }
    if (!refusing && !listener) listen_again();
  }

  boost::asio::any_io_executor executor;
  const Clock& clock;
  RoadOptions options;
  std::shared_ptr<net::Listener> listener;  // null while nobody may connect
  int port;
  RoadCounters counters = {};
  Fence fence;
  LaneContext context;
  net::Event listening;
  std::list<std::shared_ptr<Lane>> lanes = {};
  std::vector<std::unique_ptr<std::uint64_t>> sequences = {};
  std::vector<int> free_numbers = {};
  bool refusing = false;
  std::unique_ptr<net::TaskGroup> tasks = {};
};

Road::Road(boost::asio::any_io_executor executor, const Clock& clock, RoadOptions options)
    : state_(std::make_shared<State>(executor, clock, std::move(options))) {}

Road::~Road() {
  if (state_->tasks) state_->tasks->cancel();
}

int Road::port() const { return state_->port; }

boost::asio::awaitable<void> Road::run() {
  auto state = state_;
  state->tasks = std::make_unique<net::TaskGroup>(state->executor);
  net::TaskGroup fence(state->executor);
  net::TaskGroup listener(state->executor);
  fence.spawn(State::keep_fence(state));
  listener.spawn(State::accept(state));
  struct Leave {
    ~Leave() {
      state.stop_listening();
      state.close_lanes();
    }
    State& state;
  } leave{*state};
  while (!state->fence.over()) {
    state->mind_the_hold();
    auto now = state->clock.now();
    auto lanes = state->lanes;
    for (auto& lane : lanes) lane->tick(now);
    co_await net::pause(tick);
  }
  state->stop_listening();
  state->close_lanes();
  co_await state->tasks->finish();
  listener.cancel();
  co_await listener.finish();
  co_await fence.finish();
}

RoadState Road::state() const {
  const auto& fence = state_->fence;
  return {.connected = fence.connected(),
          .away_since = fence.away_since(),
          .refusing = state_->refusing,
          .lease = fence.lease(),
          .fence_mode = fence.scripts().mode,
          .fenced = fence.fenced(),
          .storage_lost = fence.storage_lost(),
          .connections = static_cast<int>(state_->lanes.size()),
          .counters = state_->counters,
          .last_error = fence.last_error(),
          .needs_mending = fence.needs_mending(),
          .server = fence.server(),
          .concerns = fence.concerns()};
}

boost::asio::awaitable<void> Road::release(Deadline until) {
  auto state = state_;
  state->stop_listening();
  state->close_lanes();
  co_await state->fence.release(until);
}

std::string to_string(FenceMode mode) {
  switch (mode) {
    case FenceMode::script:
      return "script";
    case FenceMode::transaction:
      return "transaction";
    case FenceMode::unknown:
      break;
  }
  return "unknown";
}

}  // namespace raykeep::redis
