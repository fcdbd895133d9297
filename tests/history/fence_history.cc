// fence_history [--rounds N] [--clusters N] [--seed N] [--transactions]
//
// Two heads, one store, 500 times: an old head is paused, cut off, or its packets are kept and
// delivered late, while a new one takes over; then the old one wakes up. Each head is a process of
// its own with a road in it, reached by Redis through a relay. Everybody writes all the time.
// Afterwards the store's own history, its append-only file, is read: no head may have written after
// another took over, no write may be applied twice, none that was acknowledged may be missing.
//
// It prints its seed; the same seed gives the same injections, though not the same timing.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include <fmt/format.h>

#include "history.h"
#include "net/dial.h"
#include "net/event.h"
#include "redis/acl.h"
#include "redis/testing.h"
#include "redis/testing_relay.h"

extern char** environ;

namespace raykeep::history {
namespace {

using namespace std::chrono_literals;
using namespace redis::testing;
using boost::asio::awaitable;
using redis::FenceMode;

constexpr auto patience = 30s;

/// One head: a process with a road, its relay, and the writer that plays its GCS.
struct Head {
  Head(World& world, int redis_port, std::string ns, std::string id)
      : relay(world, redis_port), cluster(std::move(ns)), uid(std::move(id)), port(free_port()) {}
  ~Head() { end(); }

  void start(const Folder& folder) {
    auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> words{self, "--road", std::to_string(port), relay.address(),
                                   uid,  cluster,  folder.path("user"),  folder.path("password")};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (posix_spawn(&pid, self.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
      throw std::runtime_error("the head cannot be started");
    }
  }
  /// True once the process has ended, by itself or by end().
  bool ended() {
    if (pid != 0 && waitpid(pid, nullptr, WNOHANG) == pid) pid = 0;
    return pid == 0;
  }
  void end() {
    if (ended()) return;
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    pid = 0;
  }
  void signal(int number) {
    if (!ended()) ::kill(pid, number);
  }

  Relay relay;
  std::string cluster, uid;
  int port;
  pid_t pid = 0;
  Writes sent = {}, acknowledged = {};
  bool leaving = false;  // its writer may find the connection closed
  bool written = false;  // the writer has ended
};

struct Run {
  World world;
  redis::testing::Server server;
  std::mt19937_64 random;
  std::vector<std::shared_ptr<Head>> heads;
  std::vector<std::string> faults;
  int rounds_left = 0;
  int takeovers = 0, pauses = 0, restarts = 0;
  bool over = false;

  Run(std::uint64_t seed, int rounds, FenceMode mode)
      : server({redis::acl_line("ray", "*", mode) + " ~RAY* >secret",
                "auto-aof-rewrite-percentage 0"}),
        random(seed),
        rounds_left(rounds) {
    server.folder().write("user", "ray");
    server.folder().write("password", "secret");
    server.start();
  }

  int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); }
  Duration some(int from_ms, int to_ms) { return std::chrono::milliseconds(pick(from_ms, to_ms)); }
  void fault(std::string text) {
    std::cout << "FAULT " << text << std::endl;
    faults.push_back(std::move(text));
  }
};

awaitable<bool> eventually(Run& run, std::function<bool()> condition) {
  auto until = Deadline::after(run.world.clock, patience);
  while (!condition()) {
    if (until.passed(run.world.clock)) co_return false;
    co_await net::pause(2ms);
  }
  co_return true;
}

awaitable<std::unique_ptr<redis::Connection>> dial(Run& run, int port) {
  auto until = Deadline::after(run.world.clock, patience);
  auto server = *net::parse_url(fmt::format("redis://127.0.0.1:{}", port));
  for (;;) {
    try {
      auto stream = co_await net::dial(run.world.loop.get_executor(), {.server = server}, until,
                                       run.world.clock);
      co_return std::make_unique<redis::Connection>(std::move(stream));
    } catch (const Failure&) {
      if (until.passed(run.world.clock)) throw;
    }
    co_await net::pause(5ms);
  }
}

/// The head's GCS: writes in batches, checks each reply.
awaitable<void> write(Run& run, std::shared_ptr<Head> head) {
  try {
    auto connection = co_await dial(run, head->port);
    while (!run.over) {
      std::vector<std::vector<std::string>> batch;
      auto count = run.pick(1, 20);
      auto expected = head->acknowledged;
      for (int i = 0; i < count; ++i) {
        if (run.pick(0, 1)) {
          batch.push_back({"INCRBY", "RAY" + head->cluster + "@C" + head->uid, "1"});
          ++head->sent.increments;
        } else {
          batch.push_back({"HSET", "RAY" + head->cluster + "@KV", fmt::format("f{}", i),
                           fmt::format("{}:{}", head->uid, ++head->sent.sets)});
        }
      }
      auto sent = batch;
      auto replies = co_await connection->ask_all(std::move(batch), Deadline::never());
      for (std::size_t i = 0; i < sent.size(); ++i) {
        bool increment = sent[i][0] == "INCRBY";
        if (increment) ++expected.increments;
        if (!increment) ++expected.sets;
        bool good =
            increment ? replies[i] ==
                            redis::Reply{.type = redis::Reply::Type::integer,
                                         .integer = static_cast<std::int64_t>(expected.increments)}
                      : replies[i].type == redis::Reply::Type::integer;
        if (!good) {
          run.fault(fmt::format("{} {}: {} number {} is answered by {} {}", head->cluster,
                                head->uid, sent[i][0], expected.increments, replies[i].integer,
                                replies[i].text));
        }
      }
      head->acknowledged = expected;
      co_await net::pause(run.some(0, 5));
    }
  } catch (const Failure& failure) {
    if (!head->leaving && !run.over) {
      run.fault(fmt::format("{} {}: its GCS lost its connection: {}", head->cluster, head->uid,
                            failure.what()));
    }
  }
  head->written = true;
}

std::shared_ptr<Head> start_head(Run& run, net::TaskGroup& tasks, const std::string& cluster,
                                 int number) {
  auto head = std::make_shared<Head>(run.world, run.server.port(), cluster,
                                     fmt::format("{}-{}", cluster, number));
  run.heads.push_back(head);
  head->start(run.server.folder());
  tasks.spawn(write(run, head));
  return head;
}

enum class Trouble { stop, partition, no_replies, late_requests, stop_and_late };

void begin_trouble(Head& head, Trouble trouble) {
  if (trouble == Trouble::stop || trouble == Trouble::stop_and_late) head.signal(SIGSTOP);
  if (trouble == Trouble::partition) head.relay.swallow(true);
  if (trouble == Trouble::no_replies) head.relay.hold_replies(true);
  if (trouble == Trouble::late_requests || trouble == Trouble::stop_and_late)
    head.relay.hold_requests();
}

void end_trouble(Head& head, Trouble trouble) {
  head.relay.deliver_requests();
  head.relay.refuse(false);
  head.relay.swallow(false);
  head.relay.hold_replies(false);
  if (trouble == Trouble::stop || trouble == Trouble::stop_and_late) head.signal(SIGCONT);
}

/// One cluster's heads, one after the other.
awaitable<void> play(Run& run, net::TaskGroup& tasks, std::string cluster) {
  int number = 0;
  auto old = start_head(run, tasks, cluster, ++number);
  bool fine = co_await eventually(
      run, [old] { return old->acknowledged.sets + old->acknowledged.increments > 0; });
  if (!fine) run.fault(cluster + ": the first head never writes");
  while (fine && run.rounds_left-- > 0) {
    auto trouble = static_cast<Trouble>(run.pick(0, 4));
    co_await net::pause(run.some(0, 60));
    begin_trouble(*old, trouble);
    if (run.pick(0, 5) == 0) {
      // Too short for a take-over: it must carry on as if nothing had been.
      ++run.pauses;
      co_await net::pause(run.some(10, 700));
      end_trouble(*old, trouble);
      auto before = old->acknowledged.sets + old->acknowledged.increments;
      fine = co_await eventually(
          run, [=] { return old->acknowledged.sets + old->acknowledged.increments > before; });
      if (!fine) run.fault(old->uid + " does not carry on after a short trouble");
      continue;
    }
    ++run.takeovers;
    old->leaving = true;
    auto next = start_head(run, tasks, cluster, ++number);
    if (trouble == Trouble::late_requests) {
      co_await net::pause(run.some(0, 100));
      old->relay.refuse(true);
    }
    fine = co_await eventually(
        run, [next] { return next->acknowledged.sets + next->acknowledged.increments > 0; });
    if (!fine) run.fault(next->uid + " never takes over");
    co_await net::pause(run.some(0, 200));
    end_trouble(*old, trouble);
    bool gone = co_await eventually(run, [old] { return old->ended() && old->written; });
    if (!gone) run.fault(old->uid + " does not notice that it was replaced");
    old = next;
  }
}

/// Redis has its own troubles meanwhile.
awaitable<void> trouble_redis(Run& run) {
  for (;;) {
    co_await net::pause(run.some(2000, 6000));
    if (run.over) co_return;
    if (run.pick(0, 2) == 0) {
      run.server.kill();
      co_await net::pause(run.some(0, 300));
      run.server.start();
      ++run.restarts;
    } else {
      run.server.freeze();
      co_await net::pause(run.some(10, 400));
      run.server.thaw();
    }
  }
}

awaitable<void> play_all(Run& run, int clusters) {
  net::TaskGroup writers(run.world.loop.get_executor());
  net::TaskGroup players(run.world.loop.get_executor());
  net::TaskGroup redis(run.world.loop.get_executor());
  redis.spawn(trouble_redis(run));
  for (int i = 0; i < clusters; ++i) players.spawn(play(run, writers, fmt::format("n{}", i)));
  co_await players.finish();
  redis.cancel();
  co_await redis.finish();
  run.server.thaw();
  // What is under way is answered, or its head is already gone.
  run.over = true;
  co_await writers.finish();
}

int judge(Run& run) {
  for (auto& head : run.heads) head->end();
  run.server.kill();
  std::string bytes;
  auto folder = run.server.folder().path("appendonlydir");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".incr.aof")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(in), {});
  }
  auto history = read_history(bytes);
  for (const auto& fault : history.faults) run.fault(fault);
  for (const auto& head : run.heads) {
    auto stored = history.heads[head->uid];
    auto check = [&](std::uint64_t acknowledged, std::uint64_t applied, std::uint64_t sent,
                     const char* what) {
      if (acknowledged <= applied && applied <= sent) return;
      run.fault(fmt::format("{}: of {} {} sent {} were acknowledged and {} applied", head->uid,
                            sent, what, acknowledged, applied));
    };
    check(head->acknowledged.sets, stored.sets, head->sent.sets, "HSET");
    check(head->acknowledged.increments, stored.increments, head->sent.increments, "INCRBY");
  }
  std::uint64_t writes = 0;
  for (const auto& [uid, head] : history.heads) writes += head.sets + head.increments;
  std::cout << fmt::format(
      "{} take-overs and {} short troubles, {} restarts of Redis, {} heads, {} epochs, {} writes: "
      "{} faults\n",
      run.takeovers, run.pauses, run.restarts, run.heads.size(), history.epochs, writes,
      run.faults.size());
  bool enough = writes > run.heads.size() && history.epochs >= run.heads.size();
  if (!enough) std::cout << "FAULT too little was written to tell\n";
  return run.faults.empty() && enough ? 0 : 1;
}

/// The process of one head: keeps a road until it is fenced.
int keep_road(char** words) {
  SteadyClock clock;
  boost::asio::io_context loop;
  redis::Road road(
      loop.get_executor(), clock,
      {.listen_port = std::atoi(words[0]),
       .upstream = {.addresses = {words[1]}, .user_file = words[4], .password_file = words[5]},
       .storage_namespace = words[3],
       .pod_uid = words[2],
       .hold = 60s,
       .lease_ttl = 1s,
       .log = [](const std::string& line) {
         if (getenv("FENCE_HISTORY_LOG")) std::cerr << getpid() << " " << line << std::endl;
       }});
  run_until_done(loop, road.run());
  return road.state().fenced ? 0 : 1;
}

int run_all(int argc, char** argv) {
  int rounds = 25, clusters = 5;
  auto mode = FenceMode::script;
  std::uint64_t seed = std::random_device()();
  for (int i = 1; i < argc; ++i) {
    std::string_view word(argv[i]);
    if (word == "--transactions") mode = FenceMode::transaction;
    if (i + 1 == argc) continue;
    if (word == "--rounds") rounds = std::atoi(argv[i + 1]);
    if (word == "--clusters") clusters = std::atoi(argv[i + 1]);
    if (word == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  std::cout << fmt::format("fence_history: {} rounds in {} clusters, {}, --seed {}", rounds,
                           clusters, to_string(mode), seed)
            << std::endl;
  Run run(seed, rounds, mode);
  run_until_done(run.world.loop, play_all(run, clusters));
  return judge(run);
}

}  // namespace
}  // namespace raykeep::history

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 8 && std::string_view(argv[1]) == "--road")
    return raykeep::history::keep_road(argv + 2);
  return raykeep::history::run_all(argc, argv);
}
