#include "control/controller_page.h"

#include <fmt/format.h>

namespace raykeep::control {
namespace {

net::Response text(int status, std::string body) {
  return {status, "", {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body) + "\n"};
}

class Metrics {
 public:
  void add(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP raykeep_controller_{0} {1}\n# TYPE raykeep_controller_{0} {2}\n",
                         name, help, type);
    name_ = name;
  }
  void say(std::string_view labels, std::uint64_t value) {
    text_ += fmt::format("raykeep_controller_{}{} {}\n", name_, labels, value);
  }
  void one(std::string_view name, std::string_view type, std::string_view help,
           std::uint64_t value) {
    add(name, type, help);
    say("", value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

std::string metrics(const ControllerFacts& facts) {
  Metrics made;
  made.one("leads", "gauge", "1 while this replica acts.", facts.leads ? 1 : 0);
  made.one("clusters", "gauge", "Clusters that it keeps.", facts.conditions.size());
  made.one("looks_total", "counter", "Looks at a cluster.", facts.looks);
  made.one("failed_looks_total", "counter", "Looks after which something was left undone.",
           facts.failed_looks);
  made.one("troubles_total", "counter", "Outages of the API server, as this replica met them.",
           facts.troubles);
  made.add("actions_total", "counter", "What was done to clusters.");
  for (const auto& [verb, count] : facts.actions)
    made.say(fmt::format("{{action=\"{}\"}}", verb), count);
  made.add("condition", "gauge", "1 while a cluster's condition is true.");
  for (const auto& [cluster, conditions] : facts.conditions) {
    for (const auto& [type, value] : conditions)
      made.say(fmt::format("{{cluster=\"{}\",type=\"{}\"}}", cluster, type),
               static_cast<std::uint64_t>(value));
  }
  if (!facts.services.empty())
    made.add("service_condition", "gauge", "1 while a RayService's condition is true.");
  for (const auto& [service, conditions] : facts.services) {
    for (const auto& [type, value] : conditions)
      made.say(fmt::format("{{service=\"{}\",type=\"{}\"}}", service, type),
               static_cast<std::uint64_t>(value));
  }
  return made.text();
}

}  // namespace

net::Response controller_page(std::string_view path, const ControllerFacts& facts) {
  if (path == "/livez")
    return facts.turns ? text(200, "ok") : text(503, "the controller does not look any more");
  if (path == "/readyz") {
    if (!facts.listed) return text(503, "not everything was listed yet");
    if (facts.leads) return text(200, "leads");
    return text(200, facts.leader.empty() ? "nobody leads" : facts.leader + " leads");
  }
  if (path == "/metrics") {
    net::Response made = text(200, "");
    made.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
    made.body = metrics(facts);
    return made;
  }
  return text(404, "there are /livez, /readyz and /metrics");
}

}  // namespace raykeep::control
