#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/names.h"
#include "spec/shape.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

std::set<std::string> check_volumes(const Cursor& spec) {
  std::set<std::string> names;
  for (const Cursor& volume : spec["volumes"].items()) {
    if (!volume || !volume.value().is_object()) continue;
    Cursor name = volume["name"];
    if (name && name.value().is_string()) {
      if (std::string wrong = wrong_with_dns_label(name.text()); !wrong.empty()) {
        name.report("RK2216", fmt::format("the volume's name {} {}", quoted(name.text()), wrong));
      }
      if (name.text() == "raykeep" || name.text() == "raykeep-redis" ||
          name.text() == "raykeep-tls" || name.text() == "raykeep-https") {
        name.report("RK2224",
                    fmt::format("{} is the name of Raykeep's own volume", quoted(name.text())),
                    "choose another name");
      }
      if (!names.insert(name.text()).second) {
        name.report("RK2202",
                    fmt::format("{} is the name of another volume already", quoted(name.text())),
                    "choose another name");
      }
    }
    // `emptyDir:` with nothing behind it is null, and Kubernetes drops it: a volume without a
    // source.
    std::ptrdiff_t sources = std::ranges::count_if(
        volume.members(), [](const auto& member) { return member.first != "name"; });
    if (sources != 1) {
      bool emptied = volume.value().get_object().size() == 2 && sources == 0;
      volume.report("RK2217", fmt::format("the volume has {} sources, not one", sources),
                    emptied ? "write {} behind the source, as in emptyDir: {}" : "");
    }
  }
  return names;
}

/// "/a/b/" and "/a//b" are one place.
std::string normal_path(std::string_view path) {
  std::string out;
  for (char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

void check_mounts(const Cursor& container, const std::set<std::string>& volumes) {
  std::map<std::string, std::string> taken;
  for (const Cursor& mount : container["volumeMounts"].items()) {
    Cursor name = mount["name"], path = mount["mountPath"];
    if (name && name.value().is_string() && !volumes.contains(name.text())) {
      std::string meant = volumes.size() > 100 || name.full()
                              ? ""
                              : nearest(name.text(), {volumes.begin(), volumes.end()});
      name.report(
          "RK2213", fmt::format("the pod has no volume {}", quoted(name.text())),
          meant.empty() ? "add it to the pod's volumes" : "did you mean " + quoted(meant) + "?");
    }
    if (!path || !path.value().is_string()) continue;
    std::string text = path.text();
    if (!text.starts_with('/') || text.contains(':') ||
        std::ranges::count(split(text, '/'), "..") > 0) {
      path.report("RK2215",
                  fmt::format("{} is not an absolute path without a colon", quoted(text)));
    }
    auto [first, is_new] = taken.emplace(normal_path(text), name.text());
    if (!is_new) {
      path.report("RK2214", fmt::format("{} is mounted at {} already", quoted(first->second),
                                        quoted(first->first)));
    }
  }
}

}  // namespace

void validate_volumes(const Cursor& pod_template) {
  Cursor spec = pod_template["spec"];
  std::set<std::string> volumes = check_volumes(spec);
  for (const char* list : {"containers", "initContainers"}) {
    for (const Cursor& container : spec[list].items()) check_mounts(container, volumes);
  }
}

}  // namespace raykeep::spec
