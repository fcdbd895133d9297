// What a plan may not do on a Site with no way out. Codes RK43xx.
#pragma once

#include <vector>

#include "base/finding.h"
#include "doc/json.h"
#include "spec/site.h"

namespace raykeep::plan {

inline constexpr const char* image_by_tag = "RK4301";    // of an air-gapped Site
inline constexpr const char* images_outside = "RK4302";  // it names no registry of its own
inline constexpr const char* always_pulled = "RK4303";   // imagePullPolicy: Always

/// Every image of the pods in `objects`, sorted, each once.
std::vector<std::string> images_of(const std::vector<doc::Value>& objects);

/// Nothing for a Site that is not air-gapped.
Findings air_gap_findings(const spec::Site& site, const std::vector<doc::Value>& objects);

}  // namespace raykeep::plan
