#include "plan/image.h"

#include "spec/image_name.h"

namespace raykeep::plan {

namespace {

std::string below_prefix(std::string_view image, std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty() ||
      (image.starts_with(prefix) && image.substr(prefix.size()).starts_with('/'))) {
    return std::string(image);
  }
  // The first part is a host when it has a dot or a colon or is localhost (distribution's reference
  // grammar).
  std::size_t slash = image.find('/');
  if (slash != std::string_view::npos) {
    std::string_view first = image.substr(0, slash);
    if (first.find_first_of(".:") != std::string_view::npos || first == "localhost") {
      image.remove_prefix(slash + 1);
    }
  }
  return std::string(prefix) + '/' + std::string(image);
}

}  // namespace

std::string image_on_site(std::string_view image, const spec::Site& site) {
  std::string made = below_prefix(image, site.registry);
  if (!spec::digest_of_image(image).empty()) return made;
  for (std::string_view name : {image, std::string_view(made)}) {
    auto digest = site.image_digests.find(spec::full_image_name(name));
    if (digest != site.image_digests.end()) return made + '@' + digest->second;
  }
  return made;
}

}  // namespace raykeep::plan
