#include "redis/lease_transaction.h"

#include <fmt/format.h>

namespace raykeep::redis {
namespace {

using Kind = Failure::Kind;
using Requests = std::vector<std::vector<std::string>>;

// Only heads contend here, and each changes something once a second: more rounds than this mean
// that something else is wrong.
constexpr int most_rounds = 20;

std::string milliseconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

/// The replies, of which none is an error.
awaitable<std::vector<Reply>> ask_all(Connection& connection, Requests requests, std::string doing,
                                      Deadline until) {
  auto replies = co_await connection.ask_all(std::move(requests), until);
  for (const auto& reply : replies) {
    if (reply.is_error() && reply.code() != "EXECABORT")
      throw refusal(reply, doing, connection.peer());
  }
  co_return replies;
}

/// What the keys hold now, and watched from now on.
awaitable<std::vector<Reply>> watch(Connection& connection, std::vector<std::string> keys,
                                    std::string doing, Deadline until) {
  Requests requests;
  requests.push_back({"WATCH"});
  for (const auto& key : keys) requests.back().push_back(key);
  for (const auto& key : keys) requests.push_back({"GET", key});
  auto replies = co_await ask_all(connection, std::move(requests), std::move(doing), until);
  replies.erase(replies.begin());
  co_return replies;
}

/// True when it was done, false when a watched key had changed.
awaitable<bool> execute(Connection& connection, Requests requests, std::string doing,
                        Deadline until) {
  requests.insert(requests.begin(), {"MULTI"});
  requests.push_back({"EXEC"});
  auto replies = co_await ask_all(connection, std::move(requests), std::move(doing), until);
  co_return replies.back().type != Reply::Type::nothing;
}

bool is_nothing(const Reply& reply) { return reply.type == Reply::Type::nothing; }

Failure contended(const std::string& doing, const std::string& peer) {
  return Failure(Kind::disconnected,
                 fmt::format("{} at {}: its keys change all the time", doing, peer));
}

}  // namespace

awaitable<Acquired> acquire_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                           std::string random, Deadline until) {
  const std::string doing = "take the lease";
  for (int round = 0; round < most_rounds; ++round) {
    auto now = co_await watch(connection, {keys.epoch(), keys.lease()}, doing, until);
    const auto& lease = now[1];
    if (!is_nothing(lease) && parse_token(lease.text).pod_uid != claim.pod_uid) {
      Requests look{{"UNWATCH"}, {"PTTL", keys.lease()}};
      auto replies = co_await ask_all(connection, std::move(look), doing, until);
      co_return Acquired{.holder = lease.text,
                         .expires_in = std::chrono::milliseconds(replies[1].integer)};
    }
    auto before = parse_token(is_nothing(now[0]) ? lease.text : now[0].text).epoch;
    auto token = fmt::format("{}:{}:{}", before + 1, claim.pod_uid, random);
    Requests change{{"SET", keys.epoch(), token},
                    {"SET", keys.lease(), lease_text(claim, token), "PX", milliseconds(claim.ttl)}};
    if (before > 0) change.push_back({"DEL", keys.done(before)});
    bool done = co_await execute(connection, std::move(change), doing, until);
    if (done) co_return Acquired{.taken = true, .token = token};
  }
  throw contended(doing, connection.peer());
}

awaitable<Renewed> renew_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                        std::string token, Deadline until) {
  const std::string doing = "renew the lease";
  for (int round = 0; round < most_rounds; ++round) {
    auto now = co_await watch(connection, {keys.epoch(), keys.lease()}, doing, until);
    bool other_lease = !is_nothing(now[1]) && now[1].text != lease_text(claim, token);
    bool other_owner = !is_nothing(now[0]) && now[0].text != token;
    if (other_lease || other_owner) {
      Requests unwatch{{"UNWATCH"}};
      co_await ask_all(connection, std::move(unwatch), doing, until);
      co_return Renewed{.outcome = Renewed::Outcome::fenced,
                        .holder = other_lease ? now[1].text : now[0].text};
    }
    bool lost = is_nothing(now[0]);
    Requests change{{"SET", keys.lease(), lease_text(claim, token), "PX", milliseconds(claim.ttl)}};
    if (lost) change.push_back({"SET", keys.epoch(), token});
    bool done = co_await execute(connection, std::move(change), doing, until);
    if (done)
      co_return Renewed{.outcome =
                            lost ? Renewed::Outcome::storage_lost : Renewed::Outcome::renewed};
  }
  throw contended(doing, connection.peer());
}

awaitable<void> release_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                       std::string token, Deadline until) {
  const std::string doing = "give the lease back";
  auto now = co_await watch(connection, {keys.lease()}, doing, until);
  if (now[0].text != lease_text(claim, token)) co_return;
  Requests change{{"DEL", keys.lease()}};
  co_await execute(connection, std::move(change), doing,
                   until);  // false: someone else's by now, so it is not ours to delete
}

}  // namespace raykeep::redis
