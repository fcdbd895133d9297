#include "redis/resp.h"

#include <gtest/gtest.h>

namespace raykeep::redis {
namespace {

std::vector<std::string> arguments_of(const Request& request) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < request.size(); ++i) out.emplace_back(request.argument(i));
  return out;
}

using Lists = std::vector<std::vector<std::string>>;

/// All requests in `bytes`, which arrive in pieces of `piece` bytes; an error's text as the last
/// list.
Lists read_requests(std::string_view bytes, std::size_t piece, Limits limits = {}) {
  RequestReader reader(limits);
  Lists out;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto request = reader.next();
      if (!request) {
        out.push_back({request.error().text});
        return out;
      }
      if (!*request) break;
      out.push_back(arguments_of(**request));
    }
  }
  return out;
}

TEST(RequestReader, FindsRequestsInAnyPieces) {
  auto bytes = encode({"SET", "key", ""}) + "*0\r\n*-1\r\n" + encode({"PING"}) +
               encode({std::string_view("a\r\n\0b", 5)});
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(read_requests(bytes, piece),
              (Lists{{"SET", "key", ""}, {"PING"}, {std::string("a\r\n\0b", 5)}}))
        << piece;
  }
}

TEST(RequestReader, GivesTheBytesAsTheyCame) {
  RequestReader reader;
  auto first = encode({"GET", "a"}), second = encode({"GET", "bb"});
  reader.feed(first + second.substr(0, 5));
  EXPECT_EQ((**reader.next()).bytes, first);
  EXPECT_FALSE(reader.next()->has_value());
  reader.feed(second.substr(5));
  EXPECT_EQ((**reader.next()).bytes, second);
  EXPECT_EQ(reader.pending(), 0U);
}

TEST(RequestReader, RefusesWhatIsNoRequest) {
  Limits small{.arguments = 3, .bytes = 5, .whole = 30};
  const std::pair<std::string, std::string> cases[] = {
      {"PING\r\n", "should begin with \"*\""},
      {"*x\r\n", "where a number belongs"},
      {"*\r\n", "where a number belongs"},
      {"*1\n", "does not end with CR LF"},
      {"*1 \r\n", "where a number belongs"},
      {"*4\r\n", "beyond the limits"},
      {"*-2\r\n", "beyond the limits"},
      {"*99999999999999999999\r\n", "where a number belongs"},
      {"*1\r\n:5\r\n", "should begin with \"$\""},
      {"*1\r\n$-1\r\n", "beyond the limits"},
      {"*1\r\n$6\r\n", "beyond the limits"},
      {"*1\r\n$1\r\nabc", "does not end with CR LF"},
      {"*3\r\n$5\r\naaaaa\r\n$5\r\naaaaa\r\n$5\r\n", "more than 30 bytes"},
      {"*" + std::string(40, '1'), "a line of more than"},
  };
  for (const auto& [bytes, part] : cases) {
    for (std::size_t piece : {std::size_t{1}, bytes.size()}) {
      auto found = read_requests(bytes, piece, small);
      ASSERT_EQ(found.size(), 1U) << bytes;
      EXPECT_TRUE(found[0][0].contains(part)) << bytes << ": " << found[0][0];
    }
  }
}

std::vector<std::string> read_replies(std::string_view bytes, std::size_t piece,
                                      Limits limits = {}) {
  ReplyReader reader(limits);
  std::vector<std::string> out;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto reply = reader.next();
      if (!reply) {
        out.push_back(reply.error().text);
        return out;
      }
      if (!*reply) break;
      out.emplace_back(**reply);
    }
  }
  return out;
}

TEST(ReplyReader, FindsRepliesInAnyPieces) {
  std::vector<std::string> replies{"+OK\r\n",
                                   "-ERR no\r\n",
                                   ":-5\r\n",
                                   "$3\r\na\r\n\r\n",
                                   "$0\r\n\r\n",
                                   "$-1\r\n",
                                   "*-1\r\n",
                                   "*0\r\n",
                                   "*2\r\n$1\r\n0\r\n*3\r\n:1\r\n*0\r\n*1\r\n$-1\r\n",
                                   "+\r\n"};
  std::string bytes;
  for (const auto& reply : replies) bytes += reply;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(read_replies(bytes, piece), replies) << piece;
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
  Limits small{.arguments = 3, .bytes = 5, .whole = 30, .depth = 2};
  const std::pair<std::string, std::string> cases[] = {
      {"HTTP/1.1 400", "where a reply should begin"},
      {"_\r\n", "where a reply should begin"},  // RESP3
      {"%1\r\n+a\r\n+b\r\n", "where a reply should begin"},
      {":\r\n", "where a number belongs"},
      {":1.5\r\n", "where a number belongs"},
      {"$6\r\n", "beyond the limits"},
      {"$-2\r\n", "beyond the limits"},
      {"*4\r\n", "beyond the limits"},
      {"$1\r\nab\r\n", "does not end with CR LF"},
      {"+a\nb\r\n", "does not end with CR LF"},
      {"*1\r\n*1\r\n*1\r\n", "arrays within arrays"},
      {"*3\r\n$5\r\naaaaa\r\n$5\r\naaaaa\r\n$5\r\naaaaa\r\n", "more than 30 bytes"},
      {"*3\r\n*3\r\n+aaaa\r\n+aaaa\r\n+aaaa\r\n+aaaaaaa\r\n", "more than 30 bytes"},
      {"-" + std::string(70'000, 'x'), "a line of more than"},
  };
  for (const auto& [bytes, part] : cases) {
    for (std::size_t piece : {std::size_t{1}, bytes.size()}) {
      auto found = read_replies(bytes, piece, small);
      ASSERT_EQ(found.size(), 1U) << bytes.substr(0, 50);
      EXPECT_TRUE(found[0].contains(part)) << bytes.substr(0, 50) << ": " << found[0];
    }
  }
}

TEST(Reply, IsUnderstood) {
  using Type = Reply::Type;
  EXPECT_EQ(*parse_reply("+OK\r\n"), (Reply{.type = Type::status, .text = "OK"}));
  EXPECT_EQ(*parse_reply(":-12\r\n"), (Reply{.type = Type::integer, .integer = -12}));
  EXPECT_EQ(*parse_reply("$-1\r\n"), Reply{});
  EXPECT_EQ(*parse_reply("+a\rb\r\n"), (Reply{.type = Type::status, .text = "a\rb"}));
  auto array = *parse_reply("*2\r\n$1\r\n7\r\n*1\r\n-NOPERM no\r\n");
  EXPECT_EQ(array.elements[0].text, "7");
  EXPECT_EQ(array.elements[1].elements[0].code(), "NOPERM");
  EXPECT_EQ(array.code(), "");
  EXPECT_FALSE(parse_reply("+OK\r\n+OK\r\n"));
  EXPECT_FALSE(parse_reply("+OK"));
}

TEST(Reply, TellsAnErrorsFirstWord) {
  EXPECT_EQ(error_code("-READONLY You can't write\r\n"), "READONLY");
  EXPECT_EQ(error_code("-OOM\r\n"), "OOM");
  EXPECT_EQ(error_code("+OK\r\n"), "");
  for (auto strange : {"-E*1\r:1\r\n", "-\r \r\n", "-\r\n"}) {
    auto reply = parse_reply(strange);
    ASSERT_TRUE(reply) << strange;
    EXPECT_EQ(error_code(strange), reply->code()) << strange;
  }
  EXPECT_EQ(error_reply("a\r\nb"), "-ERR a  b\r\n");
}

}  // namespace
}  // namespace raykeep::redis
