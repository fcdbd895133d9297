#include "preflight/mesh.h"

#include <fmt/format.h>

#include "control/fields.h"
#include "preflight/place.h"
#include "preflight/rights.h"
#include "spec/peers.h"

namespace raykeep::preflight {
namespace {

using spec::Mesh;

bool is_istio(const spec::Site& site) {
  return site.mesh == Mesh::istio_sidecar || site.mesh == Mesh::istio_ambient;
}

bool selects_pods(const doc::Value& policy) {
  const doc::Object* labels = doc::find_object(policy, {"spec", "selector", "matchLabels"});
  return labels != nullptr && !labels->empty();
}

/// The mode for all pods of a namespace, or of the mesh; empty where none is said.
std::string mode_of(const doc::Value& list) {
  for (const doc::Value& policy : control::list_at(list, {"items"})) {
    std::string mode(doc::find_string(policy, {"spec", "mtls", "mode"}));
    if (!selects_pods(policy) && !mode.empty() && mode != "UNSET") return mode;
  }
  return "";
}

/// One for some pods, or some ports, that is weaker than STRICT.
std::string weaker_one(const doc::Value& list) {
  for (const doc::Value& policy : control::list_at(list, {"items"})) {
    auto weak = [](std::string_view mode) { return mode == "PERMISSIVE" || mode == "DISABLE"; };
    bool any = selects_pods(policy) && weak(doc::find_string(policy, {"spec", "mtls", "mode"}));
    if (const doc::Object* ports = doc::find_object(policy, {"spec", "portLevelMtls"})) {
      for (const auto& port : *ports) any = any || weak(doc::find_string(port.value(), {"mode"}));
    }
    if (any) return std::string(control::name_of(policy));
  }
  return "";
}

Obstacle open(const std::string& ns, std::string what) {
  return {code::mesh_open,
          Weight::may_block,
          Who::mesh_team,
          "Namespace " + ns,
          std::move(what),
          "",
          fmt::format("Please make mutual TLS STRICT in namespace {}, or for Ray's pods at least: "
                      "apply what `raykeep site mesh` prints.",
                      ns)};
}

}  // namespace

std::string root_namespace(const spec::Site& site) {
  for (const spec::Peer& peer : site.mesh_control_plane) {
    if (const std::string* name = spec::named_namespace(peer)) return *name;
  }
  return "istio-system";
}

kube::Question may_list_peer_authentications(const std::string& ns) {
  return may_question(ns, "security.istio.io", "peerauthentications", "list");
}

kube::Question list_peer_authentications(const std::string& ns) {
  return {"GET", fmt::format("/apis/security.istio.io/v1/namespaces/{}/peerauthentications", ns)};
}

Obstacles judge_strictness(const std::string& ns, const MeshSurvey& seen, const spec::Site& site) {
  if (!is_istio(site)) return {};
  const bool known = seen.of_namespace && seen.of_namespace->good();
  if (known) {
    if (std::string name = weaker_one(seen.of_namespace->body); !name.empty())
      return {open(
          ns, fmt::format("PeerAuthentication {} lets plaintext into some pods or ports", name))};
  }
  std::string mode = known ? mode_of(seen.of_namespace->body) : "";
  if (known && mode.empty() && seen.of_mesh && seen.of_mesh->good()) {
    mode = mode_of(seen.of_mesh->body);
    if (mode.empty()) mode = "PERMISSIVE";  // Istio's own default
  }
  if (mode == "STRICT") return {};
  if (!mode.empty())
    return {open(ns, fmt::format("mutual TLS is {} here: Ray's ports take plaintext", mode))};
  return {{code::mesh_open, Weight::unchecked, Who::mesh_team, "Namespace " + ns,
           "whether mutual TLS is STRICT is not to be read with these rights", "",
           fmt::format("Is mutual TLS STRICT in namespace {} (PeerAuthentication)? If not, please "
                       "apply what `raykeep site mesh` prints.",
                       ns)}};
}

Obstacles judge_mesh_kind(const doc::Value& ns_object, const spec::Site& site) {
  const std::string seen = mesh_of(ns_object);
  const std::string_view meant = site.mesh == Mesh::istio_sidecar   ? "Istio"
                                 : site.mesh == Mesh::istio_ambient ? "Istio ambient"
                                 : site.mesh == Mesh::linkerd       ? "Linkerd"
                                                                    : "";
  if (seen.empty() || meant.empty() || seen == meant) return {};
  const std::string ns(control::name_of(ns_object));
  return {{code::mesh, Weight::may_block, Who::you, "Namespace " + ns,
           fmt::format("its labels put pods into {}, and the Site's tls.mesh is {}", seen, meant),
           "", "Write the mesh that is there into the Site's tls.mesh."}};
}

}  // namespace raykeep::preflight
