#include "ray/health.h"

#include <fmt/format.h>

#include "health.pb.h"

namespace raykeep::ray {

namespace health = ::grpc::health::v1;

Probe health_of(const RpcAnswer& answer, std::string_view who) {
  if (answer.answer != Answer::serving)
    return {answer.answer, fmt::format("{}: {}", who, answer.text)};
  health::HealthCheckResponse reply;
  if (!reply.ParseFromString(answer.reply)) {
    return {Answer::nonsense, fmt::format("{}: its health answer cannot be read", who)};
  }
  if (reply.status() == health::HealthCheckResponse::SERVING) return {Answer::serving};
  return {Answer::not_serving, fmt::format("{}: it says that it does not serve", who)};
}

boost::asio::awaitable<Probe> ask_health(RpcChannel& channel, std::string who, Deadline until) {
  auto start = channel.clock().now();
  RpcCall call{"/grpc.health.v1.Health/Check", {}, false};
  auto answer = co_await channel.call(std::move(call), until);
  auto probe = health_of(answer, fmt::format("{} {}", who, channel.name()));
  probe.took = channel.clock().now() - start;
  co_return probe;
}

}  // namespace raykeep::ray
