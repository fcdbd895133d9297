#include "control/ray_pod.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "plan/names.h"

namespace raykeep::control {

const doc::Value* running_head(const Observed& observed) {
  for (const doc::Value& pod : observed.pods) {
    bool head = label_of(pod, plan::ray_node_type_label) == "head";
    if (head && !is_going(pod) && doc::find_string(pod, {"status", "phase"}) == "Running")
      return &pod;
  }
  return nullptr;
}

int named_port(const doc::Value& pod, std::string_view name, int absent) {
  for (const doc::Value& container : list_at(pod, {"spec", "containers"})) {
    for (const doc::Value& port : list_at(container, {"ports"})) {
      if (doc::find_string(port, {"name"}) == name)
        return static_cast<int>(integer_at(port, {"containerPort"}, absent));
    }
  }
  return absent;
}

std::string token_secret_of(const doc::Value& pod) {
  for (const doc::Value& volume : list_at(pod, {"spec", "volumes"})) {
    if (doc::find_string(volume, {"name"}) == "ray-token")
      return std::string(doc::find_string(volume, {"secret", "secretName"}));
  }
  return "";
}

awaitable<std::string> only_cluster(const Access& access, std::string ns) {
  std::vector<std::string> names = co_await clusters_in(access, ns);
  if (names.size() == 1) co_return names[0];
  throw Failure(Failure::Kind::invalid,
                names.empty() ? fmt::format("there is no cluster of Raykeep's in namespace {}", ns)
                              : fmt::format("namespace {} has several clusters: name one of {}", ns,
                                            join(names, ", ")));
}

}  // namespace raykeep::control
