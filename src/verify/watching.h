// What the cluster really does, against the flow table: every pod's sockets are watched for a
// while. Flows that were used and are not in the table, and rules that nobody used.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/access.h"
#include "plan/plan.h"
#include "verify/result.h"
#include "verify/sockets.h"

namespace raykeep::verify {

/// Who has which address.
struct Addresses {
  std::map<std::string, flow::End> roles;        // pods of the cluster
  std::map<std::string, std::string> others;     // other pods and Services: "Pod x", "Service y"
  std::map<std::string, doc::Value> other_pods;  // for the Site's peers
  std::string ns;
};

/// From pods and Services of the namespace.
Addresses addresses_of(const plan::Plan& plan, const std::vector<doc::Value>& pods,
                       const std::vector<doc::Value>& services);

/// What was seen in one pod.
struct PodTalks {
  std::string pod;
  flow::End end;
  std::vector<Talk> talks;
};

/// Faults (a flow that the table lacks, a call without an answer) and notices (flows of the table
/// that were not used). Pure.
std::vector<Fault> judge_talks(const plan::Plan& plan, const Addresses& addresses,
                               const std::vector<PodTalks>& seen);

/// Watches all pods of the cluster that have the program, at most 64.
boost::asio::awaitable<std::vector<Fault>> watch(const control::Access& access,
                                                 const plan::Plan& plan,
                                                 const std::vector<doc::Value>& pods, Duration span,
                                                 std::function<void(const std::string&)> say);

}  // namespace raykeep::verify
