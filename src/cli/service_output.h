// A RayService as people and programs read it: which cluster serves, what the controller says, and
// how its applications are.
#pragma once

#include <map>
#include <string>

#include "control/serve_api.h"
#include "control/service_view.h"
#include "doc/json.h"

namespace raykeep::cli {

struct ServiceReport {
  control::ServiceSeen seen;
  std::map<std::string, control::ServeStatus> serve;  // by cluster
};

/// Looks, and asks each cluster's Serve through forwarded ports.
control::awaitable<ServiceReport> look_at_service(const control::Access& access, std::string ns,
                                                  std::string name);

doc::Object to_json(const control::ServeStatus& status);
doc::Object to_json(const ServiceReport& report);

/// The applications of one cluster as a table, and what is wrong with them.
std::string to_text(const control::ServeStatus& status);
std::string to_text(const ServiceReport& report);

/// One line: "hello Serving: cluster hello-1a2b3, app RUNNING 2/2".
std::string to_line(const ServiceReport& report);

}  // namespace raykeep::cli
