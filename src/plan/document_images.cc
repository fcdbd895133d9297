#include "plan/document_images.h"

#include <algorithm>

namespace raykeep::plan {
namespace {

constexpr std::string_view container_lists[] = {"containers", "initContainers",
                                                "ephemeralContainers"};

void add(std::string_view image, std::set<std::string>& images) {
  if (!image.empty()) images.emplace(image);
}

void add_member(std::string_view name, const doc::Value& value, std::set<std::string>& images) {
  if (std::ranges::find(container_lists, name) != std::end(container_lists)) {
    const doc::Array* list = value.if_array();
    if (list == nullptr) return;
    for (const doc::Value& each : *list) add(doc::find_string(each, {"image"}), images);
  } else if (name == "autoscalerOptions") {
    add(doc::find_string(value, {"image"}), images);
  } else if (name == "volumes") {
    const doc::Array* list = value.if_array();
    if (list == nullptr) return;
    for (const doc::Value& each : *list)
      add(doc::find_string(each, {"image", "reference"}), images);
  }
}

}  // namespace

void add_document_images(const doc::Value& document, std::set<std::string>& images) {
  if (const doc::Object* map = document.if_object()) {
    for (const auto& [name, value] : *map) {
      add_member(name, value, images);
      add_document_images(value, images);
    }
  } else if (const doc::Array* list = document.if_array()) {
    for (const doc::Value& each : *list) add_document_images(each, images);
  }
}

void add_site_images(const spec::Site& site, std::set<std::string>& images) {
  add(site.raykeep_image, images);
  if (site.redis.managed) add(site.redis_image, images);
}

}  // namespace raykeep::plan
