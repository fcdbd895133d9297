// How the agent is told what it is to do: its command line as values, and the file that describes
// the head's road to Redis. Neither holds secrets; they name files that do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "doc/json.h"
#include "node/decide.h"
#include "redis/road.h"

namespace raykeep::node {

/// What the kubelet tells by the downward API.
struct Pod {
  std::string name = {};
  std::string ns = {};
  std::string uid = {};
  std::string ip = {};
};

/// Where a certificate for Ray's TLS comes from, and where it goes.
struct IdentityOptions {
  std::string host = {};  // of the controller, which signs
  int port = 0;
  std::string folder = "/run/raykeep/tls";  // in memory; tls.key, tls.crt, ca.crt
  std::string token_file = {};              // of the pod's service account
  std::string authority_file = {};          // what the controller is known by
};

/// One of our TLS ports and the plain port on loopback behind it.
struct TlsPort {
  int port = 0;
  int plain = 0;
  bool http2 = false;       // gRPC, by ALPN
  std::string folder = {};  // with tls.crt and tls.key; empty: that of the node's own certificate
  bool operator==(const TlsPort&) const = default;
};

struct TlsListenerOptions {
  std::vector<TlsPort> ports = {};
  std::size_t connections = 1024;                // to each port at the same time; more are refused
  std::size_t head_bytes = 64 * 1024;            // of the first request
  Duration patience = std::chrono::seconds(10);  // for a handshake, and for the head after it
  Duration idle = std::chrono::hours(1);         // without a byte either way
};

struct Options {
  Role role = Role::worker;
  int port = 52370;              // /livez, /readyz, /metrics
  std::string ray_version = {};  // "2.60.0"
  std::string gcs_host = {};
  int gcs_port = 6379;
  int node_manager_port = 8077;
  int agent_port = 52365;
  int dashboard_port = 0;  // 0: readiness does not ask it
  int serve_port = 0;      // 0: likewise
  int metrics_port = 0;    // Ray's own; 0: Serve's traffic is not counted
  bool serve_required = false;
  std::string token_file = {};
  Duration drain = std::chrono::seconds(30);
  std::optional<redis::RoadOptions> road = {};
  std::optional<IdentityOptions> identity = {};
  TlsListenerOptions tls = {};
  std::vector<std::string> command = {};  // starts Ray and ends; see Agent
  Pod pod = {};
};

/// "head.ns.svc:6379", "[fd00::1]:6379", "10.0.0.1:6379".
Result<std::pair<std::string, int>> parse_host_and_port(std::string_view text);

/// "60s", "500ms", "2m": Go's syntax without the rare units, as in the Redis file.
Result<Duration> parse_patience(std::string_view text);

/// "52380:8265", "52381:8000,/run/raykeep/http" (a folder of its own), "52386:9000,h2" (gRPC).
Result<TlsPort> parse_tls_port(std::string_view text);

/// The file that `--redis` names, read as YAML or JSON. Everything that is not known is refused: a
/// typing error must not leave a head without TLS. Pod and log are left to the caller.
Result<redis::RoadOptions> parse_road(const doc::Value& value);

/// The part of the options that decides.
Config config_of(const Options& options);

}  // namespace raykeep::node
