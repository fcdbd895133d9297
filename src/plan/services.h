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

/// The Service for Serve's requests, or nothing where the document does not ask for it (annotation
/// `ray.io/enable-serve-service: "true"`, as in KubeRay). Unlike the head's it points only to pods
/// that are ready.
std::optional<doc::Value> serve_service(const Input& input);

}  // namespace raykeep::plan
