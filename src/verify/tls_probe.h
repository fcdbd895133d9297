// The part of `raykeep probe` that offers to ports what they must refuse, and what they must take.
// The foreign certificate is of an authority that is made for it and forgotten; no key leaves the
// process. The pod's own is read where the agent put it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "doc/json.h"
#include "net/tls_attempt.h"

namespace raykeep::verify {

/// A port and the protocol behind its encryption: "http2/10.0.0.1:6379".
struct TlsTarget {
  net::Words words = net::Words::http2;
  std::string host;
  int port = 0;
  bool operator==(const TlsTarget&) const = default;
};

std::string to_string(const TlsTarget& target);

/// Ports of one host and protocol are one word, as of Targets.
std::vector<std::string> words_of(const std::vector<TlsTarget>& targets);
Result<std::vector<TlsTarget>> parse_tls_targets(std::string_view word);

enum class Offer { plaintext, no_certificate, foreign, expired, old_1_0, old_1_1, own };
std::string_view to_string(Offer offer);  // "no certificate", "TLS 1.0"

/// What became of the offers to one port; those that could not be made are absent.
using Offers = std::map<Offer, net::TlsAttempt>;

struct TlsProbeOptions {
  std::vector<TlsTarget> targets;
  Duration patience = std::chrono::seconds(5);  // for each offer
  std::string own_folder = "/run/raykeep/tls";  // tls.crt and tls.key; absent: none is offered
};

/// At most 32 offers at once. The answer is {"tls": [{"target": "http2/10.0.0.1:6379", "chain":
/// "PEM", "offers": [{"offer": "plaintext", "response": "refused", "detail": "..."}]}]}.
boost::asio::awaitable<doc::Value> tls_probe(boost::asio::any_io_executor executor,
                                             TlsProbeOptions options, const Clock& clock);

/// By a target's name. Unknown members, offers and responses are passed by.
using TlsAnswer = std::map<std::string, Offers>;
Result<TlsAnswer> parse_tls_answer(std::string_view line);

/// One offer to one port. `certificate` and `key` are for those that show one.
net::TlsOffer tls_offer(Offer offer, net::Words words, std::string certificate_pem = "",
                        Secret<std::string> key_pem = {});

}  // namespace raykeep::verify
