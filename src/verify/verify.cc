#include "verify/verify.h"

#include <algorithm>
#include <deque>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/observe.h"
#include "control/stored_document.h"
#include "control/timestamp.h"
#include "flow/controller_flows.h"
#include "net/pool.h"
#include "verify/mesh_proxy.h"
#include "verify/short_lived.h"
#include "verify/tls_round.h"
#include "verify/verdict.h"
#include "verify/watching.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;
using control::Access;

constexpr std::size_t execs_at_once = 16;
// The words travel in a URL, and a load balancer before the API server may take 8 KiB of it.
constexpr std::size_t most_words = 5000;
constexpr auto for_guests = std::chrono::seconds(60);
constexpr int tries = 3;
// A handshake on a busy node takes longer than a SYN.
constexpr Duration least_tls_patience = std::chrono::seconds(5);

/// What one place tries, in portions that fit an exec request.
struct Errand {
  std::size_t place;
  std::vector<std::vector<std::size_t>> portions;  // indices of attempts
};

std::vector<Errand> errands_of(const Matrix& matrix) {
  std::vector<Errand> errands;
  for (std::size_t i = 0; i < matrix.attempts.size(); ++i) {
    const Attempt& attempt = matrix.attempts[i];
    auto at = std::ranges::find(errands, attempt.from, &Errand::place);
    if (at == errands.end()) at = errands.insert(errands.end(), {attempt.from, {}});
    // What must pass is tried again when it does not; what must not pass is tried once. So they are
    // different requests.
    auto portion = std::ranges::find_if(at->portions, [&](const auto& each) {
      return matrix.attempts[each.front()].wanted == attempt.wanted && each.size() * 7 < most_words;
    });
    if (portion == at->portions.end()) portion = at->portions.emplace(portion);
    portion->push_back(i);
  }
  return errands;
}

class Verifier {
 public:
  Verifier(const Access& access, plan::Plan plan, spec::Site site, VerifyOptions options, Say say)
      : access_(access),
        plan_(std::move(plan)),
        site_(std::move(site)),
        options_(std::move(options)),
        say_(std::move(say)),
        guests_(access, plan_.ns) {}

  awaitable<Verification> run() {
    const Instant began = access_.clock.now();
    Verification result;
    result.cluster = plan_.cluster;
    result.ns = plan_.ns;
    result.at = now();
    result.program = options_.program;
    pods_ = co_await list(control::kinds::pod);
    const Standing standing_now =
        standing(plan_, co_await list(control::kinds::network_policy), options_.accepted);
    result.faults = judge_policies(plan_, standing_now, pods_);
    say_(fmt::format("{} policies compared with the plan's {}", standing_now.live.size(),
                     standing_now.planned.size()));
    if (options_.probes) {
      std::exception_ptr problem;
      try {
        co_await probe_all(standing_now, result);
      } catch (...) {
        problem = std::current_exception();
      }
      // Else a run that was cancelled could await nothing more.
      co_await boost::asio::this_coro::throw_if_cancelled(false);
      std::vector<std::string> left = co_await guests_.remove();
      if (problem && !left.empty())
        say_(fmt::format("still there, and removed by Kubernetes within five minutes: {}",
                         fmt::join(left, ", ")));
      if (problem) std::rethrow_exception(problem);
      if (!left.empty())
        result.faults.push_back({.code = std::string(code::left_behind),
                                 .severity = Severity::warning,
                                 .object = fmt::format("{}", fmt::join(left, ", ")),
                                 .what = "it could not be removed in time",
                                 .remedy = "Kubernetes removes it within five minutes"});
    } else {
      judge({plan_, standing_now, places_, Matrix{}, {}, {}, false}, result);
    }
    if (options_.watch > Duration::zero()) {
      std::vector<Fault> seen = co_await watch(access_, plan_, pods_, options_.watch, say_);
      result.faults.insert(result.faults.end(), seen.begin(), seen.end());
    }
    result.seconds = std::chrono::duration<double>(access_.clock.now() - began).count();
    co_return result;
  }

 private:
  static std::string now() { return control::time_text(control::wall_now()); }

  awaitable<std::vector<doc::Value>> list(kube::Kind kind) {
    return control::list(access_, std::move(kind), plan_.ns);
  }

  /// Where a controller runs, what it asks for its own sake is tried, too.
  void add_rows_of_controller() {
    const bool runs = std::ranges::any_of(
        places_, [](const Place& place) { return place.end.role == flow::Role::controller; });
    if (!runs) return;
    for (flow::Flow& row : flow::controller_flows(site_, {})) {
      const flow::Role to = row.to.role;
      const bool of_cluster = to == flow::Role::head || to == flow::Role::worker ||
                              row.from.role != flow::Role::controller ||
                              (to == flow::Role::redis && plan_.storage.addresses.empty());
      if (!of_cluster) plan_.flows.push_back(std::move(row));
    }
  }

  awaitable<void> invite() {
    places_ = places_of(pods_, plan_.cluster);
    add_rows_of_controller();
    std::vector<Guest> guests = guests_for(plan_, site_, places_, guests_.run());
    say_(fmt::format("{} places in the cluster; {} short-lived pods are started", places_.size(),
                     guests.size() + 1));
    for (Guest& guest : guests) co_await guests_.add(std::move(guest));
    std::vector<GuestPod> there = co_await guests_.wait(Deadline::after(access_.clock, for_guests));
    for (const GuestPod& pod : there) {
      if (pod.running) {
        places_.push_back(place_of(pod, plan_));
        continue;
      }
      const std::string why = pod.trouble
                                  ? fmt::format("{}: {}", pod.trouble->what, pod.trouble->why)
                                  : "it did not start in time";
      say_(fmt::format("the short-lived pod {} is not there: {}", pod.guest, why));
      if (pod.guest == "stranger")
        throw Failure(Failure::Kind::invalid,
                      fmt::format("the short-lived pod \"stranger\" cannot run: {}; raykeep site "
                                  "preflight names what stands in the way, --no-probes judges the "
                                  "policies alone",
                                  why));
    }
    places_.push_back({.kind = Place::Kind::desk});
  }

  awaitable<void> probe_all(const Standing& standing_now, Verification& result) {
    co_await invite();
    const Matrix made = matrix({plan_.flows, plan_.storage, places_, further_ports(standing_now)});
    std::vector<Errand> errands = errands_of(made);
    say_(fmt::format("{} attempts from {} places", made.attempts.size(), errands.size()));
    matrix_ = &made;
    std::deque<net::Job> jobs;
    for (Errand& errand : errands)
      jobs.push_back([this, errand = std::move(errand)] { return carry_out(errand); });
    co_await net::do_all(std::move(jobs), execs_at_once);
    TlsFound found;
    if (options_.tls)
      found = co_await try_tls(access_, plan_.ns, plan_.flows, places_,
                               std::max(options_.patience, least_tls_patience), say_);
    co_await forget_those_that_went();
    for (const auto& [place, why] : not_run_) say_(why);
    const bool encrypted = site_.tls_mode != spec::TlsMode::none;
    judge({plan_, standing_now, places_, made, outcomes_, not_run_, encrypted}, result);
    if (!options_.tls) co_return;
    // Not the pods that went: what stands in their place was not looked at.
    std::erase_if(found.outcomes, [&](const auto& outcome) {
      const TlsTry& tried = found.matrix.tries[outcome.first];
      return not_run_.contains(tried.from) || not_run_.contains(tried.to);
    });
    found.not_run.insert(not_run_.begin(), not_run_.end());
    judge_tls({.plan = plan_,
               .site = site_,
               .places = places_,
               .matrix = found.matrix,
               .outcomes = found.outcomes,
               .not_run = found.not_run,
               .authority_pem = found.authority_pem,
               .no_expired = found.no_expired,
               .now = std::chrono::system_clock::now()},
              result);
  }

  /// What was tried with a pod that was replaced meanwhile tells nothing.
  awaitable<void> forget_those_that_went() {
    const std::vector<Place> now =
        every_place_of(co_await list(control::kinds::pod), plan_.cluster);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      const bool of_cluster = place.kind == Place::Kind::role && !place.stand_in;
      const bool stays = std::ranges::any_of(
          now, [&](const Place& each) { return each.pod == place.pod && each.ip == place.ip; });
      if (!of_cluster || stays) continue;
      not_run_[i] = fmt::format("pod {} went away meanwhile", place.pod);
      std::erase_if(outcomes_, [&](const auto& outcome) {
        const Attempt& attempt = matrix_->attempts[outcome.first];
        return attempt.from == i || attempt.to == i;
      });
    }
  }

  awaitable<void> carry_out(Errand errand) {
    for (const auto& portion : errand.portions) {
      try {
        if (places_[errand.place].kind == Place::Kind::desk) {
          co_await try_from_here(portion);
        } else {
          co_await try_from(places_[errand.place], portion);
        }
      } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::cancelled) throw;
        not_run_[errand.place] = fmt::format("the probe in {} could not be run: {}",
                                             places_[errand.place].pod, failure.what());
      }
    }
  }

  std::vector<Target> targets_of(const std::vector<std::size_t>& portion) const {
    std::vector<Target> targets;
    for (std::size_t index : portion) targets.push_back(matrix_->attempts[index].target);
    return targets;
  }

  void note(const std::vector<std::size_t>& portion, const ProbeAnswer& answer) {
    for (std::size_t index : portion) {
      const Attempt& attempt = matrix_->attempts[index];
      auto reached = answer.reached.find(to_string(attempt.target));
      if (reached == answer.reached.end()) continue;
      outcomes_[index] = places_[attempt.from].sidecar
                             ? through_sidecar(reached->second, attempt.wanted)
                             : reached->second;
    }
  }

  awaitable<void> try_from(const Place& place, std::vector<std::size_t> portion) {
    const bool wanted = matrix_->attempts[portion.front()].wanted;
    ProbeOptions options{.targets = targets_of(portion), .patience = options_.patience};
    if (wanted) options.tries = tries;
    if (place.sidecar || (wanted && (options_.speak || site_.tls_mode != spec::TlsMode::none)))
      options.speak = net::Speak::plaintext;
    ProbeAnswer answer =
        co_await probe_in(access_, plan_.ns, program_of(place), std::move(options),
                          Deadline::after(access_.clock, std::chrono::seconds(60)));
    note(portion, answer);
  }

  awaitable<void> try_from_here(std::vector<std::size_t> portion) {
    doc::Value told = co_await probe(
        co_await boost::asio::this_coro::executor,
        {.targets = targets_of(portion), .patience = options_.patience}, access_.clock);
    auto answer = parse_probe_answer(doc::write_json(told));
    if (answer) note(portion, *answer);
  }

  const Access& access_;
  plan::Plan plan_;
  const spec::Site site_;
  const VerifyOptions options_;
  const Say say_;
  ShortLived guests_;
  std::vector<doc::Value> pods_;
  std::vector<Place> places_;
  const Matrix* matrix_ = nullptr;
  Outcomes outcomes_;
  std::map<std::size_t, std::string> not_run_;
};

}  // namespace

awaitable<Verification> verify(const Access& access, plan::Plan plan, spec::Site site,
                               VerifyOptions options, Say say) {
  Verifier verifier(access, std::move(plan), std::move(site), std::move(options), std::move(say));
  Verification result = co_await verifier.run();
  co_return result;
}

awaitable<Stood> standing_plan(const Access& access, std::string ns, std::string cluster) {
  const std::string name = plan::owner_name(cluster);
  std::optional<doc::Value> owner =
      co_await access.client.find({control::kinds::config_map, ns, name}, access.request());
  if (!owner)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("there is no cluster {} with a stored document in namespace {}; give "
                              "the document with -f and the Site with --site",
                              cluster, ns));
  auto stored = control::stored_document(*owner, cluster);
  if (!stored)
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("the stored document of {} cannot be used: {}", cluster, stored.error().text));
  Stood made{
      .plan = plan::plan(stored->cluster, stored->site, {.ns = ns, .generation = "", .token = ""}),
      .site = stored->site};
  if (std::string problem = control::error_in(made.plan.findings); !problem.empty())
    throw Failure(Failure::Kind::invalid,
                  fmt::format("the stored document of {} cannot be planned: {}", cluster, problem));
  co_return made;
}

}  // namespace raykeep::verify
