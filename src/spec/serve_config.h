// serveConfigV2 of a RayService: YAML inside of YAML, which KubeRay passes on as it is and Ray
// refuses, or half ignores, when the cluster is there. Here it is read as Ray 2.60 reads it, before
// anything is touched, with places in the user's file.
#pragma once

#include "doc/document.h"

namespace raykeep::spec {

/// Everything wrong with spec.serveConfigV2 of a RayService's document (RK26xx).
Findings serve_config_findings(const doc::Document& ray_service);

}  // namespace raykeep::spec
