// Any bytes, as requests and as replies: the readers find the same in them however they are cut,
// what they find is well formed, and what the road answers by itself is a reply. The first byte
// says how the rest is cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/text.h"
#include "redis/command.h"
#include "redis/health.h"
#include "redis/lease.h"
#include "redis/write_transaction.h"

namespace {

using namespace raykeep::redis;

// Small, so that the limits are met, too.
constexpr Limits limits{.arguments = 64, .bytes = 1024, .whole = 4096, .depth = 4};

void require(bool holds, std::string_view what, std::string_view shown) {
  if (holds) return;
  std::cerr << "broken: " << what << ": " << raykeep::quoted(shown, 2000) << '\n';
  std::abort();
}

/// What a reader finds, each as bytes, and at the end "error" if it ends with one.
template <class Reader, class See>
std::vector<std::string> find_all(std::string_view bytes, std::size_t piece, See see) {
  Reader reader(limits);
  std::vector<std::string> found;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto next = reader.next();
      if (!next) {
        require(!next.error().text.empty(), "an error says something", bytes);
        found.push_back("error");
        return found;
      }
      if (!*next) break;
      found.push_back(see(**next));
    }
  }
  return found;
}

std::string see_request(const Request& request) {
  require(request.size() > 0, "a request has a name", request.bytes);
  std::vector<std::string_view> arguments;
  for (std::size_t i = 0; i < request.size(); ++i) arguments.push_back(request.argument(i));
  auto again = encode(arguments);
  auto judgement = judge(request, Keyspace("ns"));
  bool local = judgement.handling == Handling::answer || judgement.handling == Handling::close;
  require(local == !judgement.reply.empty(), "who answers is clear", request.bytes);
  if (local)
    require(parse_reply(judgement.reply).has_value(), "an answer is one reply", judgement.reply);
  if (judgement.handling == Handling::write) {
    auto forecast = forecast_for(request);
    std::vector<Reply> none(forecast.questions.size(), Reply{.type = Reply::Type::integer});
    auto reply = foretold(request, none);
    require(reply.empty() || parse_reply(reply).has_value(), "a forecast is one reply", reply);
  }
  return again;
}

std::string see_reply(std::string_view bytes) {
  auto reply = parse_reply(bytes, limits);
  require(reply.has_value(), "a reply that was found is understood", bytes);
  require(reply->is_error() == bytes.starts_with('-'), "an error is an error", bytes);
  if (reply->is_error())
    require(reply->code() == error_code(bytes), "an error has one first word", bytes);
  return std::string(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto piece = static_cast<std::size_t>(data[0]) + 1;
  auto whole = std::max<std::size_t>(bytes.size(), 1);
  require(find_all<RequestReader>(bytes, piece, see_request) ==
              find_all<RequestReader>(bytes, whole, see_request),
          "requests do not depend on how they are cut", bytes);
  require(find_all<ReplyReader>(bytes, piece, see_reply) ==
              find_all<ReplyReader>(bytes, whole, see_reply),
          "replies do not depend on how they are cut", bytes);
  parse_info(bytes);
  parse_token(bytes);
  return 0;
}
