// Labels, annotations and the like: names and values, sorted by name.
#pragma once

#include <map>
#include <string>

namespace raykeep::spec {

using StringMap = std::map<std::string, std::string>;

}  // namespace raykeep::spec
