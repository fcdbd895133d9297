#include "verify/mesh_proxy.h"

#include <algorithm>

#include "control/fields.h"

namespace raykeep::verify {

using net::Fate;
using net::Spoken;

bool has_sidecar(const doc::Value& pod) {
  auto holds = [&](const char* list) {
    return std::ranges::any_of(control::list_at(pod, {"spec", list}), [](const doc::Value& each) {
      const std::string_view name = doc::find_string(each, {"name"});
      return name == "istio-proxy" || name == "linkerd-proxy";
    });
  };
  return holds("containers") || holds("initContainers");
}

net::Reached through_sidecar(net::Reached reached, bool wanted) {
  if (reached.fate != Fate::open) return reached;
  switch (reached.spoken) {
    case Spoken::answered:
    case Spoken::not_tried:
      return reached;
    case Spoken::reset:
      reached.fate = wanted ? Fate::refused : Fate::dropped;
      break;
    case Spoken::silent:
      reached.fate = Fate::dropped;
      break;
  }
  reached.detail = "the pod's sidecar took the connection, and nothing came back";
  return reached;
}

}  // namespace raykeep::verify
