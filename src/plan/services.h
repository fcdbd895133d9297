// The Services of a cluster: where everything else finds the head, and where Serve is reached.
#pragma once

#include <optional>

#include "plan/object.h"

namespace raykeep::plan {

/// The Service through which everything else finds the head of a Ray cluster.
///
/// Headless, with not-ready addresses published: workers must find a head that is still starting,
/// and Ray dials pod IPs afterwards. The document's headService and serviceType change that, as in
/// KubeRay.
doc::Value head_service(const Input& input);

/// By what a cluster's pods are found that take requests. Ready pods without a Serve proxy would
/// refuse: the controller keeps the label true to that.
doc::Object serve_selector(const std::string& cluster);

/// The ports of a Service for Serve's requests: HTTP, and gRPC where the document has it.
doc::Array serve_ports(const Input& input);

/// The Service for Serve's requests, or nothing where it is not asked for. It points to ready pods
/// that bear `ray.io/serve: "true"`: the controller keeps that true to whose proxy takes requests.
std::optional<doc::Value> serve_service(const Input& input);

}  // namespace raykeep::plan
