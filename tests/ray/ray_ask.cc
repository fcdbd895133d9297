// For the tests against real Ray: asks what the agent asks, told by lines on the standard input,
// and answers each with a line of JSON. One process, so connections live on between questions as
// they do in the agent.
//
//   ray_ask GCS_HOST GCS_PORT RAYLET_HOST RAYLET_PORT HTTP_HOST TOKEN_FILE
//   health MS | raylet MS | alive MS [ID...] | nodes MS [ADDRESS] | drain MS ID LEAVE_MS
//   http PATH-NAME PORT MS  (gcs, raylet, serve, version)
//   cost COUNT COMMAND...   (the same command so many times: microseconds, CPU, memory)
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "doc/json.h"
#include "net/run_until_done.h"
#include "ray/dashboard.h"
#include "ray/gcs.h"

namespace raykeep::ray {
namespace {

using boost::json::array;
using boost::json::object;
using net::testing::run_until_done;

struct Arguments {
  std::string gcs_host, raylet_host, http_host, token_file;
  int gcs_port = 0, raylet_port = 0;
};

class Asker {
 public:
  explicit Asker(const Arguments& arguments)
      : arguments_(arguments),
        engine_(loop_.get_executor(), clock_),
        gcs_(engine_, {arguments.gcs_host, arguments.gcs_port, arguments.token_file, {}}),
        raylet_(engine_, {arguments.raylet_host, arguments.raylet_port, arguments.token_file, {}}) {
  }

  object answer(std::istringstream& words) {
    std::string verb;
    words >> verb;
    if (verb == "cost") return cost(words);
    if (verb == "http") return http(words);
    int ms = 0;
    words >> ms;
    auto until = Deadline::after(clock_, std::chrono::milliseconds(ms));
    try {
      if (verb == "health") return show(run_until_done(loop_, gcs_.check_health(until)));
      if (verb == "raylet") return show(run_until_done(loop_, raylet_.check_health(until)));
      if (verb == "alive") return alive(words, until);
      if (verb == "nodes") return nodes(words, until);
      if (verb == "drain") return drain(words, until);
    } catch (const Failure& failure) {
      return {{"failure", static_cast<int>(failure.kind())}, {"text", failure.what()}};
    }
    return {{"error", "no such command"}};
  }

 private:
  static object show(const Probe& probe) {
    return {{"answer", std::string(to_string(probe.answer))},
            {"text", probe.text},
            {"ms", static_cast<double>(probe.took.count()) / 1e6}};
  }

  object alive(std::istringstream& words, Deadline until) {
    std::vector<std::string> ids;
    for (std::string id; words >> id;) ids.push_back(id);
    auto alive = run_until_done(loop_, gcs_.check_alive(ids, until));
    auto out = show(alive.probe);
    out["version"] = alive.ray_version;
    out["alive"] = array(alive.nodes_alive.begin(), alive.nodes_alive.end());
    return out;
  }

  object nodes(std::istringstream& words, Deadline until) {
    std::string address;
    words >> address;
    array out;
    for (const auto& node : run_until_done(loop_, gcs_.nodes({.address = address}, until))) {
      out.push_back(object{{"id", node.id},
                           {"address", node.address},
                           {"name", node.name},
                           {"port", node.node_manager_port},
                           {"alive", node.alive},
                           {"is_head", node.is_head},
                           {"draining", node.draining},
                           {"started_ms", node.started_ms},
                           {"ended_ms", node.ended_ms},
                           {"death", node.death_text}});
    }
    return {{"nodes", out}};
  }

  object drain(std::istringstream& words, Deadline until) {
    std::string id;
    int leave_ms = 0;
    words >> id >> leave_ms;
    auto outcome = run_until_done(loop_, gcs_.drain(id, DrainReason::preemption, "tests",
                                                    std::chrono::milliseconds(leave_ms), until));
    return {{"accepted", outcome.accepted}, {"text", outcome.text}};
  }

  object http(std::istringstream& words) {
    std::string what;
    int port = 0, ms = 0;
    words >> what >> port >> ms;
    auto until = Deadline::after(clock_, std::chrono::milliseconds(ms));
    Dashboard server(loop_.get_executor(), {arguments_.http_host, port, arguments_.token_file},
                     clock_);
    if (what == "gcs") return show(run_until_done(loop_, server.check_gcs(until)));
    if (what == "raylet") return show(run_until_done(loop_, server.check_raylet(until)));
    if (what == "serve") return show(run_until_done(loop_, server.check_serve(until)));
    auto version = run_until_done(loop_, server.version(until));
    auto out = show(version.probe);
    out["version"] = version.ray_version;
    return out;
  }

  static double cpu_us() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1e6 * static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  }

  static int status_number(std::string_view name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(name)) return std::stoi(line.substr(name.size() + 1));
    }
    return -1;
  }

  object cost(std::istringstream& words) {
    int count = 0;
    std::string command;
    words >> count;
    std::getline(words, command);
    std::vector<double> us;
    int bad = 0;
    double cpu = cpu_us();
    for (int i = 0; i < count; ++i) {
      std::istringstream again(command);
      auto start = clock_.now();
      auto out = answer(again);
      us.push_back(static_cast<double>((clock_.now() - start).count()) / 1e3);
      auto found = out.find("answer");
      bad += out.contains("failure") || (found != out.end() && found->value() != "serving");
    }
    cpu = (cpu_us() - cpu) / count;
    std::ranges::sort(us);
    return {{"median_us", us[us.size() / 2]},
            {"p99_us", us[us.size() * 99 / 100]},
            {"cpu_us", cpu},
            {"bad", bad},
            {"rss_kb", status_number("VmRSS:")},
            {"anonymous_kb", status_number("RssAnon:")},
            {"threads", status_number("Threads:")}};
  }

  Arguments arguments_;
  SteadyClock clock_;
  boost::asio::io_context loop_;
  RpcEngine engine_;
  Gcs gcs_;
  Raylet raylet_;
};

int run(char** argv) {
  Arguments arguments{argv[1], argv[3], argv[5], argv[6], std::atoi(argv[2]), std::atoi(argv[4])};
  Asker asker(arguments);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::cout << doc::write_json(asker.answer(words)) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace raykeep::ray

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "ray_ask GCS_HOST GCS_PORT RAYLET_HOST RAYLET_PORT HTTP_HOST TOKEN_FILE\n";
    return 2;
  }
  return raykeep::ray::run(argv);
}
