#include "report/images.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "report/workloads.h"

namespace raykeep::report {
namespace {

struct Use {
  std::vector<std::string> by;
  std::set<std::string> running;
};

/// "sha256:..." of "name@sha256:..."; empty: it has none.
std::string_view digest_of(std::string_view image) {
  std::size_t at = image.rfind('@');
  return at == std::string_view::npos ? std::string_view() : image.substr(at + 1);
}

/// What the node says it runs for each container of a pod.
void look_at_pod(const doc::Value& pod, std::map<std::string, Use>& uses) {
  std::map<std::string_view, std::string_view> ran;
  for (std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
    const doc::Array* found = doc::find_array(pod, {"status", list});
    if (found == nullptr) continue;
    for (const doc::Value& each : *found) {
      std::string_view digest = digest_of(doc::find_string(each, {"imageID"}));
      if (!digest.empty()) ran.emplace(doc::find_string(each, {"name"}), digest);
    }
  }
  const doc::Value* spec = doc::find(pod, {"spec"});
  if (spec == nullptr) return;
  each_container(*spec, [&](const doc::Value& container, std::string_view) {
    auto at = ran.find(doc::find_string(container, {"name"}));
    if (at == ran.end()) return;
    uses[std::string(doc::find_string(container, {"image"}))].running.emplace(at->second);
  });
}

}  // namespace

doc::Array images(const Input& input) {
  std::map<std::string, Use> uses;
  for (const doc::Value& object : input.objects()) {
    const doc::Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    each_container(*pod, [&](const doc::Value& container, std::string_view) {
      uses[std::string(doc::find_string(container, {"image"}))].by.push_back(
          fmt::format("{}: {}", label_of(object), doc::find_string(container, {"name"})));
    });
  }
  if (input.running) {
    for (const doc::Value& pod : input.running->pods) look_at_pod(pod, uses);
  }
  doc::Array made;
  for (const auto& [image, use] : uses) {
    doc::Array by, running;
    for (const std::string& each : use.by) by.emplace_back(each);
    for (const std::string& each : use.running) running.emplace_back(each);
    std::string_view digest = digest_of(image);
    made.push_back(doc::Object{{"image", image},
                               {"digest", digest},
                               {"pinned", !digest.empty()},
                               {"running", std::move(running)},
                               {"usedBy", std::move(by)}});
  }
  return made;
}

}  // namespace raykeep::report
