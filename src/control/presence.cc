#include "control/presence.h"

#include "control/fields.h"
#include "control/persisted.h"
#include "control/timestamp.h"

namespace raykeep::control {
namespace {

constexpr Duration between_looks = std::chrono::milliseconds(400);

awaitable<std::optional<doc::Value>> find_lease(const Access& access, std::string ns) {
  kube::Ref lease{{"coordination.k8s.io/v1", "Lease"}, ns, std::string(controller_name)};
  try {
    std::optional<doc::Value> found = co_await access.client.find(lease, access.request());
    co_return found;
  } catch (const Failure& failure) {
    if (failure.kind() != Failure::Kind::denied) throw;
  }
  co_return std::nullopt;
}

std::string holder_of(const doc::Value& lease) {
  return std::string(doc::find_string(lease, {"spec", "holderIdentity"}));
}

}  // namespace

awaitable<bool> controller_is_gone(const Access& access, std::string ns) {
  std::optional<doc::Value> lease = co_await find_lease(access, ns);
  if (!lease) co_return false;
  std::optional<WallTime> renewed = parse_time(doc::find_string(*lease, {"spec", "renewTime"}));
  co_return renewed&& std::chrono::system_clock::now() - *renewed > std::chrono::minutes(1);
}

awaitable<std::optional<std::string>> controller_in(const Access& access, std::string ns,
                                                    Duration patience) {
  const Deadline until = Deadline::after(access.clock, patience);
  std::string version;
  for (;;) {
    std::optional<doc::Value> lease = co_await find_lease(access, ns);
    if (!lease || holder_of(*lease).empty()) co_return std::nullopt;
    if (!version.empty() && version != resource_version_of(*lease)) co_return holder_of(*lease);
    version = resource_version_of(*lease);
    if (until.passed(access.clock)) co_return std::nullopt;
    co_await pause(between_looks);
  }
}

}  // namespace raykeep::control
