// What leads to a RayService from outside of the cluster, as the Site says: an Ingress, an
// HTTPRoute of the Gateway API, or OpenShift's Route.
#pragma once

#include <optional>

#include "plan/object.h"
#include "spec/ray_service.h"

namespace raykeep::plan {

/// Without labels and owner, which whoever stands above the clusters adds. Nothing where the Site
/// wants none. `serve`: the planned Service; requests go to its first port.
std::optional<doc::Object> front_route(const spec::RayService& service, const spec::Site& site,
                                       const std::string& ns, const doc::Object& serve);

/// On the Service that it leads to: a hash of it, so that whoever compares Services sees a change.
inline constexpr std::string_view route_annotation = "raykeep.io/route-hash";

}  // namespace raykeep::plan
