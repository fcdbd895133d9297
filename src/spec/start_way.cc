#include "spec/start_way.h"

#include <fmt/format.h>

namespace raykeep::spec {
namespace {

std::vector<std::string> words(const doc::Object& container, std::string_view member) {
  std::vector<std::string> out;
  const doc::Array* list = doc::find_array(container, {member});
  if (list == nullptr) return out;
  for (const doc::Value& word : *list) {
    if (word.is_string()) out.emplace_back(word.get_string());
  }
  return out;
}

}  // namespace

bool stops_ray(const doc::Value& hook) {
  const doc::Object* exec = doc::find_object(hook, {"exec"});
  return exec != nullptr && joined_words(words(*exec, "command"), {}).contains("ray stop");
}

std::string joined_words(const std::vector<std::string>& command,
                         const std::vector<std::string>& args) {
  std::string out;
  for (const auto* list : {&command, &args}) {
    for (const std::string& word : *list) out += fmt::format(" {} ", word);
  }
  return out;
}

StartWay start_way(const std::vector<std::string>& command, const std::vector<std::string>& args,
                   bool overwrites) {
  const std::string own = joined_words(command, args);
  if (!overwrites && !own.contains("ray start")) return StartWay::generated;
  // Without a command the image's entrypoint runs, which stands in no document. --block never ends.
  if (command.empty() || own.contains("--block")) return StartWay::unsupervised;
  return StartWay::users;
}

StartWay start_way(const RayCluster& cluster, const Group& group) {
  auto annotation = cluster.annotations.find("ray.io/overwrite-container-cmd");
  bool overwrites = annotation != cluster.annotations.end() && annotation->second == "true";
  const doc::Object* container = ray_container(group);
  if (container == nullptr) return StartWay::unsupervised;
  return start_way(words(*container, "command"), words(*container, "args"), overwrites);
}

}  // namespace raykeep::spec
