// What a node's Serve proxy has done, from Ray's own metrics on the node (Prometheus text,
// --metrics-export-port; python/ray/serve/_private/proxy.py names them).
#pragma once

#include <string_view>

namespace raykeep::ray {

struct ServeTraffic {
  double requests = 0;  // answered since the proxy began
  double errors = 0;    // of these, with a status of 500 and above
  bool operator==(const ServeTraffic&) const = default;
};

/// Reads the metrics' text; what is not of Serve's HTTP proxy is passed by. Pure.
ServeTraffic read_serve_traffic(std::string_view metrics);

}  // namespace raykeep::ray
