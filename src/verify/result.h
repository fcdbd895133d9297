// What a verification found, as a value that is printed as a table, as JSON or as JUnit's XML.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/json.h"

namespace raykeep::verify {

struct CodeInfo {
  std::string_view code;
  std::string_view meaning;
};

namespace code {
inline constexpr std::string_view policy_gone = "RK7001";
inline constexpr std::string_view rule_missing = "RK7002";
inline constexpr std::string_view hole = "RK7003";
inline constexpr std::string_view unguarded = "RK7004";
inline constexpr std::string_view pod_unselected = "RK7005";
inline constexpr std::string_view dropped = "RK7006";
inline constexpr std::string_view passes = "RK7007";
inline constexpr std::string_view not_enforced = "RK7008";
inline constexpr std::string_view not_proven = "RK7009";
inline constexpr std::string_view plaintext = "RK7010";
inline constexpr std::string_view reset = "RK7011";
inline constexpr std::string_view unknown_flow = "RK7012";
inline constexpr std::string_view unused_flow = "RK7013";
inline constexpr std::string_view unanswered = "RK7014";
inline constexpr std::string_view not_understood = "RK7015";
inline constexpr std::string_view left_behind = "RK7016";
inline constexpr std::string_view no_certificate = "RK7017";
inline constexpr std::string_view foreign_certificate = "RK7018";
inline constexpr std::string_view expired_certificate = "RK7019";
inline constexpr std::string_view old_tls = "RK7020";
inline constexpr std::string_view untrusted_server = "RK7021";
inline constexpr std::string_view wrong_name = "RK7022";
inline constexpr std::string_view server_expired = "RK7023";
inline constexpr std::string_view server_ends_soon = "RK7024";
inline constexpr std::string_view weak_key = "RK7025";
inline constexpr std::string_view own_refused = "RK7026";
inline constexpr std::string_view tls_silent = "RK7027";
inline constexpr std::string_view unencrypted = "RK7028";
inline constexpr std::string_view mesh_refuses = "RK7029";
inline constexpr std::string_view no_authority = "RK7030";
}  // namespace code

/// Every code with what `check --explain` says of it.
extern const std::vector<CodeInfo> code_infos;

/// Something wrong with what stands in the cluster, not with a file.
struct Fault {
  std::string code;
  Severity severity = Severity::error;
  std::string object;  // "NetworkPolicy demo-head ingress[1]", "worker(gpu)->head"
  std::string what;
  std::string remedy;
  bool operator==(const Fault&) const = default;
};

/// One flow of the table.
struct FlowResult {
  std::string id, from, to, ports, protocol;
  std::string result;  // "open", "refused" (arrived, nobody listens), "dropped", ..., "untested"
  bool good = true;    // it passes, or could not be tried
  std::string how;     // "connected from demo-head-0 to 10.244.1.5:6379"
  std::vector<std::string> permitted_by;
  std::string note;
};

/// What must not pass between two, all ports together.
struct PairResult {
  std::string from, to;
  int tried = 0;
  int blocked = 0;
  int untried = 0;  // whose probe could not be run
  bool good = true;
  std::string note;
};

/// One port of one pod that is to be encrypted, and what became of each offer to it; or one flow
/// that is not encrypted, or was not tried.
struct TlsResult {
  std::string pod = {}, port_name = {}, ports = {}, encryption = {};
  std::vector<std::string> flows = {};
  std::string result = {};  // "encrypted", "faulty", "in the clear", "untested"
  bool good = true;
  /// "plaintext" -> "refused", in the order in which they are offered.
  std::vector<std::pair<std::string, std::string>> offers = {};
  std::string certificate = {};  // "P-256, by CN=raykeep-ca, until 2026-12-24 10:00 UTC"
  std::string note = {};
};

struct Verification {
  std::string cluster, ns, at, program;
  double seconds = 0;
  std::vector<FlowResult> flows;
  std::vector<PairResult> pairs;
  std::vector<TlsResult> tls;  // with --tls
  std::vector<Fault> faults;

  bool good() const;
};

/// "demo-head-0:6379 gcs-server".
std::string tls_name(const TlsResult& port);

doc::Object to_json(const Verification& result);
std::string to_junit(const Verification& result);

/// "12 flows: 10 pass, 2 not tested; 480 attempts in 14 pairs that must not: all blocked; 30
/// ports encrypted; no faults".
std::string summary(const Verification& result);

}  // namespace raykeep::verify
