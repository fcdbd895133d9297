#include "spec/image_name.h"

namespace raykeep::spec {

std::string full_image_name(std::string_view image) {
  const std::size_t at = image.find('@');
  const bool has_digest = at != std::string_view::npos;
  image = image.substr(0, at);
  const std::size_t slash = image.find('/');
  const std::string_view first = slash == std::string_view::npos ? "" : image.substr(0, slash);
  const bool has_host = first.find_first_of(".:") != std::string_view::npos || first == "localhost";
  std::string name;
  if (!has_host) name = slash == std::string_view::npos ? "docker.io/library/" : "docker.io/";
  name += image;
  // docker.io's older names.
  constexpr std::string_view older = "index.docker.io/";
  if (name.starts_with(older)) name = "docker.io/" + name.substr(older.size());
  const std::size_t last = name.rfind('/');
  if (!has_digest && name.find(':', last) == std::string::npos) name += ":latest";
  return name;
}

std::string_view digest_of_image(std::string_view image) {
  const std::size_t at = image.find('@');
  return at == std::string_view::npos ? std::string_view() : image.substr(at + 1);
}

}  // namespace raykeep::spec
