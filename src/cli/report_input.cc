#include "cli/report_input.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "control/certificate_look.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/rights.h"
#include "control/status.h"
#include "report/certificates.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

report::RunningGroup running_group(const control::GroupStatus& group) {
  report::RunningGroup made{.name = group.name, .desired = group.desired, .ready = group.ready};
  for (const control::PodStatus& pod : group.pods)
    made.pods.push_back({.name = pod.name,
                         .stage = pod.stage,
                         .node = pod.node,
                         .ip = pod.ip,
                         .ready = pod.ready,
                         .restarts = pod.restarts});
  return made;
}

report::Running running_of(control::Observed observed) {
  const control::ClusterStatus status = control::status_of(observed);
  report::Running made;
  made.state = to_string(status.state);
  made.keeper = !status.conditions.empty();
  for (const control::GroupStatus& group : status.groups)
    made.groups.push_back(running_group(group));
  for (const control::Diagnosis& trouble : status.troubles)
    made.troubles.push_back(to_string(trouble));
  made.warnings = status.warnings;
  made.objects = std::move(observed.objects);
  made.pods = std::move(observed.pods);
  return made;
}

/// Policies add up: somebody else's may let through what ours do not.
awaitable<std::vector<doc::Value>> other_policies(const Access& access, std::string ns,
                                                  std::string cluster) {
  kube::List listed =
      co_await access.client.list(control::kinds::network_policy, ns, {}, access.request());
  std::erase_if(listed.items,
                [&](const doc::Value& each) { return control::is_ours(each, cluster); });
  co_return std::move(listed.items);
}

awaitable<std::vector<report::CertificateSeen>> certificates(
    const Access& access, std::string ns, std::vector<report::CertificatePlace> places,
    control::WallTime now) {
  std::vector<report::CertificateSeen> seen;
  for (const report::CertificatePlace& place : places) {
    const kube::Kind kind = place.config_map ? control::kinds::config_map : control::kinds::secret;
    control::CertificateLook look =
        co_await control::look_at_certificate(access, kind, ns, place.secret, place.key, now);
    seen.push_back({.secret = place.secret,
                    .key = place.key,
                    .subject = look.subject,
                    .issuer = look.issuer,
                    .not_after = look.not_after,
                    .names = look.names,
                    .days_left = look.days_left,
                    .problem = look.problem});
  }
  co_return seen;
}

}  // namespace

awaitable<LiveCluster> look_at_cluster(const Access& access, std::string ns, std::string cluster) {
  auto fail = [&](const std::string& text) { throw Failure(Failure::Kind::invalid, text); };
  control::Observed observed = co_await control::observe(access, ns, cluster, {});
  if (observed.empty())
    fail(fmt::format("there is no cluster {} of Raykeep's in namespace {}", quoted(cluster), ns));
  if (observed.owner() == nullptr)
    fail(fmt::format("cluster {} has no stored document; report on its files with -f", cluster));
  Result<control::StoredDocument> stored =
      control::stored_document(*observed.owner(), observed.cluster);
  if (!stored)
    fail(fmt::format("the stored document of {} cannot be used: {}", cluster, stored.error().text));
  LiveCluster live;
  live.stored = std::move(*stored);
  live.plan =
      plan::plan(live.stored.cluster, live.stored.site, {.ns = ns, .generation = "", .token = ""});
  live.at = control::time_text(observed.at);
  live.certificates = co_await certificates(
      access, ns, report::certificate_places(live.plan, live.stored.site), observed.at);
  live.running = running_of(std::move(observed));
  live.running.other_policies = co_await other_policies(access, ns, cluster);
  co_return live;
}

std::vector<report::Right> controller_rights(const spec::Site& site) {
  std::vector<report::Right> made;
  for (const control::Right& each : control::controller_rights(site))
    made.push_back({.group = std::string(each.group),
                    .resource = std::string(each.resource),
                    .verbs = {each.verbs.begin(), each.verbs.end()},
                    .only = std::string(each.only),
                    .why = std::string(each.why)});
  return made;
}

std::optional<WallTime> source_date() {
  const char* fixed = std::getenv("SOURCE_DATE_EPOCH");
  if (fixed == nullptr) return std::nullopt;
  char* end = nullptr;
  const long long seconds = std::strtoll(fixed, &end, 10);
  const bool read = end != fixed && *end == '\0';
  if (!read || seconds < 0 || seconds >= 253402300800)  // the year 10000
    return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

std::string time_now() { return time_text(source_date().value_or(control::wall_now())); }

}  // namespace raykeep::cli
