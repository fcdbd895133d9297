// For tests: a Redis, a relay, a road and Ray's connection to it.
#pragma once

#include "redis/testing.h"
#include "redis/testing_relay.h"

namespace raykeep::redis::testing {

inline const Reply pong{.type = Reply::Type::status, .text = "PONG"};
inline Reply number(std::int64_t value) { return {.type = Reply::Type::integer, .integer = value}; }
inline Reply text(std::string value) {
  return {.type = Reply::Type::text, .text = std::move(value)};
}

/// This process' resident memory in bytes.
std::size_t memory_in_use();

struct RoadWish {
  FenceMode mode = FenceMode::script;  // transaction: the server's ACL forbids scripts
  std::vector<std::string> server_options = {};
  std::function<void(RoadOptions&)> change = {};
};

/// The road goes to Redis by way of the relay.
struct RoadFixture {
  explicit RoadFixture(RoadWish wish = {});

  Reply ask(std::vector<std::string> arguments) { return world.ask(*ray, std::move(arguments)); }
  /// Of Redis itself, past the road.
  Reply direct(std::vector<std::string> arguments);
  RoadState state() { return (*road)->state(); }
  int port() { return (*road)->port(); }
  RoadOptions options(std::string pod_uid) const;

  RoadWish wish;
  Server server;
  World world;
  Relay relay;
  std::unique_ptr<RunningRoad> road;
  std::unique_ptr<Connection> ray;
};

}  // namespace raykeep::redis::testing
