// road_bench [CASE [ROUNDS]]: what the road to Redis costs. A real Redis, a road in a process of
// its own, and one client that asks both in turn, so that what else the machine does strikes both
// alike. Prints JSON; times in microseconds, the client on the same machine, which is the hardest
// case: over a network the road's share is smaller.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "net/dial.h"
#include "net/listener.h"
#include "redis/testing.h"

namespace raykeep::redis::testing {

using namespace std::chrono_literals;

/// A blocking client, as bare as can be.
class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    int yes = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    for (int i = 0;
         i < 500 && connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0; ++i) {
      usleep(10'000);
      close(fd_);
      fd_ = socket(AF_INET, SOCK_STREAM, 0);
      setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;

  /// Asks `total` times, with up to `window` requests under way. Throws when a reply is an error.
  void ask(const std::string& request, int total, int window) {
    std::string many;
    for (int i = 0; i < window; ++i) many += request;
    int sent = 0, answered = 0;
    while (answered < total) {
      auto count = std::min(window - (sent - answered), total - sent);
      write(std::string_view(many).substr(0, static_cast<std::size_t>(count) * request.size()));
      sent += count;
      answered += read();
    }
  }

 private:
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      auto count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) throw std::runtime_error("the connection is gone");
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// How many replies came.
  int read() {
    auto count = recv(fd_, buffer_, sizeof buffer_, 0);
    if (count <= 0) throw std::runtime_error("the connection is gone");
    replies_.feed({buffer_, static_cast<std::size_t>(count)});
    for (int found = 0;; ++found) {
      auto reply = replies_.next();
      if (!reply || (*reply && (*reply)->starts_with('-')))
        throw std::runtime_error("not answered");
      if (!*reply) return found;
    }
  }

  int fd_;
  ReplyReader replies_;
  char buffer_[256 * 1024];
};

double microseconds(Duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Case {
  const char* name;
  std::string request;
  int window;  // requests under way at once
  int total;   // per round
};

int rounds = 40;

/// What a process has had of the processors, in microseconds.
double processor_time(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/schedstat", pid));
  double nanoseconds = 0;
  in >> nanoseconds;
  return nanoseconds / 1000;
}

/// Of one request, in microseconds: how long it took, and what client, road and Redis worked for
/// it.
struct Cost {
  double time = 0, client = 0, road = 0, redis = 0;
};

/// Straight and over the road, in rounds that take turns: times are medians, work is the mean.
std::pair<Cost, Cost> measure(Client& straight, Client& carried, const Case& c, pid_t redis,
                              pid_t road) {
  Cost costs[2];
  std::vector<double> times[2];
  for (int round = 0; round < rounds; ++round) {
    for (auto* client : {&straight, &carried}) {
      auto& cost = costs[client == &carried];
      double before[] = {processor_time(getpid()), processor_time(road), processor_time(redis)};
      auto start = std::chrono::steady_clock::now();
      client->ask(c.request, c.total, c.window);
      times[client == &carried].push_back(microseconds(std::chrono::steady_clock::now() - start) /
                                          c.total);
      cost.client += (processor_time(getpid()) - before[0]) / c.total / rounds;
      cost.road += (processor_time(road) - before[1]) / c.total / rounds;
      cost.redis += (processor_time(redis) - before[2]) / c.total / rounds;
    }
  }
  costs[0].time = median(times[0]);
  costs[1].time = median(times[1]);
  return {costs[0], costs[1]};
}

std::string to_json(const Cost& cost) {
  return fmt::format(
      "{{\"time\": {:.2f}, \"client\": {:.2f}, \"road\": {:.2f}, \"redis\": {:.2f}}}", cost.time,
      cost.client, cost.road, cost.redis);
}

/// What is under way in one direction, and when it arrives.
struct Wire {
  explicit Wire(boost::asio::any_io_executor executor) : changed(executor) {}
  std::deque<std::pair<Instant, std::string>> bytes;
  net::Event changed;
};

boost::asio::awaitable<void> take_in(std::shared_ptr<net::Stream> from, std::shared_ptr<Wire> wire,
                                     Duration delay) {
  std::string buffer(256 * 1024, '\0');
  for (;;) {
    auto count = co_await from->read_some(buffer.data(), buffer.size(), Deadline::never());
    if (count == 0) co_return;
    wire->bytes.emplace_back(std::chrono::steady_clock::now() + delay, buffer.substr(0, count));
    wire->changed.notify();
  }
}

boost::asio::awaitable<void> give_out(std::shared_ptr<net::Stream> to, std::shared_ptr<Wire> wire) {
  SteadyClock clock;
  for (;;) {
    if (wire->bytes.empty()) {
      co_await wire->changed.wait(clock);
      continue;
    }
    auto [due, bytes] = std::move(wire->bytes.front());
    wire->bytes.pop_front();
    if (due > clock.now()) co_await net::pause(due - clock.now());
    co_await to->write(bytes, Deadline::never());
  }
}

/// A network: every byte takes its time, any number of them at once.
boost::asio::awaitable<void> delay_all(World& world, net::Listener& listener, int target,
                                       Duration one_way) {
  net::TaskGroup tasks(world.loop.get_executor());
  for (;;) {
    std::shared_ptr<net::Stream> client = co_await listener.accept();
    auto url = *net::parse_url(fmt::format("redis://127.0.0.1:{}", target));
    std::shared_ptr<net::Stream> server =
        co_await net::dial(world.loop.get_executor(), {.server = url}, world.ample(), world.clock);
    auto there = std::make_shared<Wire>(world.loop.get_executor());
    auto back = std::make_shared<Wire>(world.loop.get_executor());
    tasks.spawn(take_in(client, there, one_way));
    tasks.spawn(give_out(server, there));
    tasks.spawn(take_in(server, back, one_way));
    tasks.spawn(give_out(client, back));
  }
}

/// Child processes, which end with it.
struct Children {
  ~Children() {
    for (auto pid : pids) {
      ::kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }
  template <class Work>
  pid_t start(Work work) {
    pid_t pid = fork();
    if (pid == 0) {
      work();
      _exit(0);
    }
    pids.push_back(pid);
    return pid;
  }
  std::vector<pid_t> pids;
};

int network(Children& children, int target, Duration one_way) {
  int port = free_port();
  children.start([&] {
    World world;
    net::Listener listener(world.loop.get_executor(), "127.0.0.1", port, world.clock);
    run_until_done(world.loop, delay_all(world, listener, target, one_way));
  });
  return port;
}

pid_t start_road(Children& children, const Server& server, int redis_port, int port) {
  return children.start([&] {
    World world;
    auto options = road_to(server);
    options.upstream.addresses = {fmt::format("127.0.0.1:{}", redis_port)};
    options.listen_port = port;
    options.lease_ttl = 10s;
    Road road(world.loop.get_executor(), world.clock, options);
    run_until_done(world.loop, road.run());
  });
}

int run(const std::string& only) {
  Server server({"appendonly no"});
  server.start();
  Children children;
  std::string value(1024, 'v');
  const auto get = encode({"HGET", "RAYtest@KV", "field"});
  const auto set = encode({"HSET", "RAYtest@KV", "field", value});
  bool first = true;
  std::cout << "{";
  // A Redis on another node is a quarter of a millisecond away; one on this machine is the hardest
  // case.
  for (auto [place, one_way] :
       {std::pair("on another node", Duration(250us)), std::pair("on this machine", Duration(0))}) {
    bool far = one_way > 0s;
    int redis_port = far ? network(children, server.port(), one_way) : server.port();
    int road_redis_port = far ? network(children, server.port(), one_way) : server.port();
    int port = free_port();
    auto road_pid = start_road(children, server, road_redis_port, port);
    Client straight(redis_port), road(port);
    straight.ask(set, 1, 1);
    road.ask(set, 1, 1);
    int scale = far ? 10 : 1;
    const Case cases[] = {{"read", get, 1, 300 / scale},
                          {"write", set, 1, 300 / scale},
                          {"read, 16 under way", get, 16, 3000 / scale},
                          {"write, 16 under way", set, 16, 3000 / scale},
                          {"read, 256 under way", get, 256, 10000},
                          {"write, 256 under way", set, 256, 10000}};
    for (const auto& c : cases) {
      auto name = fmt::format("{}, Redis {}", c.name, place);
      if (!only.empty() && !name.starts_with(only)) continue;
      auto [plain, carried] = measure(straight, road, c, server.pid(), road_pid);
      std::cout << fmt::format(
          "{}\n  \"{}\": {{\"straight_us\": {}, \"road_us\": {}, \"added_ms\": {:.4f}, "
          "\"throughput_ratio\": {:.2f}}}",
          first ? "" : ",", name, to_json(plain), to_json(carried),
          (carried.time - plain.time) / 1000, plain.time / carried.time);
      first = false;
    }
  }
  std::cout << "\n}\n";
  return 0;
}

}  // namespace raykeep::redis::testing

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc > 2) raykeep::redis::testing::rounds = std::atoi(argv[2]);
  return raykeep::redis::testing::run(argc > 1 ? argv[1] : "");
}
