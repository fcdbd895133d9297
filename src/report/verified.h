// What `raykeep verify` found, as its file tells it. The file comes from outside: it is read with
// bounds, what is absent is empty, and only what has a wrong type or speaks of another cluster is
// refused.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "doc/json.h"

namespace raykeep::report {

struct VerifiedFlow {
  std::string result;  // "open", "refused", "dropped", "reset", "untested", ...
  std::string how;     // "connected from pod demo-worker-cpu-x to 10.244.1.5:6379"
  std::string note;
  bool good = false;

  bool is_tested() const { return result != "untested"; }
};

/// Somebody who must not get through.
struct VerifiedPair {
  std::string from;
  std::string to;
  std::int64_t tried = 0;
  std::int64_t blocked = 0;
  std::string note;
  bool good = false;
};

struct VerifiedFinding {
  std::string code, severity, object, what, remedy;
};

struct Verified {
  std::string at;  // "2026-11-27T07:00:00Z", as written
  std::string program;
  bool good = false;
  double seconds = 0;
  std::map<std::string, VerifiedFlow, std::less<>> flows;  // by flow::Flow::id()
  std::vector<VerifiedPair> pairs;
  std::vector<VerifiedFinding> findings;
};

/// Of 50 worker groups a result has about 7,600 flows.
inline constexpr doc::Limits verified_limits{.bytes = 32u << 20, .depth = 20, .nodes = 2'000'000};

/// Reads a result about `cluster` in `ns`.
Result<Verified> parse_verified(std::string_view text, const std::string& cluster,
                                const std::string& ns);

}  // namespace raykeep::report
