// Where a document and a Site do not go together. Codes RK4xxx.
#pragma once

#include "base/finding.h"
#include "plan/object.h"

namespace raykeep::plan {

inline constexpr const char* no_namespace =
    "RK4001";                                      // neither document nor command line names one
inline constexpr const char* no_token = "RK4003";  // Ray would run without authentication
inline constexpr const char* document_too_big =
    "RK4004";  // it does not fit into the ConfigMap that stores it
inline constexpr const char* many_ports =
    "RK4005";  // a port list without endPort that gets very long

inline constexpr const char* no_redis = "RK4006";       // fault tolerance asked for, no Redis known
inline constexpr const char* memory_only = "RK4007";    // ft-enabled, and the state stays in memory
inline constexpr const char* unknown_redis = "RK4008";  // policies cannot let the head through
inline constexpr const char* any_pod_is_redis = "RK4009";  // policies let it to a whole namespace
inline constexpr const char* port_of_road = "RK4010";      // a port of the document is the agent's
inline constexpr const char* name_too_long = "RK4011";     // for a managed Redis' labels
inline constexpr const char* no_registry = "RK4012";       // Raykeep's image is to be found nowhere
inline constexpr const char* no_fence = "RK4013";          // Redis without the agent
inline constexpr const char* no_certificate = "RK4014";    // tls.mode: native without the agent
inline constexpr const char* own_tls = "RK4015";           // the document sets Ray's TLS itself
inline constexpr const char* plain_haproxy = "RK4016";     // tls.mode: native does not cover it
inline constexpr const char* random_ports = "RK4017";      // no policy lets them through

Findings site_fit(const Input& input);

}  // namespace raykeep::plan
