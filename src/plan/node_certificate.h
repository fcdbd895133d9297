// With tls.mode: native each node has a certificate of its own. Its key is made in the pod, in
// memory, and never leaves it; the controller signs. Here: the volumes, and Ray's variables.
#pragma once

#include <string>
#include <string_view>

#include "plan/object.h"

namespace raykeep::plan {

/// By which pods that have a certificate are known.
inline constexpr std::string_view tls_volume = "raykeep-tls";

/// In the Ray container. tls.crt, tls.key and ca.crt, written by the agent.
inline constexpr std::string_view tls_folder = "/run/raykeep/tls";

/// With tls.httpSecret: tls.crt and tls.key of the outside names.
inline constexpr std::string_view https_folder = "/run/raykeep/https";

/// What the agent shows to the controller, and trusts it by: token and ca.crt.
inline constexpr std::string_view identity_folder = "/var/run/secrets/raykeep-identity";

/// "raykeep-signer.ray.svc:52372": the name in the controller's certificate.
std::string signer_address(const Input& input);

/// Mounts the Secret that tls.httpSecret names, if the Site has one.
void add_https_certificate(const Input& input, doc::Object& container, doc::Object& pod_spec);

/// Mounts both folders and sets RAY_USE_TLS and its like (python/ray/_private/tls_utils.py), for
/// every program in the container, so that `kubectl exec ... ray status` works, too. Requires: the
/// container runs the agent.
void add_node_certificate(const Input& input, doc::Object& container, doc::Object& pod_spec);

}  // namespace raykeep::plan
