#include "kube/lease.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace raykeep::kube {
namespace {

/// metav1.MicroTime. For people: nothing is decided by it.
std::string micro_time() {
  auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  auto second = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (now - second).count());
}

std::int64_t number(const doc::Value& lease, std::string_view member) {
  const doc::Value* found = doc::find(lease, {"spec", member});
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

Lease::Lease(Client& client, const Clock& clock, LeaseOptions options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      ref_{{"coordination.k8s.io/v1", "Lease"}, options_.ns, options_.name} {}

doc::Object Lease::spec(std::int64_t transitions) const {
  auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.duration).count();
  std::string now = micro_time();
  return {{"holderIdentity", options_.identity},
          {"leaseDurationSeconds", seconds},
          {"acquireTime", now},
          {"renewTime", now},
          {"leaseTransitions", transitions}};
}

awaitable<void> Lease::create(Deadline until) {
  const Instant asked = clock_.now();
  doc::Object object{{"apiVersion", ref_.kind.api_version},
                     {"kind", ref_.kind.kind},
                     {"metadata", doc::Object{{"name", ref_.name}, {"namespace", ref_.ns}}},
                     {"spec", spec(0)}};
  std::optional<doc::Value> made = co_await client_.create(std::move(object), until);
  if (!made) co_return;  // another was quicker; the next attempt sees who
  holder_ = options_.identity;
  won(asked);
}

awaitable<void> Lease::take(doc::Value lease, bool renewal, Deadline until) {
  const Instant asked = clock_.now();
  std::int64_t transitions = number(lease, "leaseTransitions") + (renewal ? 0 : 1);
  doc::Object taken = spec(transitions);
  if (renewal) taken["acquireTime"] = std::string(doc::find_string(lease, {"spec", "acquireTime"}));
  lease.as_object()["spec"] = std::move(taken);
  // With the resourceVersion that we saw: of two who try at once, one gets nothing.
  std::optional<doc::Value> replaced = co_await client_.replace(std::move(lease), until);
  if (!replaced) {
    if (!renewal) lost();
    co_return;
  }
  holder_ = options_.identity;
  won(asked);
}

awaitable<void> Lease::attempt(Deadline until) {
  std::optional<doc::Value> found = co_await client_.find(ref_, until);
  if (!found) {
    lost();
    co_await create(until);
    co_return;
  }
  holder_ = doc::find_string(*found, {"spec", "holderIdentity"});
  std::string version(doc::find_string(*found, {"metadata", "resourceVersion"}));
  if (version != seen_) {
    seen_ = version;
    seen_at_ = clock_.now();
  }
  const bool mine = holder_ == options_.identity;
  if (!mine) lost();
  const Duration patience = std::chrono::seconds(number(*found, "leaseDurationSeconds"));
  if (!mine && !holder_.empty() && clock_.now() < seen_at_ + patience) co_return;
  co_await take(std::move(*found), mine, until);
}

awaitable<void> Lease::release(Deadline until) {
  const bool ours = is_ours();
  lost();
  if (!ours) co_return;
  std::optional<doc::Value> found = co_await client_.find(ref_, until);
  if (!found || doc::find_string(*found, {"spec", "holderIdentity"}) != options_.identity)
    co_return;
  doc::Object& spec = found->as_object()["spec"].as_object();
  spec["holderIdentity"] = "";
  spec["leaseDurationSeconds"] = 1;
  spec["renewTime"] = micro_time();
  co_await client_.replace(std::move(*found), until);
}

}  // namespace raykeep::kube
