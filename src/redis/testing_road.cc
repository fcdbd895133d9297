#include "redis/testing_road.h"

#include <unistd.h>

#include <fstream>

#include "redis/acl.h"

namespace raykeep::redis::testing {
namespace {

constexpr char password[] = "open sesame";

std::vector<std::string> with_user(std::vector<std::string> options, FenceMode mode) {
  // In redis.conf a password with a blank cannot be written; its SHA-256 can: "printf 'open sesame'
  // | sha256sum".
  options.push_back(acl_line("ray", "test", mode) +
                    " #41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb");
  return options;
}

Server& started(Server& server) {
  server.start();
  return server;
}

}  // namespace

std::size_t memory_in_use() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

RoadFixture::RoadFixture(RoadWish w)
    : wish(std::move(w)),
      server(with_user(wish.server_options, wish.mode)),
      relay(world, started(server).port()) {
  road = std::make_unique<RunningRoad>(world, options("uid-1"));
  ray = world.dial(port());
}

RoadOptions RoadFixture::options(std::string pod_uid) const {
  auto made = road_to(server, std::move(pod_uid));
  made.upstream.addresses = {relay.address()};
  made.upstream.user_file = server.folder().write("user", "ray\n");
  made.upstream.password_file = server.folder().write("password", std::string(password) + "\n");
  if (wish.change) wish.change(made);
  return made;
}

Reply RoadFixture::direct(std::vector<std::string> arguments) {
  auto connection = world.dial(server.port());
  return world.ask(*connection, std::move(arguments));
}

}  // namespace raykeep::redis::testing
