// rayVersion, and what of the document needs a certain Ray.
#include <fmt/format.h>

#include "base/text.h"
#include "spec/names.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

constexpr RayVersion kOldest{2, 41, 0};      // DESIGN.md section 13
constexpr RayVersion kFirstToken{2, 52, 0};  // KubeRay: "authOptions.mode is 'token' but ..."

/// "rayproject/ray:2.46.0-py310" -> 2.46.0. Nothing for images that are not called like Ray's own.
std::optional<RayVersion> version_of_image(std::string_view image) {
  image = image.substr(0, image.find('@'));
  std::size_t slash = image.rfind('/');
  if (slash != std::string_view::npos) image.remove_prefix(slash + 1);
  std::size_t colon = image.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view name = image.substr(0, colon);
  if (name != "ray" && name != "ray-ml" && name != "ray-llm") return std::nullopt;
  return parse_ray_version(std::string(image.substr(colon + 1)));
}

void check_image(const Cursor& group, const RayVersion& wanted) {
  Cursor image = ray_container(group)["image"];
  std::optional<RayVersion> found = version_of_image(image.text());
  if (found && *found != wanted) {
    image.report("RK2065",
                 fmt::format("the image holds Ray {}.{}.{}, rayVersion says {}.{}.{}", found->major,
                             found->minor, found->patch, wanted.major, wanted.minor, wanted.patch),
                 "make them the same");
  }
}

void check_authentication(const Cursor& auth, std::optional<RayVersion> version) {
  bool token = auth["mode"].text() == "token";
  if (token && !version) {
    auth["mode"].report("RK2063", "token authentication wants to know rayVersion",
                        "write rayVersion, 2.52.0 or newer");
  } else if (token && *version < kFirstToken) {
    auth["mode"].report("RK2063", "token authentication needs Ray 2.52.0 or newer",
                        "use a newer Ray, or write mode: disabled");
  }
  if (auth["enableK8sTokenAuth"].boolean()) {
    auth["enableK8sTokenAuth"].report(
        "RK2064", "Ray would ask the API server's TokenReview, which needs a ClusterRole",
        "remove it; Raykeep keeps the token in a Secret");
  }
  Cursor secret = auth["secretName"];
  if (secret && secret.value().is_string()) {
    if (std::string wrong = wrong_with_dns_subdomain(secret.text()); !wrong.empty()) {
      secret.report("RK2067", fmt::format("the Secret's name {} {}", quoted(secret.text()), wrong));
    }
  }
}

}  // namespace

void validate_version(const Cursor& spec) {
  Cursor at = spec["rayVersion"];
  std::string text = at.text();
  std::optional<RayVersion> version = parse_ray_version(text);
  if (!at || (at.value().is_string() && text.empty())) {
    if (spec) {
      spec["rayVersion"].report(
          "RK2060", "rayVersion is not written: no token authentication, old health checks",
          "write the Ray version of the image, as in rayVersion: \"2.52.0\"");
    }
  } else if (!version && at.value().is_string()) {
    at.report("RK2061", fmt::format("{} is not a version of Ray", quoted(text)),
              "write it as in \"2.52.0\"");
  } else if (version && *version < kOldest) {
    at.report("RK2062", fmt::format("Ray {} is older than 2.41.0", quoted(text)),
              "use Ray 2.41.0 or newer");
  }
  check_authentication(spec["authOptions"], version);
  if (!version) return;
  check_image(spec["headGroupSpec"], *version);
  for (const Cursor& group : spec["workerGroupSpecs"].items()) check_image(group, *version);
}

void validate_head_service(const Cursor& head) {
  Cursor service = head["headService"];
  Cursor name = service["metadata"]["name"];
  if (name && name.value().is_string()) {
    if (std::string wrong = wrong_with_service_name(name.text()); !wrong.empty()) {
      name.report("RK2046", fmt::format("the Service's name {} {}", quoted(name.text()), wrong));
    }
  }
  if (service["spec"]["type"].text() == "ExternalName") {
    service["spec"]["type"].report("RK2046", "an ExternalName Service selects no pods",
                                   "write ClusterIP, NodePort or LoadBalancer");
  }
  for (const Cursor& port : service["spec"]["ports"].items()) {
    std::optional<std::int64_t> number = port["port"].integer();
    if (number && (*number < 1 || *number > 65535)) {
      port["port"].report("RK2046", fmt::format("{} is not a port", *number),
                          "write a number from 1 to 65535");
    }
  }
}

}  // namespace raykeep::spec
