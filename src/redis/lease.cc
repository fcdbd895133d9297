#include "redis/lease.h"

#include <charconv>
#include <random>

#include <fmt/format.h>

#include "base/text.h"
#include "redis/lease_transaction.h"
#include "redis/scripts.h"

namespace raykeep::redis {
namespace {

std::string milliseconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

/// EVALSHA with all keys as arguments (scripts.h).
std::vector<std::string> call(const std::string& sha, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"EVALSHA", sha, "0"});
  return arguments;
}

std::string random_text() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

/// True when the server will never run scripts for us: the ACL forbids them, or they were renamed
/// away.
bool refuses_scripts(const Reply& reply) {
  return reply.code() == "NOPERM" || reply.text.contains("unknown command") ||
         reply.text.contains("unknown subcommand");
}

}  // namespace

std::string lease_text(const Claim& claim, const std::string& token) {
  return token + " " + claim.holder_name;
}

Token parse_token(std::string_view text) {
  Token token;
  auto parts = split(text.substr(0, text.find(' ')), ':');
  std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), token.epoch);
  if (parts.size() > 1) token.pod_uid = parts[1];
  if (auto space = text.find(' '); space != text.npos) token.holder_name = text.substr(space + 1);
  return token;
}

awaitable<Scripts> load_scripts(Connection& connection, Deadline until) {
  std::vector<std::vector<std::string>> requests;
  for (auto script : {acquire_script, renew_script, release_script, write_script}) {
    requests.push_back({"SCRIPT", "LOAD", std::string(script)});
  }
  // Loading may be allowed and running not; a script that does nothing tells.
  requests.push_back({"EVALSHA", std::string(40, '0'), "0"});
  auto replies = co_await connection.ask_all(std::move(requests), until);
  for (const auto& reply : replies) {
    if (reply.code() == "NOSCRIPT") continue;
    if (reply.is_error() && refuses_scripts(reply))
      co_return Scripts{.mode = FenceMode::transaction};
    if (reply.is_error()) throw refusal(reply, "load the fence's scripts", connection.peer());
  }
  co_return Scripts{.mode = FenceMode::script,
                    .acquire = replies[0].text,
                    .renew = replies[1].text,
                    .release = replies[2].text,
                    .write = replies[3].text};
}

awaitable<Acquired> acquire_lease(Connection& connection, Scripts scripts, Keyspace keys,
                                  Claim claim, Deadline until) {
  auto random = random_text();
  if (scripts.mode == FenceMode::transaction) {
    auto acquired = co_await acquire_by_transaction(connection, std::move(keys), std::move(claim),
                                                    random, until);
    co_return acquired;
  }
  auto prefix = keys.done(0);
  prefix.pop_back();
  auto reply = co_await connection.ask(
      call(scripts.acquire, {keys.epoch(), keys.lease(), prefix, claim.pod_uid, random,
                             claim.holder_name, milliseconds(claim.ttl)}),
      until);
  if (reply.is_error()) throw refusal(reply, "take the lease", connection.peer());
  if (reply.elements.size() != 3)
    throw Failure(Failure::Kind::bug, "take the lease: the script's answer makes no sense");
  if (reply.elements[0].text == "taken")
    co_return Acquired{.taken = true, .token = reply.elements[1].text};
  co_return Acquired{.holder = reply.elements[1].text,
                     .expires_in = std::chrono::milliseconds(reply.elements[2].integer)};
}

awaitable<Renewed> renew_lease(Connection& connection, Scripts scripts, Keyspace keys, Claim claim,
                               std::string token, Deadline until) {
  if (scripts.mode == FenceMode::transaction) {
    auto renewed = co_await renew_by_transaction(connection, std::move(keys), std::move(claim),
                                                 std::move(token), until);
    co_return renewed;
  }
  auto reply = co_await connection.ask(
      call(scripts.renew,
           {keys.epoch(), keys.lease(), token, lease_text(claim, token), milliseconds(claim.ttl)}),
      until);
  if (reply.code() == "FENCED") {
    co_return Renewed{.outcome = Renewed::Outcome::fenced, .holder = fenced_by(reply)};
  }
  if (reply.is_error()) throw refusal(reply, "renew the lease", connection.peer());
  co_return Renewed{.outcome = reply.text == "lost" ? Renewed::Outcome::storage_lost
                                                    : Renewed::Outcome::renewed};
}

awaitable<void> release_lease(Connection& connection, Scripts scripts, Keyspace keys, Claim claim,
                              std::string token, Deadline until) {
  if (scripts.mode == FenceMode::transaction) {
    co_await release_by_transaction(connection, std::move(keys), std::move(claim), std::move(token),
                                    until);
    co_return;
  }
  auto reply = co_await connection.ask(
      call(scripts.release, {keys.lease(), lease_text(claim, token)}), until);
  if (reply.is_error()) throw refusal(reply, "give the lease back", connection.peer());
}

}  // namespace raykeep::redis
