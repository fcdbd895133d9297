#include "verify/probe_program.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "net/event.h"
#include "verify/sockets.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;

constexpr auto between_looks = std::chrono::milliseconds(200);

std::string text_of(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Socket> sockets_now() {
  std::vector<Socket> all;
  for (auto [path, protocol] : {std::pair{"/proc/net/tcp", spec::Protocol::tcp},
                                {"/proc/net/tcp6", spec::Protocol::tcp},
                                {"/proc/net/udp", spec::Protocol::udp},
                                {"/proc/net/udp6", spec::Protocol::udp}}) {
    std::vector<Socket> some = parse_sockets(text_of(path), protocol);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

awaitable<void> watch_sockets(Duration span, const Clock& clock) {
  Seen seen;
  for (Deadline until = Deadline::after(clock, span); !until.passed(clock);) {
    seen.add(sockets_now());
    co_await net::pause(between_looks);
  }
  fmt::print("{}\n", doc::write_json(to_json(seen)));
}

}  // namespace

awaitable<void> probe_program(boost::asio::any_io_executor executor, ProbeTasks tasks,
                              const Clock& clock) {
  if (tasks.sockets > Duration::zero()) co_await watch_sockets(tasks.sockets, clock);
  if (tasks.listening)
    fmt::print("{}\n", doc::write_json(listening_to_json(reachable_ports(sockets_now()))));
  if (!tasks.tls.targets.empty()) {
    doc::Value told = co_await tls_probe(executor, std::move(tasks.tls), clock);
    fmt::print("{}\n", doc::write_json(told));
  }
  if (!tasks.probe.targets.empty()) {
    doc::Value told = co_await probe(executor, std::move(tasks.probe), clock);
    fmt::print("{}\n", doc::write_json(told));
  }
  std::fflush(stdout);
  if (tasks.stay > Duration::zero()) co_await net::pause(tasks.stay);
}

}  // namespace raykeep::verify
