// What nearly every file needs and takes long to read: Boost.JSON alone is four seconds. Read once for
// all modules that know JSON. Only a precompiled header: nobody includes it.
#pragma once

#include <algorithm>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
