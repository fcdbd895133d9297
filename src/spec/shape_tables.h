// The texts from which shapes() is made; the notation is described in shape.h.
#pragma once

namespace raykeep::spec {

extern const char* const kCoreShapes;   // Kubernetes' own types, made by tools/core_fields.py
extern const char* const kRayShapes;    // ray.io/v1
extern const char* const kSiteShapes;   // raykeep.io/v1
extern const char* const kServeShapes;  // Ray Serve's own configuration

}  // namespace raykeep::spec
