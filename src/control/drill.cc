#include "control/drill.h"

#include <algorithm>
#include <map>
#include <set>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "control/agent_report.h"
#include "control/fields.h"
#include "control/forwarded_port.h"
#include "control/inventory.h"
#include "control/ray_pod.h"
#include "control/serve_load.h"
#include "control/token.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using How = Drill::How;

constexpr auto between_looks = std::chrono::milliseconds(300);
constexpr auto patience_with_serve = std::chrono::seconds(60);
constexpr auto for_command = std::chrono::seconds(15);
constexpr std::size_t largest_list = 16u << 20;

/// A pod of the cluster at one moment.
struct Pod {
  std::string uid;
  bool head = false;
  bool ready = false;
  std::int64_t restarts = 0;  // of its containers
  std::string ip;
  std::string container;  // Ray's: the first, as in KubeRay
  int agent_port = 0;
  doc::Value agent = nullptr;
};

using Pods = std::map<std::string, Pod>;

std::int64_t ray_starts(const Pod& pod) { return integer_at(pod.agent, {"rayStarts"}); }

std::int64_t restarts_of(const Pod& pod, std::string_view process) {
  return integer_at(pod.agent, {"processes", process, "restarts"});
}

double last_outage_of(const Pod& pod, std::string_view process) {
  return number_at(pod.agent, {"processes", process, "lastOutageSeconds"});
}

/// More than one process was started again: all of the node's Ray, or its container.
bool began_anew(const Pod& is, const Pod& was) {
  return ray_starts(is) > ray_starts(was) || is.restarts > was.restarts;
}

bool is_well(const Pod& pod) { return pod.ready && true_at(pod.agent, {"ready"}); }

double seconds_since(Instant then, const Clock& clock) {
  return std::chrono::duration<double>(clock.now() - then).count();
}

class Runner {
 public:
  Runner(const Access& access, std::string ns, std::string cluster, DrillOptions options,
         DrillReport report)
      : access_(access),
        ns_(std::move(ns)),
        cluster_(std::move(cluster)),
        options_(std::move(options)),
        report_(std::move(report)) {}

  awaitable<std::vector<DrillResult>> run() {
    Pods pods = co_await look();
    require_well(pods);
    const bool keeps_state = doc::find_string(find_head(pods).agent, {"storage"}) != "memory";
    if (!options_.serve_path.empty()) begin_load(pods, co_await boost::asio::this_coro::executor);
    std::vector<DrillResult> results;
    std::exception_ptr failed;
    try {
      for (const Drill& drill : all_drills()) {
        bool chosen = options_.only.empty() ||
                      std::ranges::find(options_.only, drill.name) != options_.only.end();
        if (!chosen) continue;
        try {
          results.push_back(co_await run(drill, keeps_state));
        } catch (const Failure& failure) {
          if (failure.kind() == Failure::Kind::cancelled || results.empty()) throw;
          // What was found so far is told all the same.
          results.push_back({.drill = std::string(drill.name), .problem = failure.what()});
          break;
        }
        if (!results.back().problem.empty() && !came_back_) break;
      }
    } catch (...) {
      failed = std::current_exception();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    if (load_) co_await load_->close();
    if (failed) std::rethrow_exception(failed);
    co_return results;
  }

 private:
  // --- looking

  awaitable<Pods> look() {
    Observed observed =
        co_await observe(access_, ns_, cluster_, {.events = false, .everything = false});
    const doc::Value* head = running_head(observed);
    if (head != nullptr) {
      head_ = name_of(*head);
      token_secret_ = token_secret_of(*head);
      dashboard_port_ = named_port(*head, "dashboard", 8265);
    }
    Pods pods;
    for (const doc::Value& each : observed.pods) {
      std::string_view type = label_of(each, plan::ray_node_type_label);
      if ((type != "head" && type != "worker") || is_going(each)) continue;
      Pod pod;
      pod.uid = uid_of(each);
      pod.head = type == "head";
      const doc::Value* ready = condition(each, "Ready");
      pod.ready = ready != nullptr && doc::find_string(*ready, {"status"}) == "True";
      for (const doc::Value& status : list_at(each, {"status", "containerStatuses"}))
        pod.restarts += integer_at(status, {"restartCount"});
      const doc::Array& containers = list_at(each, {"spec", "containers"});
      if (!containers.empty()) pod.container = doc::find_string(containers[0], {"name"});
      pod.ip = doc::find_string(each, {"status", "podIP"});
      pod.agent_port = agent_port_of(each);
      if (pod.agent_port != 0 && doc::find_string(each, {"status", "phase"}) == "Running")
        pod.agent = co_await ask_agent_of(access_, ns_, std::string(name_of(each)), pod.agent_port,
                                          std::chrono::seconds(2));
      pods[std::string(name_of(each))] = std::move(pod);
    }
    co_return pods;
  }

  /// The cluster as it is before it is harmed: what its agents said then is compared with what they
  /// say later, so each must have answered.
  awaitable<Pods> look_when_well() {
    const Deadline until = Deadline::after(access_.clock, options_.timeout);
    for (;;) {
      Pods pods = co_await look();
      bool well = std::ranges::all_of(pods, [](const auto& each) { return is_well(each.second); });
      if (well) co_return pods;
      if (until.passed(access_.clock)) require_well(pods);
      co_await pause(between_looks);
    }
  }

  static const Pod& find_head(const Pods& pods) {
    static const Pod none;
    auto found = std::ranges::find_if(pods, [](const auto& each) { return each.second.head; });
    return found == pods.end() ? none : found->second;
  }

  void require_well(const Pods& pods) const {
    for (const auto& [name, pod] : pods) {
      if (pod.agent_port == 0)
        throw Failure(
            Failure::Kind::invalid,
            fmt::format("pod {} has no agent of Raykeep's, so nothing can be drilled; see "
                        "\"raykeep check\" on the group's command",
                        name));
      if (is_well(pod)) continue;
      throw Failure(
          Failure::Kind::invalid,
          fmt::format("pod {} is not ready, so a drill would prove nothing; raykeep status {} -n "
                      "{} says why",
                      name, cluster_, ns_));
    }
    if (find_head(pods).uid.empty())
      throw Failure(Failure::Kind::invalid,
                    fmt::format("cluster {} in namespace {} has no head", cluster_, ns_));
  }

  // --- load and actors

  void begin_load(const Pods& pods, boost::asio::any_io_executor executor) {
    std::vector<ServeLoad::Target> targets;
    for (const auto& [name, pod] : pods) {
      if (!pod.head) targets.push_back({name, options_.serve_port});
    }
    if (targets.empty())
      throw Failure(Failure::Kind::invalid,
                    fmt::format("cluster {} has no worker to send requests to; leave out "
                                "--serve-path",
                                cluster_));
    load_.emplace(executor, access_, ns_, options_.serve_path, options_.rate, std::move(targets));
  }

  /// The application must answer well before it is harmed; a replica just placed may take a while.
  /// Workers on which nothing of it runs are left out.
  awaitable<void> require_served() {
    const Deadline until = Deadline::after(access_.clock, patience_with_serve);
    for (;;) {
      co_await pause(std::chrono::seconds(3));
      std::map<std::string, Tally> tallies = load_->take_each();
      Tally all;
      std::set<std::string> mute;
      bool some_good = false, some_bad = false;
      for (const auto& [pod, tally] : tallies) {
        all.sent += tally.sent;
        all.failed += tally.failed;
        if (all.first_failure.empty()) all.first_failure = tally.first_failure;
        if (tally.failed == tally.sent) {
          mute.insert(pod);
        } else {
          some_good = true;
          some_bad = some_bad || tally.failed > 0;
        }
      }
      if (some_good && !some_bad && mute.empty()) co_return;
      if (!until.passed(access_.clock)) continue;
      if (some_bad || !some_good)
        throw Failure(Failure::Kind::invalid,
                      fmt::format("{} of {} requests to {} fail before anything is done: {}",
                                  all.failed, all.sent, options_.serve_path, all.first_failure));
      report_(fmt::format("not asked for {}, as they do not answer: {}", options_.serve_path,
                          fmt::join(mute, ", ")));
      load_->leave_out(mute);
      co_return;
    }
  }

  awaitable<doc::Value> ask_dashboard(std::string target) {
    net::Request request{.target = std::move(target)};
    if (!token_secret_.empty()) {
      auto token = co_await read_token(access_, ns_, token_secret_);
      request.headers.emplace_back("Authorization", "Bearer " + token.reveal());
    }
    co_return co_await ask_pod(access_, ns_, head_, dashboard_port_, std::move(request),
                               largest_list, std::chrono::seconds(20));
  }

  /// The living actors, but for those on the node with this address; nothing: not to be had.
  awaitable<std::optional<std::set<std::string>>> actors(std::string except_ip) {
    std::string except_node;
    if (!except_ip.empty()) {
      doc::Value nodes = co_await ask_dashboard("/api/v0/nodes?limit=10000");
      for (const doc::Value& node : list_at(nodes, {"data", "result", "result"})) {
        if (doc::find_string(node, {"node_ip"}) == except_ip &&
            doc::find_string(node, {"state"}) == "ALIVE")
          except_node = doc::find_string(node, {"node_id"});
      }
      if (except_node.empty()) co_return std::nullopt;
    }
    doc::Value told = co_await ask_dashboard(
        "/api/v0/actors?filter_keys=state&filter_predicates=%3D&filter_values=ALIVE&limit=10000");
    if (doc::find_array(told, {"data", "result", "result"}) == nullptr) co_return std::nullopt;
    std::set<std::string> ids;
    for (const doc::Value& actor : list_at(told, {"data", "result", "result"})) {
      if (except_node.empty() || doc::find_string(actor, {"node_id"}) != except_node)
        ids.emplace(doc::find_string(actor, {"actor_id"}));
    }
    co_return ids;
  }

  // --- one drill

  awaitable<DrillResult> run(const Drill& drill, bool keeps_state) {
    DrillResult result{.drill = std::string(drill.name)};
    if (drill.head && drill.process != "dashboard" && !keeps_state) {
      result.skipped = "the head keeps its state in memory only: the cluster would begin anew";
      co_return result;
    }
    Pods before = co_await look_when_well();
    if (load_) {
      co_await require_served();
      before = co_await look_when_well();
    }
    std::string target = target_of(drill, before);
    if (target.empty()) {
      result.skipped = "the cluster has no worker";
      co_return result;
    }
    report_(fmt::format("{}: {} (pod {})", drill.name, drill.what, target));
    auto actors_before = co_await actors(drill.ends_node() ? before.at(target).ip : "");
    if (load_) load_->take();
    came_back_ = false;
    const Instant began = access_.clock.now();
    Pods after = before;
    for (int i = 0; i < drill.times; ++i) {
      co_await harm(drill, target, before.at(target).container, result);
      if (!result.problem.empty()) break;
      if (!co_await wait(drill, target, before, after, i + 1, result)) break;
      if (drill.how == How::signal && drill.process != "raylet") {
        double outage = last_outage_of(after.at(target), drill.process);
        result.outage_seconds = std::max(result.outage_seconds.value_or(0), outage);
      }
    }
    result.recovered_seconds = seconds_since(began, access_.clock);
    if (came_back_ && result.problem.empty()) {
      co_await pause(std::chrono::seconds(2));  // what is lost late is lost, too
      co_await compare(drill, target, before, actors_before, result);
    }
    co_return result;
  }

  std::string target_of(const Drill& drill, const Pods& pods) const {
    for (const auto& [name, pod] : pods) {
      if (pod.head == drill.head) return name;
    }
    return "";
  }

  awaitable<void> harm(const Drill& drill, std::string target, std::string container,
                       DrillResult& result) {
    if (drill.how == How::delete_pod) {
      co_await access_.client.remove({kinds::pod, ns_, target}, {}, access_.request());
      co_return;
    }
    std::string program = drill.how == How::end_container
                              ? "kill -TERM 1"
                              : signal_program(drill.process, drill.signal);
    kube::ExecResult done =
        co_await kube::exec(access_.client, ns_, target, container, {"/bin/sh", "-c", program},
                            Deadline::after(access_.clock, for_command));
    if (done.code == 0 || drill.how == How::end_container) co_return;
    result.problem = fmt::format("no process was found to signal{}{}",
                                 done.errors.empty() ? "" : ": ", trim(done.errors));
  }

  /// Until the harm shows and all is well again.
  awaitable<bool> wait(const Drill& drill, std::string target, const Pods& before, Pods& after,
                       int time, DrillResult& result) {
    const Deadline until = Deadline::after(access_.clock, options_.timeout);
    std::string missing;
    while (!until.passed(access_.clock)) {
      after = co_await look();
      missing = what_is_missing(drill, target, before, after, time);
      if (missing.empty()) {
        came_back_ = true;
        co_return true;
      }
      co_await pause(between_looks);
    }
    came_back_ = false;
    result.problem = fmt::format("not well again after {:.0f} s: {}",
                                 std::chrono::duration<double>(options_.timeout).count(), missing);
    co_return false;
  }

  static std::string what_is_missing(const Drill& drill, const std::string& target,
                                     const Pods& before, const Pods& after, int time) {
    const Pod& was = before.at(target);
    auto found = after.find(target);
    const Pod* is = found == after.end() ? nullptr : &found->second;
    if (drill.how == How::delete_pod) {
      if (is != nullptr && is->uid == was.uid) return fmt::format("pod {} is still there", target);
    } else if (is == nullptr || is->uid != was.uid) {
      return fmt::format("pod {} is gone", target);
    } else if (drill.how == How::end_container) {
      if (is->restarts == was.restarts) return "the container was not started again";
    } else if (drill.process == "raylet") {
      if (!began_anew(*is, was)) return "the raylet was not started again";
    } else if (!began_anew(*is, was) &&
               restarts_of(*is, drill.process) < restarts_of(was, drill.process) + time) {
      return fmt::format("{} was not started again", drill.process);
    }
    if (after.size() < before.size())
      return fmt::format("{} of {} pods are there", after.size(), before.size());
    for (const auto& [name, pod] : after) {
      if (!is_well(pod))
        return fmt::format("pod {} is not ready{}{}", name, pod.agent.is_null() ? "" : ": ",
                           doc::find_string(pod.agent, {"reason"}));
    }
    return "";
  }

  awaitable<void> compare(const Drill& drill, std::string target, const Pods& before,
                          const std::optional<std::set<std::string>>& actors_before,
                          DrillResult& result) {
    Pods after = co_await look();
    auto is = after.find(target);
    if (!drill.ends_node() && is != after.end() && began_anew(is->second, before.at(target)))
      result.problem =
          fmt::format("all of the node's Ray was started again, not {} alone", drill.process);
    for (const auto& [name, was] : before) {
      if (was.head || name == target) continue;
      auto now = after.find(name);
      if (now == after.end() || now->second.uid != was.uid ||
          now->second.restarts != was.restarts || ray_starts(now->second) != ray_starts(was))
        ++result.workers_restarted;
    }
    if (load_) {
      Tally tally = load_->take(drill.head ? "" : target);
      result.requests = tally.sent;
      result.failed_requests = tally.failed;
      result.first_failure = tally.first_failure;
    }
    auto actors_after = co_await actors("");
    if (actors_before && actors_after) {
      result.actors_known = true;
      result.actors = std::ssize(*actors_before);
      result.actors_kept = std::ranges::count_if(
          *actors_before, [&](const std::string& id) { return actors_after->contains(id); });
    }
    judge(result);
  }

  static void judge(DrillResult& result) {
    std::vector<std::string> lost;
    if (!result.problem.empty()) lost.push_back(result.problem);
    if (result.failed_requests > 0)
      lost.push_back(fmt::format("{} requests failed", result.failed_requests));
    if (result.workers_restarted > 0)
      lost.push_back(fmt::format("{} other workers restarted", result.workers_restarted));
    if (result.actors_kept < result.actors)
      lost.push_back(fmt::format("{} actors were lost", result.actors - result.actors_kept));
    result.problem = join(lost, ", ");
  }

  const Access& access_;
  const std::string ns_;
  const std::string cluster_;
  const DrillOptions options_;
  const DrillReport report_;
  std::string head_;  // the pod's name, as last seen running
  std::string token_secret_;
  int dashboard_port_ = 8265;
  bool came_back_ = true;
  std::optional<ServeLoad> load_;
};

}  // namespace

awaitable<std::vector<DrillResult>> run_drills(const Access& access, std::string ns,
                                               std::string cluster, DrillOptions options,
                                               DrillReport report) {
  Runner runner(access, std::move(ns), std::move(cluster), std::move(options), std::move(report));
  co_return co_await runner.run();
}

}  // namespace raykeep::control
