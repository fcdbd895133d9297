#include "plan/air_gap.h"

#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/image_name.h"

namespace raykeep::plan {
namespace {

/// Calls `visit` with each container of each workload.
template <class Visit>
void each_container(const std::vector<doc::Value>& objects, const Visit& visit) {
  for (const doc::Value& object : objects) {
    const doc::Object* pod = doc::find_object(object, {"spec", "template", "spec"});
    if (pod == nullptr) continue;
    for (std::string_view list : {"initContainers", "containers"}) {
      const doc::Array* containers = doc::find_array(*pod, {list});
      if (containers == nullptr) continue;
      for (const doc::Value& container : *containers) visit(object, container);
    }
  }
}

}  // namespace

std::vector<std::string> images_of(const std::vector<doc::Value>& objects) {
  std::set<std::string> images;
  each_container(objects, [&](const doc::Value&, const doc::Value& container) {
    std::string_view image = doc::find_string(container, {"image"});
    if (!image.empty()) images.emplace(image);
  });
  return {images.begin(), images.end()};
}

Findings air_gap_findings(const spec::Site& site, const std::vector<doc::Value>& objects) {
  Findings findings;
  if (!site.air_gapped) return findings;
  auto add = [&](Severity severity, const char* code, std::string path, std::string what,
                 std::string remedy) {
    findings.push_back({severity, code, {}, std::move(path), std::move(what), std::move(remedy)});
  };
  if (site.registry.empty()) {
    add(Severity::warning, images_outside, "spec.images",
        "the Site is air-gapped and names no registry of its own, so nodes ask those that the "
        "images name",
        "write images.registry: where raykeep bundle push has put them");
  }
  std::set<std::string> by_tag;
  each_container(objects, [&](const doc::Value& object, const doc::Value& container) {
    const std::string image(doc::find_string(container, {"image"}));
    const std::string path = fmt::format("{} {} container {}", doc::find_string(object, {"kind"}),
                                         doc::find_string(object, {"metadata", "name"}),
                                         doc::find_string(container, {"name"}));
    if (!image.empty() && spec::digest_of_image(image).empty() && by_tag.insert(image).second) {
      add(Severity::error, image_by_tag, path,
          fmt::format("the image {} is named by tag, and the Site is air-gapped", quoted(image)),
          "give --images-lock the images.lock that raykeep bundle push wrote, or name the digest");
    }
    if (doc::find_string(container, {"imagePullPolicy"}) == "Always") {
      add(Severity::warning, always_pulled, path,
          "imagePullPolicy: Always asks the registry at each start, though the digest says what it "
          "will answer: no pod starts while the registry is away",
          "write IfNotPresent, here or as the Site's images.pullPolicy");
    }
  });
  return findings;
}

}  // namespace raykeep::plan
