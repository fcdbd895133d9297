#include "control/serve_labels.h"

#include <charconv>

#include "base/text.h"

#include "control/agent_report.h"
#include "control/diagnose.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/pod_http.h"
#include "net/event.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_questions = 1s;
constexpr Duration for_answer = 1500ms;

awaitable<ServeAnswer> ask(const Clock& clock, std::string ip, int port, ProxyTraffic& traffic) {
  try {
    net::Response answer = co_await get_from_pod(clock, std::move(ip), port, "/servez",
                                                 Deadline::after(clock, for_answer));
    traffic = read_proxy_traffic(answer.body);
    co_return read_serve_answer(answer);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
  }
  co_return ServeAnswer::unasked;
}

}  // namespace

ServeAnswer read_serve_answer(const net::Response& answer) {
  if (answer.status == 200) return ServeAnswer::serves;
  if (answer.status != 503) return ServeAnswer::unasked;
  return answer.body.starts_with("draining") ? ServeAnswer::drains : ServeAnswer::serves_not;
}

awaitable<bool> set_serve_label(const Access& access, std::string ns, const doc::Value& pod,
                                std::string_view value) {
  doc::Object metadata{{"uid", uid_of(pod)},
                       {"resourceVersion", resource_version_of(pod)},
                       {"labels", doc::Object{{plan::ray_serve_label, value}}}};
  auto patched = co_await access.client.merge_patch({kinds::pod, ns, std::string(name_of(pod))},
                                                    doc::Object{{"metadata", std::move(metadata)}},
                                                    access.request());
  co_return patched.has_value();
}

ProxyTraffic read_proxy_traffic(std::string_view told) {
  ProxyTraffic made;
  for (std::string_view line : split(told, '\n')) {
    for (auto [name, value] :
         {std::pair{"requests ", &made.requests}, std::pair{"errors ", &made.errors},
          std::pair{"connections ", &made.connections}}) {
      if (!line.starts_with(name)) continue;
      const std::string_view number = line.substr(std::string_view(name).size());
      std::from_chars(number.data(), number.data() + number.size(), *value);
    }
  }
  return made;
}

ProxyTraffic ServeLabels::traffic(const std::string& uid) const {
  auto found = traffic_.find(uid);
  return found == traffic_.end() ? ProxyTraffic{} : found->second;
}

std::optional<std::string_view> due_serve_label(const doc::Value& pod, ServeAnswer answer,
                                                Duration drains_for, const ProxyTraffic& traffic) {
  const std::string_view is = label_of(pod, plan::ray_serve_label);
  if (is.empty() || is_going(pod)) return std::nullopt;
  std::string_view wanted = is;
  const bool drained = answer == ServeAnswer::drains && drains_for >= patience_with_draining &&
                       traffic.connections == 0;
  if (!is_ready(pod) || answer == ServeAnswer::serves_not || drained) wanted = plan::serves_not;
  if (is_ready(pod) && answer == ServeAnswer::serves) wanted = plan::serves;
  return wanted == is ? std::nullopt : std::optional(wanted);
}

ServeLabels::ServeLabels(boost::asio::any_io_executor executor, const Access& access,
                         const NamespaceView& view, const ControllerLog& log)
    : access_(access), view_(view), log_(log), questions_(executor) {}

awaitable<void> ServeLabels::close() {
  questions_.cancel();
  co_await questions_.finish();
}

awaitable<void> ServeLabels::look(ServeLabels* self, std::shared_ptr<const doc::Value> seen) {
  const doc::Value& pod = *seen;
  const std::string uid(uid_of(pod));
  try {
    ServeAnswer answer = ServeAnswer::unasked;
    std::string ip(doc::find_string(pod, {"status", "podIP"}));
    const int port = agent_port_of(pod);
    if (is_ready(pod) && !ip.empty() && port != 0)
      answer = co_await ask(self->access_.clock, std::move(ip), port, self->traffic_[uid]);
    const Instant now = self->access_.clock.now();
    if (answer != ServeAnswer::drains) self->drains_since_.erase(uid);
    const Instant since = answer == ServeAnswer::drains
                              ? self->drains_since_.try_emplace(uid, now).first->second
                              : now;
    if (auto due = due_serve_label(pod, answer, now - since, self->traffic_[uid])) {
      if (co_await set_serve_label(self->access_, self->view_.ns(), pod, *due))
        self->log_(false, "serve_label", {{"pod", name_of(pod)}, {"value", *due}});
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    self->log_(true, "serve_label", {{"pod", name_of(pod)}, {"error", failure.what()}});
  }
  self->busy_.erase(uid);
}

void ServeLabels::forget_gone() {
  std::set<std::string_view> there;
  const auto pods = view_.pods();
  for (const auto& pod : pods) there.insert(uid_of(*pod));
  auto gone = [&](const auto& known) { return !there.contains(known.first); };
  std::erase_if(traffic_, gone);
  std::erase_if(drains_since_, gone);
}

awaitable<void> ServeLabels::run(std::function<bool()> acts) {
  for (;;) {
    co_await net::pause(between_questions);
    if (!acts()) continue;
    forget_gone();
    for (const std::shared_ptr<const doc::Value>& pod : view_.pods()) {
      if (label_of(*pod, plan::ray_serve_label).empty() || is_going(*pod)) continue;
      if (busy_.emplace(uid_of(*pod)).second) questions_.spawn(look(this, pod));
    }
  }
}

}  // namespace raykeep::control
