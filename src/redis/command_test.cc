#include "redis/command.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "redis/write_transaction.h"

namespace raykeep::redis {
namespace {

Request request(std::vector<std::string_view> arguments) {
  RequestReader reader;
  reader.feed(encode(arguments));
  return **reader.next();
}

TEST(Command, TableIsSortedAndInUpperCase) {
  EXPECT_TRUE(std::ranges::is_sorted(commands(), {}, &Command::name));
  for (const auto& command : commands()) {
    EXPECT_TRUE(std::ranges::none_of(command.name, [](char c) { return c >= 'a' && c <= 'z'; }));
  }
}

TEST(Command, IsJudged) {
  const Keyspace keys("ns");
  const struct {
    std::vector<std::string_view> arguments;
    Handling handling;
    std::string reply;
  } cases[] = {
      {{"HGET", "RAYns@KV", "f"}, Handling::read, ""},
      {{"hget", "RAYns@KV", "f"}, Handling::read, ""},
      {{"HSET", "RAYns@KV", "f", "v"}, Handling::write, ""},
      {{"UNLINK", "RAYns@A", "RAYns@B"}, Handling::write, ""},
      {{"SCAN", "0", "MATCH", "RAYns@*"}, Handling::read, ""},
      {{"INFO", "SENTINEL"}, Handling::read, ""},
      {{"PING"}, Handling::answer, "+PONG\r\n"},
      {{"PING", "hi"}, Handling::answer, "$2\r\nhi\r\n"},
      {{"AUTH", "user", "x"}, Handling::answer, "+OK\r\n"},
      {{"DEL", "DUMMY"}, Handling::answer, ":0\r\n"},
      {{"QUIT"}, Handling::close, "+OK\r\n"},
      {{"DEL", "RAYns@A", "DUMMY"}, Handling::answer, "-ERR raykeep: DEL on the key \"DUMMY\""},
      {{"HGET", "RAYnsx@KV", "f"}, Handling::answer, "-ERR raykeep: HGET on the key"},
      {{"HSET", "RAYns@RAYKEEP:LEASE", "f", "v"},
       Handling::answer,
       "-ERR raykeep: HSET on the key"},
      {{"UNLINK", "RAYns@A", "RAYns@RAYKEEP:EPOCH"},
       Handling::answer,
       "-ERR raykeep: UNLINK on the key"},
      {{"HGET"}, Handling::answer, "-ERR wrong number of arguments"},
      {{"EVAL", "x", "0"},
       Handling::answer,
       "-ERR raykeep: the road to Redis does not carry the command \"EVAL\""},
      {{"HELLO", "3"}, Handling::answer, "-ERR raykeep: the road to Redis does not carry"},
      {{"MULTI"}, Handling::answer, "-ERR raykeep: the road to Redis does not carry"},
      {{""}, Handling::answer, "-ERR raykeep: the road to Redis does not carry"},
  };
  for (const auto& c : cases) {
    auto judgement = judge(request(c.arguments), keys);
    EXPECT_EQ(judgement.handling, c.handling) << c.arguments[0];
    EXPECT_TRUE(judgement.reply.starts_with(c.reply)) << judgement.reply;
    EXPECT_EQ(judgement.reply.empty(), c.reply.empty()) << judgement.reply;
  }
}

TEST(Keyspace, NamesArePersisted) {
  const Keyspace keys("4f1c");
  EXPECT_EQ(keys.prefix(), "RAY4f1c@");
  EXPECT_EQ(keys.epoch(), "RAY4f1c@RAYKEEP:EPOCH");
  EXPECT_EQ(keys.lease(), "RAY4f1c@RAYKEEP:LEASE");
  EXPECT_EQ(keys.done(7), "RAY4f1c@RAYKEEP:DONE:7");
  EXPECT_EQ(keys.pattern(), "RAY4f1c@*");
  EXPECT_EQ(Keyspace("a*[b]?\\").pattern(), "RAYa\\*\\[b\\]\\?\\\\@*");
}

TEST(Forecast, ForetellsTheReply) {
  auto count = [](std::int64_t n) { return Reply{.type = Reply::Type::integer, .integer = n}; };
  auto text = [](std::string t) { return Reply{.type = Reply::Type::text, .text = std::move(t)}; };
  const Reply wrong{.type = Reply::Type::error, .text = "WRONGTYPE no"};
  const struct {
    std::vector<std::string_view> write;
    std::size_t questions;
    std::vector<Reply> answers;
    std::string reply;
  } cases[] = {
      {{"HSET", "k", "a", "1", "b", "2"}, 2, {count(1), count(0)}, ":1\r\n"},
      {{"HSET", "k", "a", "1", "a", "2"}, 1, {count(0)}, ":1\r\n"},
      {{"hsetnx", "k", "a", "1"}, 1, {count(0)}, ":1\r\n"},
      {{"HSETNX", "k", "a", "1"}, 1, {count(1)}, ":0\r\n"},
      {{"HDEL", "k", "a", "b", "a"}, 2, {count(1), count(1)}, ":2\r\n"},
      {{"DEL", "k", "l", "k"}, 2, {count(1), count(0)}, ":1\r\n"},
      {{"INCRBY", "k", "5"}, 1, {text("37")}, ":42\r\n"},
      {{"INCRBY", "k", "-5"}, 1, {Reply{}}, ":-5\r\n"},
      {{"INCRBY", "k", "1"}, 1, {text("9223372036854775807")}, ""},
      {{"INCRBY", "k", "x"}, 1, {text("1")}, ""},
      {{"INCRBY", "k", "1"}, 1, {text("no")}, ""},
      {{"INCRBY", "k", "1"}, 1, {wrong}, "-WRONGTYPE no\r\n"},
  };
  for (const auto& c : cases) {
    auto write = request(c.write);
    EXPECT_EQ(forecast_for(write).questions.size(), c.questions) << c.write[0];
    EXPECT_EQ(foretold(write, c.answers), c.reply) << c.write[0];
  }
}

}  // namespace
}  // namespace raykeep::redis
