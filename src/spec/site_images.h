// The Site's images: where they come from, under which digests, and who stands in for a registry.
#pragma once

#include "spec/reader.h"
#include "spec/site.h"

namespace raykeep::spec {

void parse_images(const Cursor& images, Site& site);

}  // namespace raykeep::spec
