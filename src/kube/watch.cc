// Watches. The server sends one JSON object per line for as long as both sides like; nothing else
// is as easily broken by a proxy in between, so what is not a proper event ends the watch with a
// Failure, and the caller lists again.
#include <fmt/format.h>

#include "base/text.h"
#include "kube/client.h"
#include "kube/kind.h"
#include "kube/lines.h"
#include "kube/query.h"
#include "kube/session.h"

namespace raykeep::kube {
namespace {

// An object is at most about 1.5 MB in etcd; as JSON with managed fields a few times that.
constexpr std::size_t most_event = 16u << 20;
// The server's own limit is 30 to 60 minutes; ending first makes the end orderly also behind a
// proxy.
constexpr auto longest_watch = std::chrono::minutes(30);

enum class Outcome { go_on, stop, gone };

std::optional<Event::Type> type_of(std::string_view text) {
  if (text == "ADDED") return Event::Type::added;
  if (text == "MODIFIED") return Event::Type::modified;
  if (text == "DELETED") return Event::Type::deleted;
  if (text == "BOOKMARK") return Event::Type::bookmark;
  return std::nullopt;
}

Outcome handle(std::string_view line, const Call& call, const Config& config,
               const std::function<bool(Event)>& on_event) {
  auto broken = [&](std::string_view why) {
    return Failure(Failure::Kind::invalid, fmt::format("{} {}: {}: {}", call.asked.doing,
                                                       call.asked.object, why, quoted(line)));
  };
  auto value = doc::parse_json(line, {.bytes = most_event, .depth = 1'000, .nodes = 5'000'000});
  if (!value || !value->is_object()) throw broken("not an event");
  auto type = doc::find_string(*value, {"type"});
  auto object = value->as_object().if_contains("object");
  if (!object) throw broken("an event without object");
  if (type == "ERROR") {
    auto status = read_status(*object);
    if (status.code == 410 || status.reason == "Expired" || status.reason == "Gone")
      return Outcome::gone;
    throw refusal(call.asked, status, config);
  }
  auto known = type_of(type);
  if (!known) throw broken("an event of unknown type");
  return on_event({*known, std::move(*object)}) ? Outcome::go_on : Outcome::stop;
}

}  // namespace

awaitable<bool> Client::watch(Kind kind, std::string ns, Selector selector,
                              std::string resource_version, std::function<bool(Event)> on_event,
                              Deadline until) {
  const auto& info = info_of(kind);
  const auto& clock = session_->clock();
  until.at = std::min(until.at, clock.now() + longest_watch);
  // The server ends first, so that the usual end is its orderly one; our deadline catches a server
  // that does not.
  auto seconds = std::chrono::ceil<std::chrono::seconds>(until.left(clock)).count();
  Query query;
  query.add("watch", "1")
      .add("allowWatchBookmarks", "true")
      .add("timeoutSeconds", std::to_string(std::max<long>(seconds, 1)));
  query.add_unless_empty("resourceVersion", resource_version);
  query.add_unless_empty("labelSelector", selector.labels)
      .add_unless_empty("fieldSelector", selector.fields);
  Call call{.asked = {.doing = "watch",
                      .verb = "watch",
                      .object = ns.empty() ? std::string(info.plural)
                                           : fmt::format("{} in namespace {}", info.plural, ns),
                      .resource = std::string(info.plural),
                      .group = std::string(group_of(info.api_version)),
                      .ns = ns},
            .target = path_of(info, ns) + query.text()};

  auto answer = co_await session_->open(call, until);
  if (answer->head().status == 410) co_return false;
  if (answer->head().status != 200) {
    auto response = answer->head();
    while (response.body.size() < (1u << 20)) {
      auto piece = co_await read_piece(call.asked, *answer, until);
      if (!piece) break;
      response.body += *piece;
    }
    throw session_->refuse(call, response);
  }

  Lines lines(most_event);
  for (;;) {
    std::optional<std::string> piece;
    try {
      piece = co_await read_piece(call.asked, *answer, until);
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::disconnected && until.passed(clock)) co_return true;
      throw;
    }
    if (!piece) break;
    lines.feed(*piece);
    while (auto line = lines.next()) {
      if (trim(*line).empty()) continue;
      auto outcome = handle(*line, call, config(), on_event);
      if (outcome == Outcome::gone) co_return false;
      if (outcome == Outcome::stop) co_return true;
    }
    if (lines.overflows()) {
      throw Failure(Failure::Kind::invalid,
                    fmt::format("{} {}: an event larger than {} MiB", call.asked.doing,
                                call.asked.object, most_event >> 20));
    }
  }
  if (lines.has_rest()) {
    throw Failure(Failure::Kind::disconnected,
                  fmt::format("{} {}: the stream ended in the middle of an event", call.asked.doing,
                              call.asked.object));
  }
  co_return true;
}

}  // namespace raykeep::kube
