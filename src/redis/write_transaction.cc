#include "redis/write_transaction.h"

#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {
namespace {

using Kind = Failure::Kind;
using Requests = std::vector<std::vector<std::string>>;

// Only this head's own lanes contend here, and the one other head that may take over once.
constexpr int most_rounds = 50;

constexpr auto patience = std::chrono::seconds(5);

std::string upper_name(const Request& write) {
  std::string name(write.argument(0));
  for (auto& c : name) {
    if (c >= 'a' && c <= 'z') c = char(c - 32);
  }
  return name;
}

std::vector<std::string> copy(const Request& request) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < request.size(); ++i) out.emplace_back(request.argument(i));
  return out;
}

/// The arguments from `first` on, each `step`th, each once and in order.
std::vector<std::string> distinct(const Request& write, std::size_t first, std::size_t step) {
  std::set<std::string_view> seen;
  std::vector<std::string> out;
  for (auto i = first; i < write.size(); i += step) {
    if (seen.insert(write.argument(i)).second) out.emplace_back(write.argument(i));
  }
  return out;
}

std::int64_t existing(const std::vector<Reply>& answers) {
  std::int64_t count = 0;
  for (const auto& answer : answers) count += answer.integer;
  return count;
}

std::string wrapped(const std::string& reply) { return "*1\r\n" + reply; }
std::string error_line(const Reply& reply) { return "-" + reply.text + "\r\n"; }

/// The recorded reply if this write was applied before; an error when its field has been used again
/// since.
std::string recorded(const Reply& done, std::uint64_t sequence) {
  if (done.type != Reply::Type::text) return "";
  auto colon = done.text.find(':');
  std::uint64_t last = 0;
  std::from_chars(done.text.data(), done.text.data() + std::min(colon, done.text.size()), last);
  if (last == sequence) return wrapped(done.text.substr(colon + 1));
  return last > sequence ? "-STALE a later write took its place\r\n" : "";
}

}  // namespace

Forecast forecast_for(const Request& write) {
  auto name = upper_name(write);
  Forecast forecast;
  if (name == "DEL" || name == "UNLINK") {
    forecast.watched = distinct(write, 1, 1);
    for (const auto& key : forecast.watched) forecast.questions.push_back({"EXISTS", key});
    return forecast;
  }
  if (write.size() < 2) return forecast;
  std::string key(write.argument(1));
  forecast.watched = {key};
  if (name == "HSET" || name == "HSETNX" || name == "HDEL") {
    for (const auto& field : distinct(write, 2, name == "HDEL" ? 1 : 2)) {
      forecast.questions.push_back({"HEXISTS", key, field});
      if (name == "HSETNX") break;
    }
  } else if (name == "INCRBY") {
    forecast.questions.push_back({"GET", key});
  }
  return forecast;
}

std::string foretold(const Request& write, const std::vector<Reply>& answers) {
  for (const auto& answer : answers) {
    if (answer.is_error()) return error_line(answer);
  }
  auto name = upper_name(write);
  auto found = existing(answers);
  if (name == "DEL" || name == "UNLINK" || name == "HDEL") return fmt::format(":{}\r\n", found);
  if (name == "HSET")
    return fmt::format(":{}\r\n", static_cast<std::int64_t>(answers.size()) - found);
  if (name == "HSETNX") return fmt::format(":{}\r\n", 1 - found);
  if (name != "INCRBY" || write.size() != 3 || answers.empty()) return "";
  std::int64_t before = 0, step = 0, after = 0;
  auto read = [](std::string_view text, std::int64_t& value) {
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size();
  };
  bool known = answers[0].type == Reply::Type::nothing || read(answers[0].text, before);
  if (!known || !read(write.argument(2), step) || __builtin_add_overflow(before, step, &after))
    return "";
  return fmt::format(":{}\r\n", after);
}

awaitable<std::string> write_by_transaction(Connection& connection, Keyspace keys,
                                            std::string token, std::string field,
                                            std::uint64_t sequence, Request write) {
  auto& clock = connection.stream().clock();
  auto done_key = keys.done(parse_token(token).epoch);
  auto forecast = forecast_for(write);
  for (int round = 0; round < most_rounds; ++round) {
    Requests look{{"WATCH", keys.epoch()}, {"GET", keys.epoch()}, {"HGET", done_key, field}};
    look[0].insert(look[0].end(), forecast.watched.begin(), forecast.watched.end());
    look.insert(look.end(), forecast.questions.begin(), forecast.questions.end());
    auto seen = co_await connection.ask_all(std::move(look), Deadline::after(clock, patience));
    for (int i = 0; i < 3; ++i) {
      if (seen[static_cast<std::size_t>(i)].is_error())
        co_return error_line(seen[static_cast<std::size_t>(i)]);
    }
    std::string outcome = recorded(seen[2], sequence);
    if (seen[1].type == Reply::Type::nothing)
      outcome = "-NOEPOCH the fence is gone from the store\r\n";
    if (seen[1].type == Reply::Type::text && seen[1].text != token)
      outcome = "-FENCED " + seen[1].text + "\r\n";
    if (!outcome.empty()) {
      co_await connection.ask({"UNWATCH"}, Deadline::after(clock, patience));
      co_return outcome;
    }
    std::vector<Reply> answers(seen.begin() + 3, seen.end());
    auto reply = foretold(write, answers);
    if (reply.starts_with('-')) {
      co_await connection.ask({"UNWATCH"}, Deadline::after(clock, patience));
      co_return is_passing(error_code(reply)) ? reply : wrapped(reply);
    }
    Requests change{{"MULTI"}, copy(write)};
    if (!reply.empty())
      change.push_back({"HSET", done_key, field, fmt::format("{}:{}", sequence, reply)});
    change.push_back({"EXEC"});
    auto results = co_await connection.ask_all(std::move(change), Deadline::after(clock, patience));
    // An error of MULTI, or of a command when it was queued: nothing was applied.
    for (std::size_t i = 0; i + 1 < results.size(); ++i) {
      if (!results[i].is_error()) continue;
      auto refused = error_line(results[i]);
      co_return is_passing(results[i].code()) ? refused : wrapped(refused);
    }
    const auto& executed = results.back();
    if (executed.is_error()) co_return error_line(executed);
    if (executed.type == Reply::Type::nothing) continue;  // a watched key changed; look again
    const auto& first = executed.elements.at(0);
    if (first.is_error()) co_return wrapped(error_line(first));
    co_return wrapped(fmt::format(":{}\r\n", first.integer));
  }
  throw Failure(Kind::disconnected, fmt::format("write for Ray at {}: its keys change all the time",
                                                connection.peer()));
}

}  // namespace raykeep::redis
