#include "control/controller.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/controller_page.h"
#include "control/facts.h"
#include "control/fields.h"
#include "control/head_probe.h"
#include "control/serve_labels.h"
#include "control/service_loop.h"
#include "control/signer.h"
#include "control/work_queue.h"
#include "net/event.h"
#include "net/http_server.h"

namespace raykeep::control {
namespace {

using decide::Answer;
using namespace std::chrono_literals;

// A leader on a lost node must not cost the heads there much: half of client-go's times. Whoever
// cannot renew in time stops, and nothing but time is lost.
constexpr Duration lease_duration = 8s;
constexpr Duration lease_hold = 5s;
constexpr Duration between_renewals = 1500ms;
constexpr Duration for_renewal = 2500ms;
constexpr Duration between_questions = 1s;  // to a head's agent
constexpr Duration for_answer = 1500ms;
constexpr Duration stuck = 2min;
constexpr std::size_t most_signing = 256;        // connections of nodes at a time
constexpr std::size_t most_request = 16 * 1024;  // a request has half a kilobyte
constexpr int workers = 4;                       // clusters that are looked at beside each other

}  // namespace

struct Controller::State {
  State(boost::asio::any_io_executor executor, const Access& a, ControllerOptions o,
        ControllerLog l)
      : access(a),
        options(std::move(o)),
        log(std::move(l)),
        lease(a.client, a.clock,
              {.ns = options.keeper.ns,
               .name = std::string(controller_name),
               .identity = options.keeper.identity,
               .duration = lease_duration,
               .hold = lease_hold}),
        view(access, options.keeper.ns),
        signer(make_signer()),
        keeper(executor, access, view, lease, keeper_options(), log),
        changed(executor),
        broke(executor),
        turned(a.clock.now()),
        server(
            executor, {.port = options.port},
            [this](const net::Request& request) { return tell(request); }, a.clock),
        questions(executor),
        serve_labels(executor, access, view, log),
        services(executor, access, view, serve_labels, options.keeper.identity, log),
        tasks(executor) {
    if (signer) open_signing_port(executor);
  }

  void open_signing_port(const boost::asio::any_io_executor& executor) {
    signing_server.emplace(executor,
                           net::HttpServerOptions{.port = options.signing_port,
                                                  .connections = most_signing,
                                                  .body_bytes = most_request,
                                                  .tls = [this] { return signer->tls(); }},
                           net::HttpServer::Answerer(
                               [this](net::Call call) { return signer->answer(std::move(call)); }),
                           access.clock);
  }

  std::unique_ptr<Signer> make_signer() const {
    if (!options.certificate_lifetime) return nullptr;
    return std::make_unique<Signer>(
        access, view, lease,
        SignerOptions{.ns = options.keeper.ns, .lifetime = *options.certificate_lifetime}, log);
  }

  KeeperOptions keeper_options() const {
    KeeperOptions made = options.keeper;
    if (signer) made.certificates = [this] { return signer->times(); };
    return made;
  }

  Instant now() const { return access.clock.now(); }

  // --- the tasks: each goes on until it is cancelled

  /// None of them may end by itself: half a controller looks alive and does half.
  static awaitable<void> guard(State* self, std::string what, awaitable<void> task) {
    std::string problem = "it ended";
    try {
      co_await std::move(task);
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      problem = failure.what();
    } catch (const boost::system::system_error& stopped) {
      if (stopped.code() == boost::asio::error::operation_aborted) throw;
      problem = stopped.what();
    } catch (const std::exception& bug) {
      problem = bug.what();
    }
    self->problem = fmt::format("controller: {}: {}", what, problem);
    self->broke.notify();
  }

  static awaitable<void> lead(State* self) {
    bool did_lead = false;
    std::string last_problem;
    for (;;) {
      std::string problem;
      try {
        co_await self->lease.attempt(Deadline::after(self->access.clock, for_renewal));
      } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::cancelled) throw;
        problem = failure.what();
      }
      if (!problem.empty() && problem != last_problem) self->say_trouble("lease", problem);
      last_problem = problem;
      if (self->lease.is_ours() != did_lead) self->turn_over();
      did_lead = self->lease.is_ours();
      self->changed.notify();
      co_await net::pause(between_renewals);
    }
  }

  void turn_over() {
    log(false, lease.is_ours() ? "leads" : "does_not_lead", {{"holder", lease.holder()}});
    keeper.forget();
    services.forget();
    queue.clear();
    if (!lease.is_ours()) return;
    for (const std::string& cluster : view.clusters()) queue.add(cluster, now());
  }

  void say_trouble(std::string_view what, std::string_view error) {
    ++troubles;
    log(true, what, {{"error", error}});
  }

  /// Asks every head's agent, all at once, each second.
  static awaitable<void> question(State* self) {
    for (;;) {
      co_await net::pause(between_questions);
      if (!self->keeper.acts()) continue;
      for (const std::string& cluster : self->view.clusters()) self->question_head(cluster);
    }
  }

  void question_head(const std::string& cluster) {
    std::shared_ptr<Keeping> keeping = keeper.keeping_of(cluster);
    const std::shared_ptr<const doc::Value> head = view.head(cluster);
    std::string ip(head ? doc::find_string(*head, {"status", "podIP"}) : "");
    if (ip.empty()) {
      keeping->answer = Answer::unasked;
      keeping->asked_uid.clear();
    } else if (!keeping->asking) {
      keeping->asking = true;
      questions.spawn(ask(this, cluster, keeping, std::string(uid_of(*head)), std::move(ip)));
    }
  }

  static awaitable<void> ask(State* self, std::string cluster, std::shared_ptr<Keeping> keeping,
                             std::string uid, std::string ip) {
    const Clock& clock = self->access.clock;
    Answer answer = co_await ask_head(clock, std::move(ip), self->options.agent_port,
                                      Deadline::after(clock, for_answer));
    const bool is_news = keeping->answer != answer || keeping->asked_uid != uid;
    keeping->asking = false;
    keeping->answer = answer;
    keeping->asked_uid = uid;
    if (!is_news && answer != Answer::silent) co_return;
    self->queue.urge(cluster, self->now());  // silence each second: Redis is asked then
    self->changed.notify();
  }

  void add(const std::string& cluster) {
    queue.add(cluster, now());
    changed.notify();
  }

  static awaitable<void> work(State* self) {
    for (;;) {
      self->turned = self->now();
      const bool acts = self->keeper.acts();
      std::optional<std::string> cluster = acts ? self->queue.take(self->now()) : std::nullopt;
      if (cluster) {
        co_await self->look(*cluster);
        continue;
      }
      Deadline until = Deadline::after(self->access.clock, 5s);
      if (auto next = acts ? self->queue.next() : std::nullopt)
        until.at = std::min(until.at, *next);
      co_await self->changed.wait(self->access.clock, until);
    }
  }

  awaitable<void> look(std::string cluster) {
    Keeper::Turn turn{.good = false, .look_again = {}};
    try {
      turn = co_await keeper.look(cluster);
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      log(true, "look_failed", {{"cluster", cluster}, {"error", failure.what()}});
    } catch (const boost::system::system_error& stopped) {
      if (stopped.code() == boost::asio::error::operation_aborted) throw;
      log(true, "look_failed", {{"cluster", cluster}, {"error", stopped.what()}});
    } catch (const std::exception& bug) {  // of one cluster: the others go on
      log(true, "look_failed", {{"cluster", cluster}, {"error", bug.what()}});
    }
    ++looks;
    failed_looks += turn.good ? 0 : 1;
    queue.done(cluster, now(), turn.good);
    if (turn.look_again) queue.add_after(cluster, now(), *turn.look_again);
  }

  net::Response tell(const net::Request& request) const {
    ControllerFacts facts{.turns = now() - turned < stuck,
                          .listed = view.is_complete(),
                          .leads = lease.is_ours(),
                          .leader = lease.holder(),
                          .looks = looks,
                          .failed_looks = failed_looks,
                          .troubles = troubles,
                          .actions = keeper.actions(),
                          .conditions = {},
                          .services = services.conditions()};
    for (const auto& [cluster, keeping] : keeper.keepings()) {
      auto& conditions = facts.conditions[cluster];
      for (const decide::Condition& each : keeping->conditions)
        conditions[each.type] = each.status == decide::Condition::Status::yes ? 1 : 0;
    }
    return controller_page(std::string_view(request.target).substr(0, request.target.find('?')),
                           facts);
  }

  const Access& access;
  const ControllerOptions options;
  const ControllerLog log;
  kube::Lease lease;
  NamespaceView view;
  std::unique_ptr<Signer> signer;
  Keeper keeper;
  WorkQueue queue;
  net::Event changed;
  net::Event broke;
  std::string problem;  // why a part ended by itself
  Instant turned;       // when a worker last went round
  std::uint64_t looks = 0;
  std::uint64_t failed_looks = 0;
  std::uint64_t troubles = 0;
  net::HttpServer server;
  std::optional<net::HttpServer> signing_server;
  net::TaskGroup questions;
  ServeLabels serve_labels;
  ServiceLoop services;
  net::TaskGroup tasks;  // last: they end before what they use
};

Controller::Controller(boost::asio::any_io_executor executor, const Access& access,
                       ControllerOptions options, ControllerLog log)
    : state_(std::make_unique<State>(executor, access, std::move(options), std::move(log))) {}

Controller::~Controller() = default;

int Controller::port() const { return state_->server.port(); }

int Controller::signing_port() const {
  return state_->signing_server ? state_->signing_server->port() : 0;
}

awaitable<void> Controller::run() {
  State& state = *state_;
  auto spawn = [&state](std::string what, awaitable<void> task) {
    state.tasks.spawn(State::guard(&state, std::move(what), std::move(task)));
  };
  state.log(false, "begin",
            {{"version", state.options.version},
             {"namespace", state.options.keeper.ns},
             {"identity", state.options.keeper.identity},
             {"port", port()}});
  const NamespaceView::Listener listener{
      [&state](const std::string& cluster) { state.add(cluster); },
      [&state](const Failure& failure) { state.say_trouble("watch", failure.what()); }};
  for (std::size_t i = 0; i < state.view.kinds(); ++i)
    spawn("watch", state.view.watch(i, listener));
  spawn("lead", State::lead(&state));
  if (state.signer) spawn("sign", state.signer->run());
  spawn("question", State::question(&state));
  spawn("services", state.services.run([&state] { return state.keeper.acts(); }));
  spawn("serve labels", state.serve_labels.run([&state] { return state.keeper.acts(); }));
  for (int i = 0; i < workers; ++i) spawn("work", State::work(&state));
  bool is_told_to_stop = false;
  try {
    while (state.problem.empty()) co_await state.broke.wait(state.access.clock);
  } catch (const std::exception&) {
    is_told_to_stop = true;  // nothing else ends that wait
  }
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  state.tasks.cancel();
  state.questions.cancel();
  co_await state.tasks.finish();
  co_await state.questions.finish();
  co_await state.serve_labels.close();
  co_await state.services.close();
  co_await state.keeper.close();
  try {
    co_await state.lease.release(Deadline::after(state.access.clock, 3s));
  } catch (const Failure& failure) {
    state.log(true, "release", {{"error", failure.what()}});
  }
  state.log(false, "end", {});
  if (!is_told_to_stop) throw Failure(Failure::Kind::bug, state.problem);
  throw Failure(Failure::Kind::cancelled, "controller: stopped");
}

}  // namespace raykeep::control
