#include "verify/probe.h"

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "net/task_group.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;

constexpr std::size_t most_at_once = 512;

/// What the workers share: they take targets from it until there are none.
struct Round {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  ProbeOptions options;
  std::string name_server;
  std::size_t next = 0;
  std::vector<net::Reached> reached = {};
};

std::string own_api_server() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  return host == nullptr ? "" : host;
}

awaitable<net::Reached> reach(Round& round, Target target) {
  std::string host = target.host.empty() ? round.name_server : target.host;
  if (host == name_of_api_server) host = own_api_server();
  if (host.empty()) co_return net::Reached{.detail = "this pod is not told where that is"};
  // A name server waits for the rest of whatever is no question.
  net::Speak speak = round.options.speak;
  if (speak == net::Speak::plaintext && target.host.empty()) speak = net::Speak::dns;
  net::Reached reached;
  for (int time = 0; time < round.options.tries; ++time) {
    // A packet may be late on a busy node: who tries again waits longer.
    const Deadline until = Deadline::after(round.clock, round.options.patience * (1 + 2 * time));
    if (target.protocol == spec::Protocol::udp) {
      reached = co_await net::reach_udp(round.executor, host, target.port, until, round.clock);
    } else {
      reached =
          co_await net::reach_tcp(round.executor, host, target.port, speak, until, round.clock);
    }
    // Silence after a connection is late, too: a mesh's sidecar connects before the peer does.
    if (net::arrives(reached.fate) && reached.spoken != net::Spoken::silent) break;
  }
  co_return reached;
}

awaitable<void> work(Round& round) {
  while (round.next < round.options.targets.size()) {
    const std::size_t mine = round.next++;
    round.reached[mine] = co_await reach(round, round.options.targets[mine]);
  }
}

std::string own_name_server() {
  std::ifstream file("/etc/resolv.conf");
  std::string text(64 * 1024, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return name_server_in(text);
}

net::Fate fate_of(std::string_view word) {
  for (net::Fate fate :
       {net::Fate::open, net::Fate::refused, net::Fate::dropped, net::Fate::unreachable}) {
    if (to_string(fate) == word) return fate;
  }
  return net::Fate::unknown;
}

net::Spoken spoken_of(std::string_view word) {
  for (net::Spoken spoken : {net::Spoken::answered, net::Spoken::reset, net::Spoken::silent}) {
    if (to_string(spoken) == word) return spoken;
  }
  return net::Spoken::not_tried;
}

}  // namespace

std::string name_server_in(std::string_view resolv_conf) {
  for (std::string_view line : split(resolv_conf, '\n')) {
    constexpr std::string_view key = "nameserver";
    line = trim(line);
    if (line.starts_with(key) && line.size() > key.size() &&
        (line[key.size()] == ' ' || line[key.size()] == '\t'))
      return std::string(trim(line.substr(key.size())));
  }
  return "";
}

awaitable<doc::Value> probe(boost::asio::any_io_executor executor, ProbeOptions options,
                            const Clock& clock) {
  Round round{executor, clock, std::move(options), own_name_server()};
  round.reached.resize(round.options.targets.size());
  {
    net::TaskGroup workers(executor);
    for (std::size_t i = 0; i < std::min(most_at_once, round.options.targets.size()); ++i)
      workers.spawn(work(round));
    co_await workers.finish();
  }
  doc::Array reached;
  for (std::size_t i = 0; i < round.reached.size(); ++i) {
    const net::Reached& each = round.reached[i];
    doc::Object entry{{"target", to_string(round.options.targets[i])},
                      {"fate", to_string(each.fate)},
                      {"ms", std::chrono::duration<double, std::milli>(each.took).count()}};
    if (each.spoken != net::Spoken::not_tried) entry["spoken"] = to_string(each.spoken);
    if (!each.detail.empty()) entry["detail"] = each.detail;
    reached.push_back(std::move(entry));
  }
  co_return doc::Object{{"nameServer", round.name_server}, {"reached", std::move(reached)}};
}

Result<ProbeAnswer> parse_probe_answer(std::string_view line) {
  Result<doc::Value> value = doc::parse_json(line);
  if (!value) return error("the probe's answer cannot be read: " + value.error().text);
  const doc::Array* reached = doc::find_array(*value, {"reached"});
  if (reached == nullptr) return error("the probe's answer has no \"reached\"");
  ProbeAnswer answer;
  answer.name_server = doc::find_string(*value, {"nameServer"});
  for (const doc::Value& each : *reached) {
    net::Reached one;
    one.fate = fate_of(doc::find_string(each, {"fate"}));
    one.spoken = spoken_of(doc::find_string(each, {"spoken"}));
    one.detail = doc::find_string(each, {"detail"});
    if (const doc::Value* ms = doc::find(each, {"ms"}); ms != nullptr && ms->is_number())
      one.took = std::chrono::duration_cast<Duration>(
          std::chrono::duration<double, std::milli>(ms->to_number<double>()));
    answer.reached.emplace(doc::find_string(each, {"target"}), std::move(one));
  }
  return answer;
}

}  // namespace raykeep::verify
