// What a namespace's own account can learn of the place around it, for `site init`. What is outside
// the namespace is asked for only where that is allowed. Values; site_init.h makes text of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/access.h"
#include "kube/ask.h"

namespace raykeep::preflight {

using boost::asio::awaitable;

struct SiteFacts {
  std::string ns;
  std::string server = {};            // the kubeconfig's
  std::string version = {};           // "v1.34.4"
  std::set<std::string> groups = {};  // of the API: "security.openshift.io"
  kube::Said ns_object = {}, policies = {}, quotas = {}, limit_ranges = {}, pods = {},
             services = {}, service_accounts = {};
  /// Nothing where these rights do not allow to look.
  std::optional<kube::Said> storage_classes = {}, priority_classes = {}, api_endpoints = {},
                            dns_service = {};
};

/// Throws Failure when the API server cannot be asked at all.
awaitable<SiteFacts> look_around(const control::Access& access, std::string ns);

}  // namespace raykeep::preflight
