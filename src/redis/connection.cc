#include "redis/connection.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {

using Kind = Failure::Kind;

awaitable<Reply> Connection::ask(std::vector<std::string> arguments, Deadline until) {
  std::vector<std::vector<std::string>> requests;
  requests.push_back(std::move(arguments));
  auto answered = co_await ask_all(std::move(requests), until);
  co_return std::move(answered.front());
}

awaitable<std::vector<Reply>> Connection::ask_all(std::vector<std::vector<std::string>> requests,
                                                  Deadline until) {
  std::string bytes;
  for (const auto& arguments : requests) {
    append_header(bytes, arguments.size());
    for (const auto& argument : arguments) append_argument(bytes, argument);
  }
  co_await stream_->write(bytes, until);
  std::vector<Reply> answered;
  while (answered.size() < requests.size()) {
    auto found = co_await read_reply(until);
    auto reply = parse_reply(found);
    if (!reply)
      throw Failure(Kind::bug, fmt::format("a reply of {}: {}", peer(), reply.error().text));
    answered.push_back(*std::move(reply));
  }
  co_return answered;
}

awaitable<std::string> Connection::exchange(std::string bytes, Deadline until) {
  co_await stream_->write(bytes, until);
  auto reply = co_await read_reply(until);
  co_return reply;
}

awaitable<std::string> Connection::read_reply(Deadline until) {
  char buffer[16 * 1024];
  for (;;) {
    auto found = replies_.next();
    if (!found) {
      throw Failure(Kind::invalid, fmt::format("{} does not speak Redis' protocol: {}", peer(),
                                               found.error().text));
    }
    if (*found) co_return std::string(**found);
    auto count = co_await stream_->read_some(buffer, sizeof buffer, until);
    if (count == 0)
      throw Failure(Kind::disconnected, fmt::format("{} closed the connection", peer()));
    replies_.feed({buffer, count});
  }
}

bool is_passing(std::string_view code) {
  static constexpr std::string_view codes[] = {
      "BUSY", "CLUSTERDOWN", "LOADING",  "MASTERDOWN", "MISCONF", "NOREPLICAS", "NOSCRIPT",
      "OOM",  "READONLY",    "TRYAGAIN", "MOVED",      "ASK",     "CROSSSLOT"};
  return std::ranges::find(codes, code) != std::end(codes);
}

std::string fenced_by(const Reply& reply) {
  constexpr std::string_view before = "FENCED ";
  return reply.text.starts_with(before) ? reply.text.substr(before.size()) : "";
}

namespace {

/// Before Redis 7 an error that a script met is told as "ERR Error running script (...):
/// @user_script:2: @user_script: 2: -READONLY You can't write ...".
std::string_view code_within(const Reply& reply) {
  constexpr std::string_view before = ": -";
  std::string_view text = reply.text;
  std::size_t at = text.starts_with("ERR Error running script") ? text.rfind(before) : text.npos;
  if (at == text.npos) return reply.code();
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(' '));
}

}  // namespace

Failure refusal(const Reply& reply, const std::string& doing, const std::string& peer) {
  auto code = code_within(reply);
  // "unknown command 'AUTH', with args beginning with: ..." would show the password.
  std::string_view said = reply.text;
  said = said.substr(0, said.find(", with args"));
  auto text = fmt::format("{} at {}: {}", doing, peer, quoted(said, 200));
  if (code == "WRONGPASS") {
    return Failure(Kind::denied,
                   text + "; the user or password in the Secret is not what this Redis knows");
  }
  if (code == "NOAUTH") {
    return Failure(
        Kind::denied,
        text + "; it wants a password, and none is configured: set redis.passwordSecret");
  }
  if (reply.text.contains("without any password configured")) {
    return Failure(
        Kind::denied,
        text + "; this Redis has no password: set one there, or take redis.passwordSecret away");
  }
  if (code == "NOPERM") {
    return Failure(
        Kind::denied,
        text + "; the ACL user has too few rights: `raykeep site redis-acl` prints what it needs");
  }
  if (code == "DENIED") {
    return Failure(Kind::denied, text + "; set a password there, or protected-mode no");
  }
  // The last of the three is what a script hears.
  if (code == "MOVED" || code == "CROSSSLOT" || reply.text.contains("non local key")) {
    return Failure(Kind::invalid,
                   text + "; it is a Redis Cluster of several shards, which Ray cannot use");
  }
  if (code == "OOM") {
    return Failure(Kind::overloaded, text + "; raise its maxmemory");
  }
  if (code == "MISCONF") {
    return Failure(Kind::overloaded, text + "; its disk refuses what it must save there");
  }
  if (reply.text.contains("max number of clients")) {
    return Failure(Kind::overloaded, text + "; raise its maxclients");
  }
  return Failure(is_passing(code) ? Kind::disconnected : Kind::invalid, text);
}

}  // namespace raykeep::redis
