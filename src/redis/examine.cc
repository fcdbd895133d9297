#include "redis/examine.h"

namespace raykeep::redis {

awaitable<Examination> examine(boost::asio::any_io_executor executor, const Clock& clock,
                               Upstream upstream, std::string storage_namespace, Deadline until) {
  auto connection = co_await connect(executor, clock, std::move(upstream), until);
  auto scripts = co_await load_scripts(*connection, until);
  Examination found{.server = connection->peer(),
                    .facts = connection->facts,
                    .concerns = concerns(connection->facts, connection->shards),
                    .fence_mode = scripts.mode};
  Keyspace keys(std::move(storage_namespace));
  std::vector<std::vector<std::string>> questions{
      {"GET", keys.epoch()}, {"GET", keys.lease()}, {"PTTL", keys.lease()}};
  auto answers = co_await connection->ask_all(std::move(questions), until);
  for (const auto& answer : answers) {
    if (answer.is_error()) throw refusal(answer, "read the lease", connection->peer());
  }
  if (answers[0].type == Reply::Type::text) found.owner = parse_token(answers[0].text);
  if (answers[1].type == Reply::Type::text) {
    found.holder = parse_token(answers[1].text);
    found.expires_in = std::chrono::milliseconds(std::max<std::int64_t>(answers[2].integer, 0));
  }
  co_return found;
}

}  // namespace raykeep::redis
