#include "plan/node_certificate.h"

#include <fmt/format.h>

#include "flow/ports.h"
#include "plan/restricted.h"

namespace raykeep::plan {
namespace {

constexpr std::string_view https_volume = "raykeep-https";
constexpr std::string_view identity_volume = "raykeep-identity";

/// The shortest that Kubernetes gives; the kubelet renews it. Its audience is the API server,
/// because the controller has it examined there: nobody else may do so with a namespace's rights.
constexpr int token_seconds = 600;

doc::Object identity() {
  doc::Object token{{"path", "token"}, {"expirationSeconds", token_seconds}};
  doc::Object item{{"key", authority_key}, {"path", authority_key}};
  doc::Object authority{{"name", authority_name}, {"items", doc::Array{std::move(item)}}};
  doc::Array sources{doc::Object{{"serviceAccountToken", std::move(token)}},
                     doc::Object{{"configMap", std::move(authority)}}};
  return {{"name", identity_volume}, {"projected", doc::Object{{"sources", std::move(sources)}}}};
}

}  // namespace

std::string signer_address(const Input& input) {
  return fmt::format("{}.{}.svc:{}", signer_name, input.ns, flow::signing_port);
}

void add_node_certificate(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  if (input.site.tls_mode != spec::TlsMode::native) return;
  mount_unless_taken(container, {std::string(tls_volume), std::string(tls_folder)});
  doc::Object memory{{"medium", "Memory"}, {"sizeLimit", "1Mi"}};
  add_volume(pod_spec, {{"name", tls_volume}, {"emptyDir", std::move(memory)}});
  mount_unless_taken(container, {std::string(identity_volume), std::string(identity_folder), true});
  add_volume(pod_spec, identity());

  doc::Array& env = array_at(container, "env");
  auto add = [&env](std::string_view name, std::string value) {
    env.push_back(doc::Object{{"name", name}, {"value", std::move(value)}});
  };
  auto file = [](std::string_view name) { return fmt::format("{}/{}", tls_folder, name); };
  add("RAY_USE_TLS", "1");
  add("RAY_TLS_SERVER_CERT", file(certificate_key));
  add("RAY_TLS_SERVER_KEY", file(private_key_key));
  add("RAY_TLS_CA_CERT", file(authority_key));
}

void add_https_certificate(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  if (!input.site.tls_http || input.site.tls_http_secret.empty()) return;
  mount_unless_taken(container, {std::string(https_volume), std::string(https_folder), true});
  doc::Array items;
  for (std::string_view key : {certificate_key, private_key_key})
    items.push_back(doc::Object{{"key", key}, {"path", key}});
  doc::Object secret{{"secretName", input.site.tls_http_secret}, {"items", std::move(items)}};
  add_volume(pod_spec, {{"name", https_volume}, {"secret", std::move(secret)}});
}

}  // namespace raykeep::plan
