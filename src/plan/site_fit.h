// Where a document and a Site do not go together. Codes RK4xxx.
#pragma once

#include "base/finding.h"
#include "plan/object.h"

namespace raykeep::plan {

inline constexpr const char* no_namespace =
    "RK4001";  // neither document nor command line names one
inline constexpr const char* tls_not_yet =
    "RK4002";  // the Site asks for an encryption that cannot be given yet
inline constexpr const char* no_token = "RK4003";  // Ray would run without authentication
inline constexpr const char* document_too_big =
    "RK4004";  // it does not fit into the ConfigMap that stores it
inline constexpr const char* many_ports =
    "RK4005";  // a port list without endPort that gets very long

Findings site_fit(const Input& input);

}  // namespace raykeep::plan
