#include "plan/image.h"

namespace raykeep::plan {

std::string image_on_site(std::string_view image, const spec::Site& site) {
  std::string prefix = site.registry;
  while (prefix.ends_with('/')) prefix.pop_back();
  if (prefix.empty() || image.starts_with(prefix + "/")) return std::string(image);
  // The first part is a host when it has a dot or a colon or is localhost (distribution's reference
  // grammar).
  std::size_t slash = image.find('/');
  if (slash != std::string_view::npos) {
    std::string_view first = image.substr(0, slash);
    if (first.find_first_of(".:") != std::string_view::npos || first == "localhost") {
      image.remove_prefix(slash + 1);
    }
  }
  return prefix + '/' + std::string(image);
}

}  // namespace raykeep::plan
