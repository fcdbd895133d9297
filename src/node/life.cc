// From waiting to running and back: the life of the node's Ray as a whole.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "node/step.h"

namespace raykeep::node {
namespace {

/// Before the n-th life in a row after one that did not settle.
Duration pause_before_start(int failed) {
  if (failed <= 1) return Duration::zero();
  return std::chrono::seconds(std::min(1 << std::min(failed - 2, 5), 30));
}

}  // namespace

std::string Step::missing_to_start() const {
  if (config_.certificate && !seen_.certificate.held) {
    return seen_.certificate.problem.empty()
               ? "waits for its certificate"
               : fmt::format("waits for its certificate: {}", seen_.certificate.problem);
  }
  if (config_.role == Role::worker) {
    bool fresh = seen_.gcs_health.good_now && seen_.gcs_health.good &&
                 now_ - *seen_.gcs_health.good <= limits_.fresh;
    if (fresh) return "";
    return seen_.gcs_health.text.empty()
               ? "waits for the GCS"
               : fmt::format("waits for the GCS: {}", seen_.gcs_health.text);
  }
  if (!config_.road) return "";
  if (!seen_.road.connected) {
    return seen_.road.problem.empty() ? "waits for Redis"
                                      : fmt::format("waits for Redis: {}", seen_.road.problem);
  }
  if (!seen_.road.lease_held) {
    return seen_.road.lease_holder.empty()
               ? "waits for the head's lease"
               : fmt::format("waits for the head's lease, which {} holds", seen_.road.lease_holder);
  }
  return "";
}

void Step::wait() {
  if (seen_.stop_signals > 0) return begin_end("told to stop before Ray was started", 0);
  if (seen_.road.fenced) return begin_end("another head holds the store", 1);
  auto missing = missing_to_start();
  if (!missing.empty()) {
    memory_.why = std::move(missing);
    return;
  }
  if (now_ < memory_.not_before) return;
  auto reason = memory_.why.starts_with("again: ") ? memory_.why.substr(7) : "";
  forget_daemons();
  enter(Phase::starting, "Ray is starting");
  act({.verb = Verb::start_ray,
       .reason = reason.empty() ? "the node has no Ray yet" : "the node's Ray is gone: " + reason});
}

void Step::forget_daemons() {
  memory_.daemons = {};
  memory_.registered = false;
  memory_.born = now_;
}

void Step::start() {
  if (seen_.stop_signals > 0) return begin_end("told to stop while Ray was starting", 0);
  if (seen_.road.fenced) return end_at_once("another head holds the store");
  for (Daemon daemon : all_daemons) remember(daemon);
  bool over = seen_.command == CommandSeen::ended;
  if (over && seen_.command_code != 0) {
    return start_failed(
        fmt::format("the command that starts Ray ended with {}", seen_.command_code),
        seen_.command_code);
  }
  bool raylet = seen_.of(Daemon::raylet).there;
  if (over && !raylet) {
    return start_failed("the command that starts Ray ended, and no raylet runs", 1);
  }
  for (Daemon daemon : {Daemon::gcs, Daemon::raylet}) {
    if (memory_.of(daemon).wanted && !seen_.of(daemon).there)
      return start_failed(fmt::format("{} ended during the start", name_of(daemon)), 1);
  }
  // It may live too short to be seen at all. Its raylet would wait for it.
  const auto& raylet_good = memory_.of(Daemon::raylet).good_since;
  if (config_.role == Role::head && !memory_.of(Daemon::gcs).wanted && raylet_good &&
      now_ - *raylet_good >= limits_.gcs_unseen)
    return start_failed("the raylet runs, and no GCS does", 1);
  bool gcs = config_.role == Role::worker || memory_.of(Daemon::gcs).good_since;
  if (raylet && memory_.of(Daemon::raylet).good_since && gcs) {
    for (auto& memory : memory_.daemons) memory.down_since.reset();
    return enter(Phase::running, "Ray runs");
  }
  if (in_phase() > limits_.ray_start) {
    start_failed(fmt::format("Ray was not good {} after its start", seconds(limits_.ray_start)), 1);
  }
}

void Step::start_failed(const std::string& reason, int code) {
  // A head that went away meanwhile, or Redis, is nobody's crash loop.
  if (missing_to_start().empty()) {
    ++memory_.failed_starts;
    memory_.too_often = memory_.failed_starts >= limits_.ray_starts;
    memory_.exit_code = code == 0 ? 1 : code;
  }
  memory_.not_before = now_ + pause_before_start(memory_.failed_starts + 1);
  act({.verb = Verb::clear, .reason = reason});
  enter(Phase::clearing, reason);
  memory_.acted = now_;
}

void Step::restart_ray(const std::string& reason) {
  if (in_phase() >= limits_.settled)
    memory_.failed_starts = 0;
  else
    ++memory_.failed_starts;
  memory_.too_often = memory_.failed_starts >= limits_.ray_starts;
  memory_.exit_code = 1;
  memory_.not_before = now_ + pause_before_start(memory_.failed_starts);
  act({.verb = Verb::clear, .reason = reason});
  enter(Phase::clearing, reason);
  memory_.acted = now_;
}

void Step::keep() {
  if (seen_.stop_signals > 0) {
    bool ask = config_.role == Role::worker && memory_.registered;
    if (ask) act({.verb = Verb::drain, .reason = "told to stop"});
    enter(Phase::draining, "told to stop");
    return next_step(ask ? 1 : 0);
  }
  if (seen_.road.fenced) return end_at_once("another head holds the store");
  if (std::exchange(memory_.storage_away, storage_is_away()) && !memory_.storage_away)
    memory_.storage_back = now_;
  for (Daemon daemon : all_daemons) remember(daemon);
  if (in_phase() >= limits_.settled) memory_.failed_starts = 0;
  if (seen_.opinion == Opinion::alive) memory_.registered = true;

  if (!seen_.of(Daemon::raylet).there) return restart_ray("the raylet is gone");
  if (seen_.command == CommandSeen::ended && seen_.command_code != 0)
    return restart_ray(
        fmt::format("the command that started Ray ended with {}", seen_.command_code));
  if (auto hang = hang_of(Daemon::raylet); !hang.empty())
    return restart_ray(fmt::format("the raylet hangs: {}", hang));
  if (memory_.registered && seen_.opinion == Opinion::dead && seen_.opinion_since &&
      now_ - *seen_.opinion_since >= limits_.zombie)
    return restart_ray("the GCS takes this node for dead while its raylet runs");
  if (config_.role == Role::head && heal_gcs()) return;
  for (Daemon daemon : all_daemons) {
    if (daemon != Daemon::gcs && daemon != Daemon::raylet) heal_helper(daemon);
  }
}

void Step::clear() {
  if (seen_.processes == 0) {
    if (memory_.too_often)
      return begin_end(fmt::format("{} lives of Ray in a row ended at once, the last because {}",
                                   memory_.failed_starts, memory_.why),
                       memory_.exit_code);
    if (seen_.stop_signals > 0) return begin_end("told to stop", 0);
    return enter(Phase::waiting, "again: " + memory_.why);
  }
  if (in_phase() > limits_.clear) {
    begin_end("processes are left that SIGKILL does not end", 1);
    return next_step(5);
  }
  if (!memory_.acted || now_ - *memory_.acted >= std::chrono::seconds(1)) {
    memory_.acted = now_;
    act({.verb = Verb::clear, .reason = "processes are left"});
  }
}

}  // namespace raykeep::node
