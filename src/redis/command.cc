#include "redis/command.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {
namespace {

using enum Handling;

constexpr Command table[] = {
    // Ray sends AUTH only when it was given a password, which it need not be: what we know
    // ourselves is enough.
    {.name = "AUTH", .handling = answer},
    {.name = "DEL", .handling = write, .first_key = 1, .many_keys = true},
    {.name = "EXISTS", .handling = read, .first_key = 1, .many_keys = true},
    {.name = "HDEL", .handling = write, .first_key = 1},
    {.name = "HEXISTS", .handling = read, .first_key = 1},
    {.name = "HGET", .handling = read, .first_key = 1},
    {.name = "HGETALL", .handling = read, .first_key = 1},
    {.name = "HKEYS", .handling = read, .first_key = 1},
    {.name = "HLEN", .handling = read, .first_key = 1},
    {.name = "HMGET", .handling = read, .first_key = 1},
    {.name = "HSCAN", .handling = read, .first_key = 1},
    {.name = "HSET", .handling = write, .first_key = 1},
    {.name = "HSETNX", .handling = write, .first_key = 1},
    {.name = "INCRBY", .handling = write, .first_key = 1},
    {.name = "INFO", .handling = read},
    // Its answer says that the road stands, which is all that Ray can do about it: it ends itself
    // when none comes.
    {.name = "PING", .handling = answer},
    {.name = "QUIT", .handling = close},
    {.name = "SCAN", .handling = read},
    {.name = "UNLINK", .handling = write, .first_key = 1, .many_keys = true},
};

constexpr std::size_t longest_name = 14;  // so that upper()'s result needs no memory of its own

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return out;
}

Judgement answered(std::string reply) { return {.handling = answer, .reply = std::move(reply)}; }

std::string bulk(std::string_view text) { return fmt::format("${}\r\n{}\r\n", text.size(), text); }

/// Ray deletes the key DUMMY to learn from a "MOVED" who leads a Redis Cluster (redis_context.cc).
/// We are asked, and we are where it moved to.
bool is_leader_probe(const Request& request) {
  return request.size() == 2 && request.argument(1) == "DUMMY";
}

Judgement answer_to(std::string_view name, const Request& request) {
  if (name == "PING") return answered(request.size() > 1 ? bulk(request.argument(1)) : "+PONG\r\n");
  return answered("+OK\r\n");
}

}  // namespace

std::span<const Command> commands() { return table; }

Judgement judge(const Request& request, const Keyspace& keys) {
  const auto name = upper(request.argument(0).substr(0, longest_name + 1));
  auto found = std::ranges::lower_bound(table, name, {}, &Command::name);
  if (found == std::end(table) || found->name != name) {
    return answered(
        error_reply(fmt::format("raykeep: the road to Redis does not carry the command {}",
                                quoted(request.argument(0), 32))));
  }
  if (found->handling == close) return {.handling = close, .reply = "+OK\r\n"};
  if (found->handling == answer) return answer_to(name, request);
  if (name == "DEL" && is_leader_probe(request)) return answered(":0\r\n");
  if (found->first_key > 0) {
    auto first = static_cast<std::size_t>(found->first_key);
    if (request.size() <= first) {
      return answered(error_reply(fmt::format("wrong number of arguments for '{}' command", name)));
    }
    auto last = found->many_keys ? request.size() - 1 : first;
    for (auto i = first; i <= last; ++i) {
      if (!keys.is_rays(request.argument(i))) {
        return answered(error_reply(
            fmt::format("raykeep: {} on the key {}, which is not in this cluster's namespace {}",
                        name, quoted(request.argument(i)), quoted(keys.prefix()))));
      }
    }
  }
  return {.handling = found->handling, .reply = {}};
}

}  // namespace raykeep::redis
