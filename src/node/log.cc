#include "node/log.h"

#include <unistd.h>

#include <chrono>
#include <ctime>

#include <fmt/format.h>

namespace raykeep::node {
namespace {

/// RFC 3339 in UTC with milliseconds.
std::string time_now() {
  using namespace std::chrono;
  auto now = system_clock::now();
  auto ms = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  std::time_t seconds = system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     ms);
}

}  // namespace

std::string log_line(std::string_view time, Level level, std::string_view event,
                     const doc::Object& fields, std::string_view component) {
  doc::Object line{{"time", time},
                   {"level", level == Level::info      ? "info"
                             : level == Level::warning ? "warning"
                                                       : "error"},
                   {"component", component},
                   {"event", event}};
  for (const auto& [name, value] : fields) line[name] = value;
  return doc::write_json(doc::Value(std::move(line))) + "\n";
}

void Log::say(Level level, std::string_view event, doc::Object fields) const {
  auto line = log_line(time_now(), level, event, fields, component_);
  // A reader that does not read must not stop the agent for ever, but it may slow it down: the
  // kubelet reads.
  [[maybe_unused]] auto written = write(fd_, line.data(), line.size());
}

}  // namespace raykeep::node
