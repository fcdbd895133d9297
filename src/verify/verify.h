// `raykeep verify`: the flow table tried on the live cluster. Policies are read and compared with
// the plan's; probes run by exec in Ray's pods and in short-lived ones, which are gone at the end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/access.h"
#include "plan/plan.h"
#include "spec/site.h"
#include "verify/result.h"

namespace raykeep::verify {

struct VerifyOptions {
  std::string program = {};                     // Raykeep's version, for the result
  Duration patience = std::chrono::seconds(1);  // until silence counts as dropped
  bool speak = false;                      // say plaintext on open ports and look what comes back
  bool tls = false;                        // offer to encrypted ports what they must refuse
  bool probes = true;                      // false: only the policies are judged
  std::vector<std::string> accepted = {};  // names of policies that may permit more
  Duration watch{};                        // also watch the pods' sockets that long
};

/// Says what is being done, a line each.
using Say = std::function<void(const std::string&)>;

/// Throws Failure where the cluster cannot be looked at; faults are results. Leaves nothing behind,
/// also when it is cancelled.
boost::asio::awaitable<Verification> verify(const control::Access& access, plan::Plan plan,
                                            spec::Site site, VerifyOptions options, Say say);

/// The plan of a cluster that stands in the namespace, from its stored document, and the Site of
/// it. Throws Failure::invalid where there is none.
struct Stood {
  plan::Plan plan;
  spec::Site site;
};
boost::asio::awaitable<Stood> standing_plan(const control::Access& access, std::string ns,
                                            std::string cluster);

}  // namespace raykeep::verify
