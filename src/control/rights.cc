#include "control/rights.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/persisted.h"

namespace raykeep::control {

std::span<const Right> controller_rights() {
  static const std::vector<std::string_view> keep = {"get",    "list",  "watch",
                                                     "create", "patch", "delete"};
  static const std::array all = {
      Right{"", "configmaps", keep,
            "stored documents are read, and their status is written beside them; the heads' "
            "configuration and the notes of what to clean up are kept"},
      Right{"",
            "secrets",
            {"get", "create", "patch"},
            "single Secrets by name, never listed: Ray's token is made when it is missing, and "
            "Redis is asked for a head's lease with the credentials that the head has"},
      Right{"", "services", keep, "a cluster's Services are kept as planned"},
      Right{"",
            "persistentvolumeclaims",
            {"get", "list", "watch", "create", "patch"},
            "volumes for the GCS and Redis are claimed; never deleted, because they hold data"},
      Right{"",
            "pods",
            {"get", "list", "watch", "delete", "patch"},
            "their state is watched; a head or worker on a lost node, or one whose certificate is "
            "to be renewed, is deleted so that Kubernetes makes another; the label ray.io/serve "
            "says whose Serve proxy takes requests. None is created, and nothing is run in them"},
      Right{"",
            "events",
            {"create"},
            "what happens is told on the objects that it happens to; none is read"},
      Right{"apps", "statefulsets", keep, "heads are kept as planned"},
      Right{"apps", "deployments", keep, "worker groups are kept as planned"},
      Right{"apps",
            "replicasets",
            {"list", "watch"},
            "pods of an older revision are told from those of the newest"},
      Right{"networking.k8s.io", "networkpolicies", keep,
            "who may talk to whom is kept as planned"},
      Right{"policy", "poddisruptionbudgets", keep, "what a node drain may end is kept as planned"},
      Right{"coordination.k8s.io",
            "leases",
            {"create"},
            "two replicas agree on who acts (create cannot be limited to a name)"},
      Right{"coordination.k8s.io",
            "leases",
            {"get", "update"},
            "two replicas agree on who acts",
            controller_name},
  };
  return all;
}

std::vector<Right> controller_rights(const spec::Site& site) {
  std::vector<Right> all(controller_rights().begin(), controller_rights().end());
  constexpr std::string_view why = "as the Site's serving.route says, it leads to RayServices";
  if (site.route.kind == "Ingress")
    all.push_back({"networking.k8s.io", "ingresses", {"create", "patch"}, why});
  if (site.route.kind == "HTTPRoute")
    all.push_back({"gateway.networking.k8s.io", "httproutes", {"create", "patch"}, why});
  if (site.route.kind == "Route")
    all.push_back({"route.openshift.io", "routes", {"create", "patch"}, why});
  return all;
}

doc::Array rules_of(std::span<const Right> rights) {
  doc::Array rules;
  for (const Right& right : rights) {
    doc::Array verbs;
    for (std::string_view verb : right.verbs) verbs.emplace_back(verb);
    doc::Object rule{{"apiGroups", doc::Array{right.group}},
                     {"resources", doc::Array{right.resource}}};
    if (!right.only.empty()) rule["resourceNames"] = doc::Array{right.only};
    rule["verbs"] = std::move(verbs);
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::string to_text(std::span<const Right> rights) {
  std::string text;
  for (const Right& right : rights) {
    text +=
        fmt::format("{}{}{}: {}: {}\n", right.group.empty() ? "" : fmt::format("{} ", right.group),
                    right.resource, right.only.empty() ? "" : fmt::format(" named {}", right.only),
                    fmt::join(right.verbs, ", "), right.why);
  }
  return text;
}

}  // namespace raykeep::control
