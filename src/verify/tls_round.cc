#include "verify/tls_round.h"

#include <algorithm>
#include <deque>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/authority_record.h"
#include "control/forwarded_port.h"
#include "control/inventory.h"
#include "net/pool.h"
#include "verify/probe_in.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;
using control::Access;

constexpr std::size_t jobs_at_once = 8;
// Their answers must stay below the MiB that an exec may write: a chain of certificates each.
constexpr std::size_t most_in_a_probe = 60;
constexpr auto for_a_probe = std::chrono::seconds(90);
constexpr auto for_listening = std::chrono::seconds(20);

class Round {
 public:
  Round(const Access& access, std::string ns, const std::vector<flow::Flow>& flows,
        const std::vector<Place>& places, Duration patience,
        std::function<void(const std::string&)> say)
      : access_(access),
        ns_(std::move(ns)),
        flows_(flows),
        places_(places),
        patience_(patience),
        say_(std::move(say)) {}

  awaitable<TlsFound> run() {
    co_await read_authority();
    co_await listen();
    found_.matrix = tls_matrix(flows_, places_, listening_);
    say_(fmt::format("{} encrypted ports are offered what they must refuse",
                     found_.matrix.tries.size()));
    co_await probe();
    if (no_expired_.empty()) co_await show_expired();
    found_.no_expired = no_expired_;
    co_return std::move(found_);
  }

 private:
  // --- the namespace's authority

  awaitable<void> read_authority() {
    const std::string name(plan::authority_name);
    try {
      auto published =
          co_await access_.client.find({control::kinds::config_map, ns_, name}, access_.request());
      const std::string trusted(
          published ? doc::find_string(*published, {"data", plan::authority_key}) : "");
      if (!trusted.empty()) found_.authority_pem = trusted;
      auto secret =
          co_await access_.client.find({control::kinds::secret, ns_, name}, access_.request());
      if (!secret) no_expired_ = fmt::format("there is no Secret {}", name);
      if (!secret) co_return;
      Result<control::AuthorityRecord> record = control::read_authority(*secret);
      if (record) {
        make_expired(record->current);
      } else {
        no_expired_ = record.error().text;
      }
    } catch (const Failure& failure) {
      if (failure.kind() != Failure::Kind::denied) throw;
      no_expired_ = failure.what();
    }
  }

  void make_expired(const pki::Authority& authority) {
    const pki::Names names{.dns = {"localhost"}};
    const pki::KeyAndRequest made = pki::make_request("raykeep-verify", names);
    auto valid_for = [&](std::chrono::seconds validity) {
      return pki::sign(authority, made.request_pem, "raykeep-verify", names, validity);
    };
    expired_ = valid_for(std::chrono::seconds(-60));
    valid_ = valid_for(std::chrono::minutes(5));
    key_ = made.key_pem;
  }

  // --- who listens

  awaitable<void> listen() {
    std::deque<net::Job> jobs;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      if (place.kind == Place::Kind::role && !place.stand_in && !place.program.empty())
        jobs.push_back([this, i] { return listen_in(i); });
    }
    co_await net::do_all(std::move(jobs), jobs_at_once);
  }

  awaitable<void> listen_in(std::size_t place) {
    try {
      std::vector<int> ports = co_await listening_in(access_, ns_, program_of(places_[place]),
                                                     Deadline::after(access_.clock, for_listening));
      listening_[place] = std::move(ports);
    } catch (const Failure& failure) {
      say_(fmt::format("who listens in {} is not known: {}", places_[place].pod, failure.what()));
    }
  }

  // --- the offers

  awaitable<void> probe() {
    std::map<std::size_t, std::vector<std::size_t>> by_place;
    for (std::size_t i = 0; i < found_.matrix.tries.size(); ++i)
      by_place[found_.matrix.tries[i].from].push_back(i);
    std::deque<net::Job> jobs;
    for (const auto& [place, tries] : by_place) {
      for (std::size_t begin = 0; begin < tries.size(); begin += most_in_a_probe) {
        const std::size_t end = std::min(tries.size(), begin + most_in_a_probe);
        std::vector<std::size_t> some(tries.begin() + static_cast<std::ptrdiff_t>(begin),
                                      tries.begin() + static_cast<std::ptrdiff_t>(end));
        jobs.push_back([this, from = place, some] { return probe_from(from, some); });
      }
    }
    co_await net::do_all(std::move(jobs), jobs_at_once);
  }

  awaitable<void> probe_from(std::size_t place, std::vector<std::size_t> tries) {
    TlsProbeOptions options{.targets = {}, .patience = patience_};
    for (std::size_t each : tries) options.targets.push_back(found_.matrix.tries[each].target);
    try {
      TlsAnswer answer =
          co_await tls_probe_in(access_, ns_, program_of(places_[place]), std::move(options),
                                Deadline::after(access_.clock, for_a_probe));
      for (std::size_t each : tries) {
        auto offers = answer.find(to_string(found_.matrix.tries[each].target));
        if (offers != answer.end()) found_.outcomes[each] = std::move(offers->second);
      }
    } catch (const Failure& failure) {
      found_.not_run[place] =
          fmt::format("the probe in {} could not be run: {}", places_[place].pod, failure.what());
      say_(found_.not_run[place]);
    }
  }

  // --- the expired certificate

  awaitable<void> show_expired() {
    std::deque<net::Job> jobs;
    for (const auto& [index, offers] : found_.outcomes) {
      if (found_.matrix.tries[index].guard == Guard::mutual &&
          !found_.matrix.tries[index].encryption.ends_with("(Redis)"))
        jobs.push_back([this, each = index] { return show_expired_to(each); });
    }
    co_await net::do_all(std::move(jobs), jobs_at_once);
  }

  awaitable<void> show_expired_to(std::size_t index) {
    const TlsTry& tried = found_.matrix.tries[index];
    auto executor = co_await boost::asio::this_coro::executor;
    const Deadline until = Deadline::after(access_.clock, patience_ * 2);
    control::ForwardedPort forwarded(executor, access_, ns_, places_[tried.to].pod,
                                     tried.target.port);
    bool cancelled = false;
    try {
      const bool open = co_await forwarded.opened(until);
      auto show = [&](const std::string& certificate) {
        return net::attempt_tls(executor, "127.0.0.1", forwarded.local(),
                                tls_offer(Offer::expired, tried.target.words, certificate, key_),
                                until, access_.clock);
      };
      net::TlsAttempt valid, expired;
      if (open) valid = co_await show(valid_);
      // A way on which not even the valid one gets through would refuse anything.
      if (valid.response == net::Reception::taken) {
        expired = co_await show(expired_);
        found_.outcomes[index][Offer::expired] = std::move(expired);
      }
    } catch (const Failure& failure) {
      cancelled = failure.kind() == Failure::Kind::cancelled;
    }
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await forwarded.close();
    if (cancelled) throw Failure(Failure::Kind::cancelled, "cancelled");
  }

  const Access& access_;
  const std::string ns_;
  const std::vector<flow::Flow>& flows_;
  const std::vector<Place>& places_;
  const Duration patience_;
  const std::function<void(const std::string&)> say_;
  Listening listening_;
  std::string expired_, valid_;  // certificates that differ in their time alone
  Secret<std::string> key_;
  std::string no_expired_;
  TlsFound found_;
};

}  // namespace

awaitable<TlsFound> try_tls(const Access& access, std::string ns,
                            const std::vector<flow::Flow>& flows, const std::vector<Place>& places,
                            Duration patience, std::function<void(const std::string&)> say) {
  Round round(access, std::move(ns), flows, places, patience, std::move(say));
  TlsFound found = co_await round.run();
  co_return found;
}

}  // namespace raykeep::verify
