#include "node/agent.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/text.h"
#include "net/http_server.h"
#include "net/task_group.h"
#include "node/census.h"
#include "node/connections.h"
#include "node/identity.h"
#include "node/memory.h"
#include "node/port_file.h"
#include "node/probes.h"
#include "node/report.h"
#include "node/tls_listener.h"

namespace raykeep::node {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// When the loop did not turn for so long, the agent itself is not alive.
constexpr Duration stuck = 30s;

Cost cost_now() {
  Cost cost;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    cost.cpu_seconds = of(usage.ru_utime) + of(usage.ru_stime);
  }
  if (std::FILE* statm = std::fopen("/proc/self/statm", "re")) {
    unsigned long size = 0, resident = 0;
    if (std::fscanf(statm, "%lu %lu", &size, &resident) == 2)
      cost.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::fclose(statm);
  }
  return cost;
}

/// What Ray is told unless the container's environment says otherwise.
constexpr std::pair<std::string_view, std::string_view> ray_settings[] = {
    // A raylet whose runtime environment agent does not answer in 30 s ends itself (Ray 2.60), also
    // on a node where much starts at once.
    {"RAY_agent_register_timeout_ms", "120000"},
    // Also TCP_USER_TIMEOUT of every connection, 120 s if left alone. A head's pod that is gone
    // with its network says no farewell: a replica asked the former head's address for so long,
    // while the new head had been there for a minute, and answered nobody (measured, Ray 2.60).
    {"RAY_grpc_client_keepalive_timeout_ms", "20000"},
};

Kept ray_command(const std::vector<std::string>& words) {
  Kept command = program_like_us(words);
  for (auto [name, value] : ray_settings) {
    const std::string before = fmt::format("{}=", name);
    const bool set = std::ranges::any_of(
        command.environment, [&](const std::string& entry) { return entry.starts_with(before); });
    if (!set) command.environment.push_back(fmt::format("{}{}", before, value));
  }
  return command;
}

net::Response text_answer(int status, std::string text) {
  return {status, "", {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

}  // namespace

struct Agent::State {
  State(asio::any_io_executor e, const Options& o, std::string v, const Clock& c, const Log& l)
      : executor(e),
        options(o),
        config(config_of(o)),
        version(std::move(v)),
        clock(c),
        log(l),
        began(c.now()),
        signals(e),
        turn(e),
        probes(e, o, c, [this] { wake(); }),
        server(
            e, {.port = o.port}, [this](const net::Request& request) { return answer(request); },
            c),
        tls(e, o.tls, c),
        tasks(e) {
    memory.since = looked = began;
    memory.why = "it has just begun";
    if (options.road) {
      auto road_options = *options.road;
      road_options.pod_uid = options.pod.uid;
      road_options.holder_name = options.pod.name;
      road_options.log = [this](const std::string& text) {
        log.say(Level::info, "redis", {{"text", text}});
      };
      road.emplace(executor, clock, std::move(road_options));
    }
    if (options.identity)
      identity.emplace(executor, *options.identity, options.pod, clock, log, [this] { wake(); });
  }

  // --- observing

  void wake() { turn.cancel(); }

  void scan_now() {
    scanned = clock.now();
    census.scan(scanned);
    rescan = false;
  }

  void observe() {
    Instant now = clock.now();
    if (rescan || now - scanned >= between_scans()) {
      scan_now();
    } else {
      census.glance(now);
    }
    census.tell(seen);
    spare_raylet_its_wait();
    probes.fill(seen);
    if (seen.stop_signals > 0) seen.serve_connections = connections_to(options.serve_port);
    if (road) {
      auto state = road->state();
      seen.road = {.connected = state.connected,
                   .away_since = state.away_since,
                   .lease_held = state.lease.held,
                   .lease_holder = state.lease.holder,
                   .fenced = state.fenced,
                   .problem = state.last_error};
    }
    if (identity) {
      const IdentityState state = identity->state();
      seen.certificate = {.held = state.held, .problem = state.problem};
    }
    looked = now;
  }

  /// Once for each raylet.
  void spare_raylet_its_wait() {
    auto raylet = census.first_seen(Daemon::raylet);
    if (!raylet || raylet == spared) return;
    spared = raylet;
    try {
      if (auto file = awaited_port_file(census.kept(Daemon::raylet).argv)) write(*file);
    } catch (const Failure& failure) {
      log.say(Level::warning, "port_file", {{"error", failure.what()}});
    }
  }

  /// Tells the probes what there is to ask.
  void guide_probes() {
    bool head = options.role == Role::head;
    auto gcs = census.first_seen(Daemon::gcs);
    bool gcs_awaited = gcs && !memory.of(Daemon::gcs).good_since;
    bool has_raylet = census.first_seen(Daemon::raylet).has_value();
    Probes::World world;
    world.wants_gcs = head ? gcs.has_value() : !has_raylet;
    world.wants_opinion = has_raylet && (!head || memory.of(Daemon::gcs).good_since);
    world.hurry = head ? gcs_awaited : memory.phase != Phase::running;
    world.hurry_dashboard =
        memory.phase != Phase::running || !memory.of(Daemon::dashboard).good_since || !ready.ready;
    world.node_id = census.node_id();
    if (head) world.gcs_since = gcs;
    world.raylet_since = census.first_seen(Daemon::raylet);
    world.dashboard_since = census.first_seen(Daemon::dashboard);
    probes.tell(std::move(world));
    if (gcs_awaited && gcs != hurried_for) {
      hurried_for = gcs;
      probes.hurry();
    }
  }

  // --- carrying out

  void carry_out(const Action& action) {
    auto i = static_cast<std::size_t>(action.daemon);
    doc::Object fields{{"reason", action.reason}};
    bool bad = action.verb == Verb::kill_daemon || action.verb == Verb::clear ||
               (action.verb == Verb::end && action.code != 0);
    if (action.verb == Verb::start_daemon || action.verb == Verb::kill_daemon ||
        action.verb == Verb::recovered)
      fields["process"] = name_of(action.daemon);
    if (action.verb == Verb::end) fields["code"] = action.code;
    try {
      switch (action.verb) {
        case Verb::start_ray:
          start_ray(fields);
          break;
        case Verb::start_daemon:
          ++counters.restarts[i];
          start_daemon(action.daemon, fields);
          break;
        case Verb::kill_daemon:
          ++counters.hangs[i];
          if (auto pid = census.pid(action.daemon)) {
            fields["pid"] = *pid;
            kill(*pid, SIGKILL);
          }
          break;
        case Verb::clear:
          scan_now();
          for (const auto& process : census.ours()) kill(process.pid, SIGKILL);
          rescan = true;
          break;
        case Verb::drain:
          ask_to_drain(action.reason);
          break;
        case Verb::terminate:
          scan_now();
          for (pid_t pid : census.to_terminate()) kill_stopped_too(pid, SIGTERM);
          break;
        case Verb::terminate_gcs:
          if (auto pid = census.pid(Daemon::gcs)) kill_stopped_too(*pid, SIGTERM);
          break;
        case Verb::release:
          tasks.spawn(release_lease(this));
          break;
        case Verb::end:
          break;
        case Verb::recovered:
          ++counters.outages[i];
          counters.outage_last[i] = action.took;
          counters.outage_all[i] += action.took;
          fields["seconds"] = std::chrono::duration<double>(action.took).count();
          break;
      }
    } catch (const Failure& failure) {
      bad = true;
      fields["error"] = failure.what();
    }
    log.say(bad ? Level::warning : Level::info, name_of(action.verb), std::move(fields));
  }

  /// A stopped process takes no SIGTERM until it goes on.
  static void kill_stopped_too(pid_t pid, int signal) {
    kill(pid, signal);
    kill(pid, SIGCONT);
  }

  void start_ray(doc::Object& fields) {
    ++counters.ray_starts;
    if (identity) identity->ray_started();
    census.forget();
    seen.command = CommandSeen::running;
    seen.command_code = 0;
    seen.drain = DrainSeen::not_asked;
    try {
      command_pid = spawn(ray_command(options.command));
      fields["pid"] = command_pid;
    } catch (const Failure&) {
      seen.command = CommandSeen::ended;
      seen.command_code = 127;
      throw;
    }
  }

  void start_daemon(Daemon daemon, doc::Object& fields) {
    auto pid = spawn(census.kept(daemon));
    fields["pid"] = pid;
    census.started(daemon, pid, clock.now());
  }

  void ask_to_drain(const std::string& reason) {
    seen.drain = DrainSeen::asked;
    probes.drain(
        reason, options.drain, Deadline::after(clock, std::min<Duration>(options.drain, 5s)),
        [this](bool accepted, std::string text) {
          seen.drain = accepted ? DrainSeen::accepted : DrainSeen::failed;
          doc::Object fields{{"accepted", accepted}};
          if (!text.empty()) fields["text"] = text;
          log.say(accepted ? Level::info : Level::warning, "drain_answer", std::move(fields));
          wake();
        });
  }

  static awaitable<void> release_lease(State* self) {
    co_await self->road->release(Deadline::after(self->clock, 2s));
    self->seen.released = true;
    self->wake();
  }

  // --- signals

  void take_exits() {
    for (const auto& exit : reap()) {
      ++counters.reaped;
      rescan = true;
      if (exit.pid != command_pid) continue;
      command_pid = 0;
      seen.command = CommandSeen::ended;
      seen.command_code = exit.code;
      log.say(exit.code == 0 ? Level::info : Level::warning, "command_ended",
              {{"code", exit.code}});
    }
    wake();
  }

  static awaitable<void> watch_signals(State* self) {
    for (int signal : {SIGTERM, SIGINT, SIGCHLD, SIGHUP, SIGUSR1, SIGUSR2})
      self->signals.add(signal);
    for (;;) {
      auto [failed, signal] = co_await self->signals.async_wait(as_result);
      if (failed) co_return;
      if (signal == SIGCHLD) {
        self->take_exits();
      } else if (signal == SIGTERM || signal == SIGINT) {
        ++self->seen.stop_signals;
        self->log.say(Level::info, "signal", {{"signal", signal == SIGTERM ? "TERM" : "INT"}});
        self->wake();
      } else if (self->command_pid > 0) {
        kill(self->command_pid, signal);
      }
    }
  }

  /// Runs what never ends by itself; that it did is told under `event`.
  static awaitable<void> keep(State* self, awaitable<void> task, std::string_view event) {
    try {
      co_await std::move(task);
    } catch (const Failure& failure) {
      if (failure.kind() != Failure::Kind::cancelled)
        self->log.say(Level::error, event, {{"error", failure.what()}});
    }
    self->wake();
  }

  // --- telling

  Report report() const {
    Report out{.version = version,
               .options = options,
               .memory = memory,
               .seen = seen,
               .ready = ready,
               .counters = counters,
               .probes = &probes,
               .road = {},
               .identity = identity ? std::optional(identity->state()) : std::nullopt,
               .tls = tls.state(),
               .cost = cost_now(),
               .began = began,
               .now = clock.now()};
    if (road) {
      out.road = road->state();
      // A GCS that began afterwards has lost nothing.
      auto gcs = census.first_seen(Daemon::gcs);
      auto& lost = out.road->storage_lost;
      if (lost && gcs && *gcs > *lost) lost.reset();
    }
    return out;
  }

  net::Response answer(const net::Request& request) {
    auto path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (path == "/livez") {
      auto age = clock.now() - looked;
      if (age > stuck) return text_answer(503, "the agent does not look any more");
      if (memory.phase == Phase::ended) return text_answer(503, memory.why);
      return text_answer(200, fmt::format("ok: {}", name_of(memory.phase)));
    }
    if (path == "/readyz") {
      // Not as of the latest turn: answers grow old between them.
      auto now_ready = readiness(config, memory, seen, clock.now());
      return text_answer(now_ready.ready ? 200 : 503, now_ready.why);
    }
    if (path == "/servez") {
      const bool good = takes_requests(config, seen, clock.now());
      const ray::ServeTraffic& traffic = probes.traffic();
      return text_answer(
          good ? 200 : 503,
          fmt::format("{}\nrequests {:.0f}\nerrors {:.0f}\nconnections {}",
                      good                  ? "ok"
                      : still_answers(seen) ? "draining"
                                            : "no Serve proxy here takes requests",
                      traffic.requests, traffic.errors, connections_to(options.serve_port)));
    }
    if (path == "/metrics") {
      return {200,
              "",
              {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
              metrics(report())};
    }
    if (path == "/status") {
      return {200,
              "",
              {{"Content-Type", "application/json"}},
              doc::write_json(status(report())) + "\n"};
    }
    return text_answer(404, "there are /livez, /readyz, /servez, /metrics and /status");
  }

  void tell_readiness() {
    auto before = ready;
    ready = readiness(config, memory, seen, clock.now());
    if (before.ready == ready.ready && told) return;
    if (told) log.say(Level::info, ready.ready ? "ready" : "not_ready", {{"reason", ready.why}});
    told = true;
  }

  /// Waiting is worth a line when its reason changes, not each time a number in it does.
  void tell_waiting() {
    if (memory.phase != Phase::waiting || memory.why == told_why) return;
    if (clock.now() - told_why_at < 10s && !told_why.empty()) return;
    told_why = memory.why;
    told_why_at = clock.now();
    log.say(Level::info, "waiting", {{"reason", memory.why}});
  }

  /// Once all runs, what the start needed is not needed any more; and now and then again.
  void save_memory() {
    if (memory.phase != Phase::running || clock.now() - memory.since < 20s) return;
    if (shed && clock.now() - *shed < 10min && *shed >= memory.since) return;
    shed = clock.now();
    shed_code();
  }

  /// A scan reads a file of each process in the pod: ten a second for a minute of starting cost a
  /// node more than all else that we do.
  Duration between_scans() const {
    switch (memory.phase) {
      case Phase::running:
        return 5s;
      case Phase::waiting:
      case Phase::draining:
        return 1s;
      case Phase::starting:
        return 250ms;
      default:
        return Duration::zero();
    }
  }

  Duration pace() const {
    if (memory.phase == Phase::draining) return 250ms;
    if (memory.phase != Phase::running) return 100ms;
    for (Daemon daemon : all_daemons) {
      const auto& each = memory.of(daemon);
      if (each.wanted && (!each.up || each.down_since)) return 50ms;
    }
    return 500ms;
  }

  asio::any_io_executor executor;
  const Options& options;
  const Config config;
  const std::string version;
  const Clock& clock;
  const Log& log;
  const Instant began;

  asio::signal_set signals;
  asio::steady_timer turn;
  Census census;
  Probes probes;
  std::optional<redis::Road> road;
  std::optional<Identity> identity;
  Memory memory;
  Observed seen;
  Readiness ready;
  Counters counters;
  pid_t command_pid = 0;
  bool rescan = true;
  bool told = false;
  std::string told_why;
  Instant told_why_at = {};
  Instant scanned = {};
  Instant looked = {};
  std::optional<Instant> hurried_for;
  std::optional<Instant> spared;  // the raylet whose port file we wrote
  std::optional<Instant> shed;
  net::HttpServer server;
  TlsListener tls;
  net::TaskGroup tasks;
};

Agent::Agent(asio::any_io_executor executor, const Options& options, std::string version,
             const Clock& clock, const Log& log)
    : state_(std::make_shared<State>(executor, options, std::move(version), clock, log)) {}

Agent::~Agent() = default;

asio::awaitable<int> Agent::run() {
  auto& state = *state_;
  become_subreaper();
  state.log.say(Level::info, "begin",
                {{"version", state.version},
                 {"role", state.options.role == Role::head ? "head" : "worker"},
                 {"rayVersion", state.options.ray_version},
                 {"port", state.server.port()},
                 {"gcsInPlace", state.config.gcs_in_place},
                 {"road", state.config.road}});
  state.tasks.spawn(State::watch_signals(&state));
  if (state.road) state.tasks.spawn(State::keep(&state, state.road->run(), "road_ended"));
  if (state.identity)
    state.tasks.spawn(State::keep(&state, state.identity->run(), "certificate_ended"));
  state.probes.start();
  for (;;) {
    state.observe();
    auto decision = decide(state.config, state.memory, state.seen, state.clock.now());
    state.memory = std::move(decision.next);
    for (const auto& action : decision.actions) state.carry_out(action);
    state.tell_readiness();
    state.tell_waiting();
    state.save_memory();
    state.guide_probes();
    if (state.memory.phase == Phase::ended) break;
    // What was just done is looked at soon.
    state.turn.expires_after(decision.actions.empty() ? state.pace() : Duration(10ms));
    co_await state.turn.async_wait(as_result);
  }
  co_await state.probes.stop();
  state.tasks.cancel();
  co_await state.tasks.finish();
  reap();  // those that ended since the latest SIGCHLD: nobody else knows of them
  co_return state.memory.exit_code;
}

}  // namespace raykeep::node
