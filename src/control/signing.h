// Who may have which certificate. A node shows its pod's token; the API server says whose token it
// is, by a SelfSubjectReview made with that token (a TokenReview needs rights beyond a
// namespace's); the pod itself says the rest. So a node gets a certificate for its own pod's
// addresses and for nothing else, whatever it asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "doc/json.h"
#include "pki/authority.h"

namespace raykeep::control {

/// The pod that a token is bound to, as the API server told it.
struct Caller {
  std::string ns;
  std::string service_account;
  std::string pod;
  std::string pod_uid;
};

/// Reads a SelfSubjectReview's status. An error for a person's token, a token that is bound to no
/// pod, or another namespace's.
Result<Caller> caller_of(const doc::Value& review, const std::string& ns);

/// Why the pod may not have a certificate: it is another one than the token's, not a Ray node of
/// Raykeep's, is gone or going, or the request came from another address.
std::optional<std::string> refusal_of(const Caller& caller, const doc::Value& pod,
                                      const std::string& peer_address);

/// What a node is called: its addresses, and the names of the Services that it is found by.
/// "localhost" and the loopback addresses, because its own processes dial those.
pki::Names names_of(const doc::Value& pod, const std::vector<std::string>& services,
                    const std::string& cluster_domain);

/// Why the request asks for more than these names; nothing: it does not.
std::optional<std::string> excess_of(const pki::Requested& requested, const std::string& pod,
                                     const pki::Names& allowed);

}  // namespace raykeep::control
