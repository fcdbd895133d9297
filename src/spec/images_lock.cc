#include "spec/images_lock.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/image_name.h"
#include "spec/names.h"
#include "spec/reader.h"

namespace raykeep::spec {
namespace {

doc::Object& object_at(doc::Object& parent, std::string_view key) {
  doc::Value& value = parent[key];
  if (!value.is_object()) value = doc::Object();
  return value.get_object();
}

bool is_digest(const std::string& text) {
  return text.starts_with("sha256:") && wrong_with_image("x@" + text).empty();
}

std::string wrong_with_name(const std::string& name) {
  std::string wrong = wrong_with_image(name);
  return wrong.empty() && !digest_of_image(name).empty() ? "has a digest itself" : wrong;
}

LockedImage parse_image(const Cursor& at) {
  LockedImage made{
      .name = at["name"].text(), .digest = at["digest"].text(), .image = at["image"].text()};
  if (std::string wrong = wrong_with_name(made.name); !wrong.empty())
    at["name"].report("RK3071", fmt::format("the image {} {}", quoted(made.name), wrong));
  if (!is_digest(made.digest))
    at["digest"].report("RK3071", fmt::format("{} is no digest", quoted(made.digest)),
                        "let raykeep bundle push write the file again");
  return made;
}

}  // namespace

std::string write_images_lock(ImagesLock lock) {
  std::ranges::sort(lock.images, {}, &LockedImage::name);
  doc::Array images;
  for (LockedImage& each : lock.images) {
    doc::Object made{{"name", std::move(each.name)}, {"digest", std::move(each.digest)}};
    if (!each.image.empty()) made["image"] = std::move(each.image);
    images.push_back(std::move(made));
  }
  doc::Object made{{"apiVersion", "raykeep.io/v1"}, {"kind", "ImagesLock"}};
  if (!lock.bundle.empty()) made["bundle"] = std::move(lock.bundle);
  made["images"] = std::move(images);
  return "# What raykeep bundle push has put into the registry. Give it to raykeep up, check and "
         "render:\n# --images-lock.\n" +
         doc::write_yaml(made);
}

ParsedImagesLock parse_images_lock(const doc::Document& document) {
  ParsedImagesLock made;
  const Cursor root(document, made.findings);
  if (root["kind"].text() != "ImagesLock" || root["apiVersion"].text() != "raykeep.io/v1") {
    root.report("RK3070", "the document is not an ImagesLock of raykeep.io/v1",
                "give the file that raykeep bundle push wrote");
    return made;
  }
  made.lock.bundle = root["bundle"].text();
  for (const Cursor& each : root["images"].items()) made.lock.images.push_back(parse_image(each));
  if (made.lock.images.empty()) root["images"].report("RK3072", "it names no image");
  return made;
}

Findings lock_site(const ImagesLock& lock, const std::string& lock_file, doc::Document& site) {
  Findings findings;
  if (!site.value.is_object()) return findings;
  doc::Object& images = object_at(object_at(site.value.get_object(), "spec"), "images");
  doc::Object& digests = object_at(images, "digests");
  StringMap own;
  for (const auto& [name, digest] : digests) {
    if (const boost::json::string* text = digest.if_string())
      own.emplace(full_image_name(name), std::string(*text));
  }
  for (const LockedImage& each : lock.images) {
    const std::string name = full_image_name(each.name);
    auto written = own.find(name);
    if (written == own.end()) {
      digests[each.name] = each.digest;
      own.emplace(name, each.digest);
    } else if (written->second != each.digest) {
      findings.push_back({Severity::error, "RK3073", site.place("/spec/images/digests"),
                          "spec.images.digests",
                          fmt::format("the Site has {} for {}, and {} has {}", written->second,
                                      name, lock_file, each.digest),
                          "take it out of the Site, or give the lock that belongs to it"});
    }
  }
  return findings;
}

}  // namespace raykeep::spec
