// The offers of `raykeep verify --tls`, made: by exec in the cluster's pods and in short-lived
// ones. An expired certificate takes the authority's own key, so it is made and shown from this
// machine, through a forwarded port: its key leaves this process no more than the authority's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/access.h"
#include "flow/flow.h"
#include "verify/tls_verdict.h"

namespace raykeep::verify {

struct TlsFound {
  TlsMatrix matrix = {};
  TlsOutcomes outcomes = {};
  std::map<std::size_t, std::string> not_run = {};  // by place
  std::optional<std::string> authority_pem = {};
  std::string no_expired = {};
};

/// `flows` and `places` must outlive the result. Throws Failure when the cluster cannot be asked;
/// what could not be tried is said in the result.
boost::asio::awaitable<TlsFound> try_tls(const control::Access& access, std::string ns,
                                         const std::vector<flow::Flow>& flows,
                                         const std::vector<Place>& places, Duration patience,
                                         std::function<void(const std::string&)> say);

}  // namespace raykeep::verify
