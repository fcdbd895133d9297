// The program inside a pod that tries what it is told and says what became of it, as one JSON line.
// It is `raykeep probe`, run by exec in Ray's pods and in short-lived ones, so that packets leave
// from where Ray's would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "doc/json.h"
#include "verify/target.h"

namespace raykeep::verify {

struct ProbeOptions {
  std::vector<Target> targets;
  Duration patience = std::chrono::seconds(1);  // for each
  int tries = 1;                                // of what does not arrive
  net::Speak speak = net::Speak::nothing;
};

/// At most 512 under way at once. The answer is {"nameServer": "10.96.0.10", "reached": [{"target":
/// "tcp/10.0.0.1:80", "fate": "open", "spoken": "answered", "ms": 0.4, "detail": "..."}]}.
boost::asio::awaitable<doc::Value> probe(boost::asio::any_io_executor executor,
                                         ProbeOptions options, const Clock& clock);

/// The first name server in the text of a resolv.conf; empty: none.
std::string name_server_in(std::string_view resolv_conf);

/// What one probe found, by Target's name.
struct ProbeAnswer {
  std::string name_server;
  std::map<std::string, net::Reached> reached;
};

/// Reads a probe's answer. Unknown members are passed by.
Result<ProbeAnswer> parse_probe_answer(std::string_view line);

}  // namespace raykeep::verify
