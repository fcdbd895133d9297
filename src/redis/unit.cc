#include "redis/unit.h"

#include <fmt/format.h>

namespace raykeep::redis {

std::string done_field(int lane, std::uint64_t sequence) {
  return fmt::format("{}:{}", lane, sequence % most_in_flight);
}

void append_unit(std::string& out, const Unit& unit, const Scripts& scripts, const Keyspace& keys,
                 const std::string& token, int lane) {
  if (unit.handling == Handling::read) {
    out += unit.requests.front().bytes;
    return;
  }
  std::size_t arguments = 9;
  for (const auto& request : unit.requests) arguments += 1 + request.size();
  append_header(out, arguments);
  append_argument(out, "EVALSHA");
  append_argument(out, scripts.write);
  append_argument(out, "0");
  append_argument(out, keys.epoch());
  append_argument(out, keys.done(parse_token(token).epoch));
  append_argument(out, token);
  append_argument(out, done_field(lane, unit.sequence));
  append_argument(out, std::to_string(unit.sequence));
  append_argument(out, std::to_string(unit.requests.size()));
  for (const auto& request : unit.requests) {
    append_argument(out, std::to_string(request.size()));
    // The arguments are already written as RESP wants them: all that follows the request's own
    // header.
    auto header = request.bytes.find('\n') + 1;
    out += std::string_view(request.bytes).substr(header);
  }
}

std::optional<std::string_view> replies_of(std::string_view reply, std::size_t count) {
  auto header = fmt::format("*{}\r\n", count);
  if (!reply.starts_with(header)) return std::nullopt;
  return reply.substr(header.size());
}

}  // namespace raykeep::redis
