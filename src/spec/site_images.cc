#include "spec/site_images.h"

#include <fmt/format.h>

#include "base/text.h"
#include "spec/image_name.h"
#include "spec/names.h"

namespace raykeep::spec {
namespace {

/// A registry's prefix of images: host[:port][/path].
std::string parse_registry(const Cursor& registry) {
  std::string text = registry.text();
  if (registry && registry.value().is_string()) {
    std::string better(text.substr(text.contains("://") ? text.find("://") + 3 : 0));
    while (better.ends_with('/')) better.pop_back();
    // A registry is an image's name up to its last part; the first part is a host even without a
    // dot.
    if (better != text || !wrong_with_image(better + "/x").empty()) {
      bool mended = !better.empty() && better != text && wrong_with_image(better + "/x").empty();
      registry.report(
          "RK3032", fmt::format("{} is not host[:port][/path]", quoted(text)),
          mended ? "write " + quoted(better) : "write it as in registry.bank.example/mirror");
    }
  }
  return text;
}

void parse_own(const Cursor& images, Site& site) {
  for (auto [key, into] :
       {std::pair{"raykeep", &site.raykeep_image}, {"redis", &site.redis_image}}) {
    Cursor image = images[key];
    if (!image || !image.value().is_string()) continue;
    *into = image.text();
    if (std::string wrong = wrong_with_image(*into); !wrong.empty()) {
      image.report("RK3036", fmt::format("the image {} {}", quoted(*into), wrong));
    }
  }
}

void parse_pull_secrets(const Cursor& secrets, Site& site) {
  site.image_pull_secrets = secrets.strings();
  for (const Cursor& secret : secrets.items()) {
    if (secret && secret.value().is_string()) {
      if (std::string wrong = wrong_with_dns_subdomain(secret.text()); !wrong.empty()) {
        secret.report("RK3033",
                      fmt::format("the Secret's name {} {}", quoted(secret.text()), wrong));
      }
    }
  }
}

void parse_digests(const Cursor& digests, Site& site) {
  for (const auto& [image, at] : digests.members()) {
    if (!at.value().is_string()) continue;
    const std::string digest = at.text();
    std::string wrong = wrong_with_image(image);
    if (wrong.empty() && !digest_of_image(image).empty()) wrong = "has a digest itself";
    if (!wrong.empty()) {
      at.report_key("RK3036", fmt::format("the image {} {}", quoted(image), wrong),
                    "write its name and tag, as in rayproject/ray:2.60.0");
      continue;
    }
    if (!digest.starts_with("sha256:") || !wrong_with_image("x@" + digest).empty()) {
      at.report("RK3037", fmt::format("{} is no digest", quoted(digest)),
                "write sha256: and 64 digits, as images.lock has them");
      continue;
    }
    auto [place, is_new] = site.image_digests.try_emplace(full_image_name(image), digest);
    if (!is_new && place->second != digest) {
      at.report("RK3038", fmt::format("{} has two digests", quoted(place->first)),
                "keep the one of the image that is to run");
    }
  }
}

void parse_mirrors(const Cursor& mirrors, Site& site) {
  for (const Cursor& each : mirrors.items()) {
    ImageMirror made{.registry = parse_registry(each["registry"]), .mirrors = {}};
    for (const Cursor& mirror : each["mirrors"].items())
      made.mirrors.push_back(parse_registry(mirror));
    site.image_mirrors.push_back(std::move(made));
  }
}

}  // namespace

void parse_images(const Cursor& images, Site& site) {
  site.registry = parse_registry(images["registry"]);
  site.image_pull_policy = images["pullPolicy"].text();
  parse_own(images, site);
  parse_pull_secrets(images["pullSecrets"], site);
  parse_digests(images["digests"], site);
  parse_mirrors(images["mirrors"], site);
}

}  // namespace raykeep::spec
