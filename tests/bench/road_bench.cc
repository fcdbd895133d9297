// road_bench: what the road to Redis costs. A real Redis, a road in a process of its own, and one
// client that asks both in turn, so that what else the machine does strikes both alike. Prints
// JSON; times in microseconds, the client on the same machine, which is the hardest case: over a
// network the road's share is smaller.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "redis/testing.h"

namespace raykeep::redis::testing {
namespace {

using namespace std::chrono_literals;
using Requests = std::vector<std::vector<std::string_view>>;

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

  /// Sends the bytes of `count` requests and reads as many replies; false when one is an error.
  bool ask(std::string_view bytes, int count) {
    while (!bytes.empty()) {
      auto sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    while (count > 0) {
      auto got = recv(fd_, buffer_, sizeof buffer_, 0);
      if (got <= 0) return false;
      replies_.feed({buffer_, static_cast<std::size_t>(got)});
      for (;;) {
        auto reply = replies_.next();
        if (!reply) return false;
        if (!*reply) break;
        if ((*reply)->starts_with('-')) {
          std::cerr << **reply;
          return false;
        }
        --count;
      }
    }
    return true;
  }

 private:
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
  int pipeline;
  int rounds;
};

/// The median time of one exchange, straight and over the road.
std::pair<double, double> measure(Client& straight, Client& road, const Case& c) {
  std::string bytes;
  for (int i = 0; i < c.pipeline; ++i) bytes += c.request;
  std::vector<double> times[2];
  for (int round = 0; round < c.rounds; ++round) {
    for (auto* client : {&straight, &road}) {
      auto before = std::chrono::steady_clock::now();
      if (!client->ask(bytes, c.pipeline))
        throw std::runtime_error(std::string(c.name) + " failed");
      times[client == &road].push_back(microseconds(std::chrono::steady_clock::now() - before));
    }
  }
  return {median(times[0]), median(times[1])};
}

int run() {
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
  straight.ask(set, 1);
  const Case cases[] = {{"read", get, 1, 4000},
                        {"write", set, 1, 4000},
                        {"read, 64 at once", get, 64, 1000},
                        {"write, 64 at once", set, 64, 1000},
                        {"read, 512 at once", get, 512, 200},
                        {"write, 512 at once", set, 512, 200}};
  std::cout << "{";
  for (const auto& c : cases) {
    auto [plain, carried] = measure(straight, road, c);
    std::cout << fmt::format(
        "{}\n  \"{}\": {{\"straight_us\": {:.1f}, \"road_us\": {:.1f}, \"added_ms\": {:.3f}, "
        "\"throughput_ratio\": {:.2f}}}",
        &c == cases ? "" : ",", c.name, plain, carried, (carried - plain) / 1000, plain / carried);
  }
  std::cout << "\n}\n";
  ::kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace raykeep::redis::testing

int main() {
  signal(SIGPIPE, SIG_IGN);
  return raykeep::redis::testing::run();
}
