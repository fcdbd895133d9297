#include "node/probes.h"

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ray/dashboard.h"

namespace raykeep::node {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// A worker asks over the network, a head asks itself.
constexpr Duration patience = 2s;
constexpr int rounds_per_count = 3;  // of Serve's traffic

/// The node's own: as Ray's processes show it to each other.
ray::RpcTlsFiles tls_files(const Options& options) {
  if (!options.identity) return {};
  const std::string& folder = options.identity->folder;
  return {.ca = folder + "/ca.crt", .certificate = folder + "/tls.crt", .key = folder + "/tls.key"};
}

}  // namespace

std::string_view name_of(Question question) {
  switch (question) {
    case Question::gcs_health:
      return "gcs_health";
    case Question::gcs_alive:
      return "gcs_alive";
    case Question::raylet_health:
      return "raylet_health";
    case Question::dashboard:
      return "dashboard";
    case Question::serve:
      return "serve";
  }
  return "";
}

struct Probes::State {
  State(asio::any_io_executor e, const Options& o, const Clock& c, std::function<void()> f)
      : executor(e),
        options(o),
        clock(c),
        changed(std::move(f)),
        engine(e, c),
        gcs(engine, {.host = o.gcs_host,
                     .port = o.gcs_port,
                     .token_file = o.token_file,
                     .tls = tls_files(o)}),
        raylet(engine, {.host = "127.0.0.1", .port = o.node_manager_port, .tls = tls_files(o)}),
        dashboard(e, {.host = "127.0.0.1", .port = o.dashboard_port}, c),
        serve(e, {.host = "127.0.0.1", .port = o.serve_port}, c),
        metrics(e, {.host = "127.0.0.1", .port = o.metrics_port}, c),
        timers{asio::steady_timer(e), asio::steady_timer(e), asio::steady_timer(e),
               asio::steady_timer(e), asio::steady_timer(e)} {}

  asio::any_io_executor executor;
  const Options& options;
  const Clock& clock;
  std::function<void()> changed;
  ray::RpcEngine engine;
  ray::Gcs gcs;
  ray::Raylet raylet;
  ray::Dashboard dashboard;
  ray::Dashboard serve;
  ray::Dashboard metrics;
  std::array<asio::steady_timer, all_questions.size()> timers;  // the pause before the next one

  World world;
  std::array<ProbeSeen, all_questions.size()> seen;
  std::array<ProbeCounters, all_questions.size()> counters;
  bool serve_draining = false;
  bool serve_slow = false;
  ray::ServeTraffic traffic;
  Opinion opinion = Opinion::unknown;
  std::optional<Instant> opinion_since;
  std::string node_id;  // looked up, where the raylet's command line does not tell

  static std::size_t at(Question question) { return static_cast<std::size_t>(question); }

  /// False when we were told to end.
  awaitable<bool> pause(Question question, Duration time) {
    auto& timer = timers[at(question)];
    timer.expires_after(time);
    co_await timer.async_wait(as_result);
    auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() == asio::cancellation_type::none;
  }

  void take(Question question, const ray::Probe& probe, Instant asked,
            const std::optional<Instant>& since) {
    auto& counter = counters[at(question)];
    ++counter.asked;
    counter.not_good += probe.good() ? 0 : 1;
    counter.took = probe.took;
    counter.took_all += probe.took;
    if (since && asked < *since) return;  // it met the process before this one
    auto& into = seen[at(question)];
    bool was_good = into.good_now;
    if (probe.answer == ray::Answer::not_asked) {  // which says nothing about the process
      into.good_now = false;
      into.text = probe.text;
    } else {
      // Whatever came, something answered: only silence may count as a hang.
      bool answered = probe.alive() || probe.answer == ray::Answer::nonsense;
      note(into, answered, probe.good(), probe.text, asked, clock.now());
    }
    if (was_good != probe.good()) changed();
  }

  void forget(Question question) { seen[at(question)] = {}; }

  void set_opinion(Opinion now_said) {
    if (opinion == now_said) return;
    opinion = now_said;
    opinion_since = clock.now();
    changed();
  }

  static awaitable<void> ask_gcs_health(std::shared_ptr<State> self) {
    constexpr auto question = Question::gcs_health;
    for (;;) {
      if (self->world.wants_gcs) {
        Instant asked = self->clock.now();
        auto probe = co_await self->gcs.check_health(Deadline::after(self->clock, patience));
        self->take(question, probe, asked, self->world.gcs_since);
      }
      bool awaited = self->world.hurry;
      Duration pace = awaited && self->options.role == Role::head ? Duration(50ms)
                      : awaited                                   ? Duration(500ms)
                                                                  : Duration(1s);
      bool more = co_await self->pause(question, pace);
      if (!more) co_return;
    }
  }

  /// Who we are to the GCS; empty when it does not know us yet.
  awaitable<std::string> find_node_id() {
    std::vector<ray::Node> nodes;
    try {
      nodes = co_await gcs.nodes({.address = options.pod.ip, .alive_only = false},
                                 Deadline::after(clock, 5s));
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
    }
    auto newest = ray::find_newest(nodes, options.pod.ip, options.node_manager_port);
    co_return newest && newest->alive ? newest->id : "";
  }

  static awaitable<void> ask_gcs_alive(std::shared_ptr<State> self) {
    constexpr auto question = Question::gcs_alive;
    for (;;) {
      if (self->world.wants_opinion) {
        std::string id = self->world.node_id.empty() ? self->node_id : self->world.node_id;
        if (id.empty() && !self->options.pod.ip.empty()) {
          id = co_await self->find_node_id();
          self->node_id = id;
        }
        Instant asked = self->clock.now();
        std::vector<std::string> ids;
        if (!id.empty()) ids.push_back(id);
        ray::Alive alive;
        try {
          alive = co_await self->gcs.check_alive(ids, Deadline::after(self->clock, 5s));
        } catch (const Failure& failure) {
          if (failure.kind() == Failure::Kind::cancelled) throw;
          alive.probe = {.answer = ray::Answer::not_asked, .text = failure.what()};
        }
        self->take(question, alive.probe, asked, self->world.gcs_since);
        bool same_node = self->world.node_id.empty() || self->world.node_id == id;
        if (self->world.wants_opinion && same_node && alive.probe.good() &&
            alive.nodes_alive.size() == 1) {
          self->set_opinion(alive.nodes_alive[0] ? Opinion::alive : Opinion::dead);
        }
      } else {
        self->node_id.clear();
        self->set_opinion(Opinion::unknown);
        self->forget(question);
      }
      bool more = co_await self->pause(
          question, self->opinion == Opinion::alive ? Duration(5s) : Duration(500ms));
      if (!more) co_return;
    }
  }

  static awaitable<void> ask_raylet(std::shared_ptr<State> self) {
    constexpr auto question = Question::raylet_health;
    for (;;) {
      bool there = self->world.raylet_since.has_value();
      if (there) {
        Instant asked = self->clock.now();
        auto probe = co_await self->raylet.check_health(Deadline::after(self->clock, patience));
        self->take(question, probe, asked, self->world.raylet_since);
      } else {
        self->forget(question);
      }
      bool well = self->seen[at(question)].good_now;
      bool more = co_await self->pause(question, well ? Duration(2s) : Duration(200ms));
      if (!more) co_return;
    }
  }

  static awaitable<void> ask_dashboard(std::shared_ptr<State> self) {
    constexpr auto question = Question::dashboard;
    for (;;) {
      bool there = self->world.dashboard_since.has_value();
      if (there) {
        Instant asked = self->clock.now();
        auto probe = co_await self->dashboard.check_gcs(Deadline::after(self->clock, 5s));
        self->take(question, probe, asked, self->world.dashboard_since);
      }
      bool well = self->seen[at(question)].good_now && !self->world.hurry_dashboard;
      bool more = co_await self->pause(question, well ? Duration(3s) : Duration(300ms));
      if (!more) co_return;
    }
  }

  static awaitable<void> ask_serve(std::shared_ptr<State> self) {
    constexpr auto question = Question::serve;
    for (int round = 0;; ++round) {
      if (self->world.raylet_since) {
        Instant asked = self->clock.now();
        auto probe = co_await self->serve.check_serve(Deadline::after(self->clock, patience));
        self->serve_draining = probe.text.find("drain") != std::string::npos;
        self->serve_slow = probe.answer == ray::Answer::silent;
        self->take(question, probe, asked, self->world.raylet_since);
        if (probe.good() && self->options.metrics_port > 0 && round % rounds_per_count == 0) {
          auto counted =
              co_await self->metrics.serve_traffic(Deadline::after(self->clock, patience));
          if (counted) self->traffic = *counted;
        }
      }
      // One that drains may end at any moment, and should be missed soon.
      bool more = co_await self->pause(question, self->serve_draining ? Duration(500ms) : 2s);
      if (!more) co_return;
    }
  }

  static awaitable<void> ask_to_drain(std::shared_ptr<State> self, std::string message,
                                      Duration leave_after, Deadline until,
                                      std::function<void(bool, std::string)> done) {
    std::string id = self->world.node_id.empty() ? self->node_id : self->world.node_id;
    ray::DrainOutcome outcome;
    try {
      outcome =
          co_await self->gcs.drain(id, ray::DrainReason::preemption, message, leave_after, until);
    } catch (const Failure& failure) {
      outcome = {false, failure.what()};
    }
    done(outcome.accepted, outcome.text);
  }
};

Probes::Probes(asio::any_io_executor executor, const Options& options, const Clock& clock,
               std::function<void()> changed)
    : state_(std::make_shared<State>(executor, options, clock, std::move(changed))),
      tasks_(executor) {}

Probes::~Probes() = default;

void Probes::start() {
  tasks_.spawn(State::ask_gcs_health(state_));
  tasks_.spawn(State::ask_gcs_alive(state_));
  tasks_.spawn(State::ask_raylet(state_));
  if (state_->options.dashboard_port > 0) tasks_.spawn(State::ask_dashboard(state_));
  if (state_->options.serve_port > 0) tasks_.spawn(State::ask_serve(state_));
}

void Probes::tell(World world) {
  // What the GCS thought of an earlier raylet says nothing of this one.
  if (world.raylet_since != state_->world.raylet_since) {
    state_->opinion = Opinion::unknown;
    state_->opinion_since.reset();
    state_->node_id.clear();
    state_->forget(Question::gcs_alive);
    state_->timers[State::at(Question::gcs_alive)].cancel();
  }
  state_->world = std::move(world);
}

void Probes::hurry() {
  for (auto& timer : state_->timers) timer.cancel();
}

void Probes::fill(Observed& seen) const {
  auto of = [this](Question question) { return state_->seen[State::at(question)]; };
  seen.gcs_health = of(Question::gcs_health);
  seen.gcs_alive = of(Question::gcs_alive);
  seen.raylet_health = of(Question::raylet_health);
  seen.dashboard = of(Question::dashboard);
  seen.serve = of(Question::serve);
  seen.serve_draining = state_->serve_draining;
  seen.serve_slow = state_->serve_slow;
  seen.opinion = state_->opinion;
  seen.opinion_since = state_->opinion_since;
}

const ray::ServeTraffic& Probes::traffic() const { return state_->traffic; }

const ProbeCounters& Probes::counters(Question question) const {
  return state_->counters[State::at(question)];
}

void Probes::drain(std::string message, Duration leave_after, Deadline until,
                   std::function<void(bool, std::string)> done) {
  tasks_.spawn(
      State::ask_to_drain(state_, std::move(message), leave_after, until, std::move(done)));
}

awaitable<void> Probes::stop() {
  tasks_.cancel();
  co_await tasks_.finish();
}

}  // namespace raykeep::node
