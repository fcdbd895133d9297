// What the controller tells on its port: /livez and /readyz for the kubelet, /metrics for
// Prometheus. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "net/http.h"

namespace raykeep::control {

struct ControllerFacts {
  bool turns = true;    // its work goes round; false: it hangs
  bool listed = false;  // everything that it watches was listed once
  bool leads = false;
  std::string leader = {};  // as last seen; may be empty
  std::uint64_t looks = 0;
  std::uint64_t failed_looks = 0;
  std::uint64_t troubles = 0;                         // of watches and of the Lease
  std::map<std::string, std::uint64_t> actions = {};  // by verb
  /// By cluster and type: 1 where it is true.
  std::map<std::string, std::map<std::string, int>> conditions = {};
  /// By RayService and type, likewise; RolledBack is a type, too.
  std::map<std::string, std::map<std::string, int>> services = {};
};

/// A replica that does not lead is ready, too: it watches, and takes over.
net::Response controller_page(std::string_view path, const ControllerFacts& facts);

}  // namespace raykeep::control
