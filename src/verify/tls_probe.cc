#include "verify/tls_probe.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "net/task_group.h"
#include "pki/authority.h"
#include "verify/target.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;
using net::Reception;
using net::Words;

constexpr std::size_t most_at_once = 32;
constexpr Offer all_offers[] = {Offer::plaintext, Offer::no_certificate, Offer::foreign,
                                Offer::expired,   Offer::old_1_0,        Offer::old_1_1,
                                Offer::own};

std::string_view word_of(Words words) {
  switch (words) {
    case Words::http2:
      return "http2";
    case Words::http1:
      return "http1";
    case Words::redis:
      break;
  }
  return "redis";
}

/// A certificate to show, with its key.
struct Shown {
  std::string certificate_pem;
  Secret<std::string> key_pem;
};

/// Good in all but its authority, which has the name that Raykeep gives to its own.
Shown make_foreign() {
  constexpr auto validity = std::chrono::hours(1);
  const pki::Authority authority = pki::make_authority("raykeep-ca", validity);
  const pki::Names names{.dns = {"localhost"}};
  const pki::KeyAndRequest made = pki::make_request("raykeep-probe", names);
  return {pki::sign(authority, made.request_pem, "raykeep-probe", names, validity), made.key_pem};
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<Shown> own_of(const std::string& folder) {
  Shown own{text_of(folder + "/tls.crt"), Secret(text_of(folder + "/tls.key"))};
  if (own.certificate_pem.empty() || own.key_pem.reveal().empty()) return std::nullopt;
  return own;
}

/// What the workers share: they take the next offer until there is none.
struct Round {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  TlsProbeOptions options;
  Shown foreign;
  std::optional<Shown> own;
  std::vector<std::pair<std::size_t, Offer>> queue = {};
  std::size_t next = 0;
  std::vector<Offers> found = {};
};

net::TlsOffer offer_of(const Round& round, Offer offer, Words words) {
  if (offer == Offer::foreign)
    return tls_offer(offer, words, round.foreign.certificate_pem, round.foreign.key_pem);
  if (offer == Offer::own)
    return tls_offer(offer, words, round.own->certificate_pem, round.own->key_pem);
  return tls_offer(offer, words);
}

awaitable<void> work(Round& round) {
  while (round.next < round.queue.size()) {
    const auto [index, offer] = round.queue[round.next++];
    const TlsTarget& target = round.options.targets[index];
    net::TlsAttempt attempt = co_await net::attempt_tls(
        round.executor, target.host, target.port, offer_of(round, offer, target.words),
        Deadline::after(round.clock, round.options.patience), round.clock);
    round.found[index][offer] = std::move(attempt);
  }
}

doc::Object entry_of(Offer offer, const net::TlsAttempt& attempt) {
  doc::Object entry{{"offer", to_string(offer)},
                    {"response", net::to_string(attempt.response)},
                    {"shaken", attempt.shaken},
                    {"asked", attempt.asked}};
  if (!attempt.version.empty()) entry["version"] = attempt.version;
  if (!attempt.detail.empty()) entry["detail"] = attempt.detail;
  return entry;
}

Reception response_of(std::string_view word) {
  for (Reception response :
       {Reception::taken, Reception::refused, Reception::silent, Reception::not_tls}) {
    if (net::to_string(response) == word) return response;
  }
  return Reception::no_connection;
}

bool is_true(const doc::Value& object, std::string_view key) {
  const doc::Value* value = doc::find(object, {key});
  return value != nullptr && value->is_bool() && value->get_bool();
}

/// What the server showed, whichever offer made it show it.
std::string chain_of(const Offers& offers) {
  for (const auto& [offer, attempt] : offers) {
    if (!attempt.chain_pem.empty()) return attempt.chain_pem;
  }
  return "";
}

}  // namespace

std::string to_string(const TlsTarget& target) {
  const std::string tcp = to_string(Target{spec::Protocol::tcp, target.host, target.port});
  return std::string(word_of(target.words)) + tcp.substr(tcp.find('/'));
}

std::vector<std::string> words_of(const std::vector<TlsTarget>& targets) {
  std::vector<std::string> words;
  for (Words protocol : {Words::http2, Words::http1, Words::redis}) {
    std::vector<Target> some;
    for (const TlsTarget& target : targets) {
      if (target.words == protocol) some.push_back({spec::Protocol::tcp, target.host, target.port});
    }
    for (const std::string& word : words_of(some))
      words.push_back(std::string(word_of(protocol)) + word.substr(word.find('/')));
  }
  return words;
}

Result<std::vector<TlsTarget>> parse_tls_targets(std::string_view word) {
  const std::string_view protocol = word.substr(0, word.find('/'));
  for (Words words : {Words::http2, Words::http1, Words::redis}) {
    if (word_of(words) != protocol) continue;
    auto some = parse_targets("tcp" + std::string(word.substr(protocol.size())));
    if (!some) return std::unexpected(some.error());
    std::vector<TlsTarget> targets;
    for (const Target& target : *some) targets.push_back({words, target.host, target.port});
    return targets;
  }
  return error(std::string(word) + " does not begin with http2/, http1/ or redis/");
}

std::string_view to_string(Offer offer) {
  switch (offer) {
    case Offer::plaintext:
      return "plaintext";
    case Offer::no_certificate:
      return "no certificate";
    case Offer::foreign:
      return "foreign certificate";
    case Offer::expired:
      return "expired certificate";
    case Offer::old_1_0:
      return "TLS 1.0";
    case Offer::old_1_1:
      return "TLS 1.1";
    case Offer::own:
      break;
  }
  return "own certificate";
}

net::TlsOffer tls_offer(Offer offer, Words words, std::string certificate_pem,
                        Secret<std::string> key_pem) {
  net::TlsOffer made{.tls = offer != Offer::plaintext,
                     .words = words,
                     .certificate_pem = std::move(certificate_pem),
                     .key_pem = std::move(key_pem)};
  if (offer == Offer::old_1_0) made.version = 10;
  if (offer == Offer::old_1_1) made.version = 11;
  return made;
}

awaitable<doc::Value> tls_probe(boost::asio::any_io_executor executor, TlsProbeOptions options,
                                const Clock& clock) {
  Round round{executor, clock, std::move(options), make_foreign(), std::nullopt};
  round.own = own_of(round.options.own_folder);
  round.found.resize(round.options.targets.size());
  for (std::size_t i = 0; i < round.options.targets.size(); ++i) {
    for (Offer offer : all_offers) {
      if (offer == Offer::expired || (offer == Offer::own && !round.own)) continue;
      round.queue.emplace_back(i, offer);
    }
  }
  {
    net::TaskGroup workers(executor);
    for (std::size_t i = 0; i < std::min(most_at_once, round.queue.size()); ++i)
      workers.spawn(work(round));
    co_await workers.finish();
  }
  doc::Array told;
  for (std::size_t i = 0; i < round.found.size(); ++i) {
    doc::Array offers;
    for (const auto& [offer, attempt] : round.found[i]) offers.push_back(entry_of(offer, attempt));
    told.push_back(doc::Object{{"target", to_string(round.options.targets[i])},
                               {"chain", chain_of(round.found[i])},
                               {"offers", std::move(offers)}});
  }
  co_return doc::Object{{"tls", std::move(told)}};
}

Result<TlsAnswer> parse_tls_answer(std::string_view line) {
  Result<doc::Value> value = doc::parse_json(line);
  if (!value) return error("the probe's answer cannot be read: " + value.error().text);
  const doc::Array* told = doc::find_array(*value, {"tls"});
  if (told == nullptr) return error("the probe's answer has no \"tls\"");
  TlsAnswer answer;
  for (const doc::Value& each : *told) {
    Offers& offers = answer[std::string(doc::find_string(each, {"target"}))];
    const doc::Array* list = doc::find_array(each, {"offers"});
    if (list == nullptr) continue;
    for (const doc::Value& entry : *list) {
      const std::string_view name = doc::find_string(entry, {"offer"});
      const auto* offer = std::ranges::find(all_offers, name, [](Offer o) { return to_string(o); });
      if (offer == std::end(all_offers)) continue;
      offers[*offer] = {.response = response_of(doc::find_string(entry, {"response"})),
                        .shaken = is_true(entry, "shaken"),
                        .asked = is_true(entry, "asked"),
                        .version = std::string(doc::find_string(entry, {"version"})),
                        .chain_pem = std::string(doc::find_string(each, {"chain"})),
                        .detail = std::string(doc::find_string(entry, {"detail"}))};
    }
  }
  return answer;
}

}  // namespace raykeep::verify
