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
#include <fstream>
#include <iostream>

#include <fmt/format.h>

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

int run(const std::string& only) {
  Server server({"appendonly no"});
  server.start();
  int port = free_port();
  pid_t child = fork();
  if (child == 0) {
    World world;
    auto options = road_to(server);
    options.listen_port = port;
    options.lease_ttl = 10s;
    Road road(world.loop.get_executor(), world.clock, options);
    run_until_done(world.loop, road.run());
    _exit(0);
  }
  Client straight(server.port()), road(port);
  std::string value(1024, 'v');
  auto get = encode({"HGET", "RAYtest@KV", "field"});
  auto set = encode({"HSET", "RAYtest@KV", "field", value});
  straight.ask(set, 1, 1);
  road.ask(set, 1, 1);
  const Case cases[] = {{"read", get, 1, 300},
                        {"write", set, 1, 300},
                        {"read, 16 under way", get, 16, 3000},
                        {"write, 16 under way", set, 16, 3000},
                        {"read, 256 under way", get, 256, 10000},
                        {"write, 256 under way", set, 256, 10000}};
  std::cout << "{";
  bool first = true;
  for (const auto& c : cases) {
    if (!only.empty() && only != c.name) continue;
    auto [plain, carried] = measure(straight, road, c, server.pid(), child);
    std::cout << fmt::format(
        "{}\n  \"{}\": {{\"straight_us\": {}, \"road_us\": {}, \"added_ms\": {:.4f}, "
        "\"throughput_ratio\": {:.2f}}}",
        first ? "" : ",", c.name, to_json(plain), to_json(carried),
        (carried.time - plain.time) / 1000, plain.time / carried.time);
    first = false;
  }
  std::cout << "\n}\n";
  ::kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace raykeep::redis::testing

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc > 2) raykeep::redis::testing::rounds = std::atoi(argv[2]);
  return raykeep::redis::testing::run(argc > 1 ? argv[1] : "");
}
