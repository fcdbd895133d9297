// Random Sites and RayClusters, as documents: what a person could write, and more wildly than a
// person would. The same seed gives the same case.
#pragma once

#include <cstdint>

#include "scene.h"

namespace raykeep::policies {

enum class Taste {
  wild,  // peers and ports repeat and overlap
  tidy,  // each peer and each port once: every rule of a policy is then needed, and its loss shows
};

Scene random_scene(std::uint64_t seed, Taste taste);

}  // namespace raykeep::policies
