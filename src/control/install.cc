#include "control/install.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/persisted.h"
#include "control/rights.h"
#include "plan/image.h"
#include "plan/mesh.h"
#include "plan/object.h"
#include "plan/policy_rules.h"
#include "plan/restricted.h"
#include "plan/scratch_space.h"
#include "spec/cidr.h"
#include "spec/storage.h"
#include "spec/validate.h"

namespace raykeep::control {
namespace {

constexpr std::string_view secrets_folder = "/run/raykeep";
/// Where kube/config.h looks for it.
constexpr std::string_view service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";

doc::Object labels() {
  return {{"app.kubernetes.io/name", controller_name},
          {"app.kubernetes.io/managed-by", plan::managed_by}};
}

doc::Object selector() { return {{"app.kubernetes.io/name", controller_name}}; }

doc::Object object(const InstallOptions& options, std::string_view api_version,
                   std::string_view kind) {
  return {
      {"apiVersion", api_version},
      {"kind", kind},
      {"metadata",
       doc::Object{{"name", controller_name}, {"namespace", options.ns}, {"labels", labels()}}}};
}

doc::Value service_account(const InstallOptions& options) {
  doc::Object made = object(options, "v1", "ServiceAccount");
  made["automountServiceAccountToken"] = false;  // the Deployment mounts it where it is needed
  return made;
}

/// The reasons stand on the Role itself, for whoever reviews it in the cluster.
doc::Value role(const InstallOptions& options, const spec::Site& site) {
  const std::vector<Right> rights = controller_rights(site);
  doc::Object made = object(options, "rbac.authorization.k8s.io/v1", "Role");
  made["metadata"].get_object()["annotations"] =
      doc::Object{{"raykeep.io/reasons", to_text(rights)}};
  made["rules"] = rules_of(rights);
  return made;
}

doc::Value role_binding(const InstallOptions& options) {
  doc::Object made = object(options, "rbac.authorization.k8s.io/v1", "RoleBinding");
  made["roleRef"] = doc::Object{
      {"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", controller_name}};
  made["subjects"] = doc::Array{doc::Object{
      {"kind", "ServiceAccount"}, {"name", controller_name}, {"namespace", options.ns}}};
  return made;
}

doc::Value network_policy(const InstallOptions& options, const spec::Site& site) {
  const std::vector<flow::Flow> flows =
      flow::controller_flows(site, {.api_server = options.api_server, .redis = options.redis});
  auto direction = [&](bool ingress) {
    return plan::policy_rules(flows, {flow::Role::controller, ""},
                              {.ingress = ingress, .end_port = site.end_port, .selector = nullptr});
  };
  doc::Object made = object(options, "networking.k8s.io/v1", "NetworkPolicy");
  made["spec"] = doc::Object{{"podSelector", doc::Object{{"matchLabels", selector()}}},
                             {"policyTypes", doc::Array{"Ingress", "Egress"}},
                             {"ingress", direction(true)},
                             {"egress", direction(false)}};
  return made;
}

doc::Value disruption_budget(const InstallOptions& options) {
  doc::Object made = object(options, "policy/v1", "PodDisruptionBudget");
  made["spec"] = doc::Object{{"maxUnavailable", 1},
                             {"selector", doc::Object{{"matchLabels", selector()}}},
                             {"unhealthyPodEvictionPolicy", "AlwaysAllow"}};
  return made;
}

/// With tls.mode: native it signs nodes' certificates.
bool signs(const spec::Site& site) { return site.tls_mode == spec::TlsMode::native; }

/// The nodes dial its pods, because behind a Service's own address the caller's may be rewritten.
doc::Value signer_service(const InstallOptions& options) {
  doc::Object made = object(options, "v1", "Service");
  made["metadata"].get_object()["name"] = plan::signer_name;
  doc::Object port{{"name", "signer"},
                   {"port", flow::signing_port},
                   {"targetPort", flow::signing_port},
                   {"protocol", "TCP"}};
  made["spec"] = doc::Object{
      {"clusterIP", "None"}, {"selector", selector()}, {"ports", doc::Array{std::move(port)}}};
  return made;
}

doc::Array command(const InstallOptions& options, const spec::Site& site) {
  doc::Array line{"/raykeep", "controller", fmt::format("--namespace={}", options.ns),
                  fmt::format("--port={}", controller_port),
                  fmt::format("--secrets-folder={}", secrets_folder)};
  auto add = [&line](std::string_view flag, const std::vector<std::string>& values) {
    for (const std::string& value : values) line.emplace_back(fmt::format("--{}={}", flag, value));
  };
  add("allow-image", options.policy.image_prefixes);
  add("allow-service-account", options.policy.service_accounts);
  if (options.policy.volume_kinds != Policy{}.volume_kinds)
    add("allow-volume", options.policy.volume_kinds);
  if (signs(site))
    line.emplace_back(fmt::format("--certificate-lifetime={}s", site.certificate_lifetime.count()));
  return line;
}

doc::Object probe(std::string_view path, int period, int failures) {
  return {{"httpGet", doc::Object{{"path", path}, {"port", controller_port}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 3},
          {"failureThreshold", failures}};
}

doc::Object container(const InstallOptions& options, const spec::Site& site) {
  doc::Object made;
  made["name"] = "controller";
  made["image"] = plan::image_on_site(options.image, site);
  if (!site.image_pull_policy.empty()) made["imagePullPolicy"] = site.image_pull_policy;
  made["command"] = command(options, site);
  doc::Object field{{"fieldRef", doc::Object{{"fieldPath", "metadata.name"}}}};
  made["env"] =
      doc::Array{doc::Object{{"name", "RAYKEEP_POD_NAME"}, {"valueFrom", std::move(field)}}};
  doc::Array ports{
      doc::Object{{"name", "raykeep"}, {"containerPort", controller_port}, {"protocol", "TCP"}}};
  if (signs(site))
    ports.push_back(doc::Object{
        {"name", "signer"}, {"containerPort", flow::signing_port}, {"protocol", "TCP"}});
  made["ports"] = std::move(ports);
  made["resources"] = doc::Object{{"limits", doc::Object{{"cpu", "500m"}, {"memory", "128Mi"}}},
                                  {"requests", doc::Object{{"cpu", "50m"}, {"memory", "48Mi"}}}};
  made["livenessProbe"] = probe("/livez", 10, 3);
  made["readinessProbe"] = probe("/readyz", 5, 2);
  plan::make_restricted(made);
  plan::mount_unless_taken(made, {"secrets", std::string(secrets_folder)});
  plan::mount_unless_taken(made, {"api-access", std::string(service_account_folder), true});
  return made;
}

/// On a lost node of its own a replica is replaced soon: it keeps nothing.
doc::Object toleration(std::string_view of) {
  return {{"key", fmt::format("node.kubernetes.io/{}", of)},
          {"operator", "Exists"},
          {"effect", "NoExecute"},
          {"tolerationSeconds", 30}};
}

/// The replicas on two nodes, where there are two.
doc::Object apart() {
  doc::Object term{{"labelSelector", doc::Object{{"matchLabels", selector()}}},
                   {"topologyKey", "kubernetes.io/hostname"}};
  doc::Object weighted{{"weight", 100}, {"podAffinityTerm", std::move(term)}};
  return {{"podAntiAffinity", doc::Object{{"preferredDuringSchedulingIgnoredDuringExecution",
                                           doc::Array{std::move(weighted)}}}}};
}

/// What Kubernetes mounts by itself where automountServiceAccountToken is not false: a token of an
/// hour, the API server's authority, the namespace.
doc::Object api_access() {
  doc::Object token{{"expirationSeconds", 3607}, {"path", "token"}};
  doc::Object authority{{"name", "kube-root-ca.crt"},
                        {"items", doc::Array{doc::Object{{"key", "ca.crt"}, {"path", "ca.crt"}}}}};
  doc::Object field{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
  doc::Object ns{{"items", doc::Array{doc::Object{{"path", "namespace"}, {"fieldRef", field}}}}};
  doc::Array sources{doc::Object{{"serviceAccountToken", std::move(token)}},
                     doc::Object{{"configMap", std::move(authority)}},
                     doc::Object{{"downwardAPI", std::move(ns)}}};
  return {{"name", "api-access"}, {"projected", doc::Object{{"sources", std::move(sources)}}}};
}

doc::Object pod_spec(const InstallOptions& options, const spec::Site& site) {
  doc::Object made;
  made["serviceAccountName"] =
      options.service_account.empty() ? std::string(controller_name) : options.service_account;
  // The token is mounted by name, below: what is meant is said, and nothing else is mounted.
  made["automountServiceAccountToken"] = false;
  made["enableServiceLinks"] = false;
  made["terminationGracePeriodSeconds"] = 15;
  made["affinity"] = apart();
  made["tolerations"] = doc::Array{toleration("not-ready"), toleration("unreachable")};
  made["containers"] = doc::Array{container(options, site)};
  // Credentials of Redis are asked for as files; they never touch a disk.
  doc::Object secrets{{"name", "secrets"},
                      {"emptyDir", doc::Object{{"medium", "Memory"}, {"sizeLimit", "4Mi"}}}};
  made["volumes"] = doc::Array{std::move(secrets), api_access()};
  plan::limit_scratch_space(made);
  doc::Array pull;
  for (const std::string& name : site.image_pull_secrets)
    pull.push_back(doc::Object{{"name", name}});
  if (!pull.empty()) made["imagePullSecrets"] = std::move(pull);
  if (!site.pods.priority_class_name.empty())
    made["priorityClassName"] = site.pods.priority_class_name;
  doc::Object context{{"runAsNonRoot", true}};
  if (site.pods.run_as_user) context["runAsUser"] = *site.pods.run_as_user;
  if (site.pods.run_as_group) context["runAsGroup"] = *site.pods.run_as_group;
  if (site.pods.fs_group) context["fsGroup"] = *site.pods.fs_group;
  context["seccompProfile"] = doc::Object{{"type", "RuntimeDefault"}};
  made["securityContext"] = std::move(context);
  return made;
}

/// The controller's pod in the mesh: it asks the heads' agents, which take no plaintext.
plan::MeshPod mesh_pod(const spec::Site& site) {
  return {.ports = {{controller_port, controller_port}},
          .own_tls = plan::redis_with_own_tls(spec::storage_of(spec::RayCluster{}, site), site)};
}

doc::Value deployment(const InstallOptions& options, const spec::Site& site) {
  doc::Object pod{{"metadata", doc::Object{{"labels", labels()}}},
                  {"spec", pod_spec(options, site)}};
  doc::Object& metadata = pod["metadata"].get_object();
  plan::add_missing(metadata["labels"].get_object(), plan::to_object(site.pods.labels));
  if (!site.pods.annotations.empty())
    metadata["annotations"] = plan::to_object(site.pods.annotations);
  plan::join_mesh(site, mesh_pod(site), pod);
  doc::Object made = object(options, "apps/v1", "Deployment");
  made["spec"] = doc::Object{
      {"replicas", options.replicas},
      {"revisionHistoryLimit", 2},
      {"strategy",
       doc::Object{{"type", "RollingUpdate"},
                   {"rollingUpdate", doc::Object{{"maxSurge", 0}, {"maxUnavailable", 1}}}}},
      {"selector", doc::Object{{"matchLabels", selector()}}},
      {"template", std::move(pod)}};
  return made;
}

}  // namespace

Result<OutsideAddress> parse_outside_address(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::size_t colon = slash == text.npos ? text.npos : text.find(':', slash);
  OutsideAddress made{.cidr = std::string(text.substr(0, colon))};
  Result<spec::Cidr> cidr = spec::parse_cidr(made.cidr);
  if (!cidr) return error(cidr.error().text);
  if (colon == text.npos) return made;
  std::optional<std::int64_t> number = spec::whole_number(text.substr(colon + 1));
  if (!number || *number < 1 || *number > 65535)
    return error(fmt::format("{} is not a port", quoted(text.substr(colon + 1))));
  made.port = static_cast<int>(*number);
  return made;
}

std::vector<doc::Value> controller_objects(const InstallOptions& options, const spec::Site& site) {
  std::vector<doc::Value> made;
  if (options.service_account.empty()) {
    made.push_back(service_account(options));
    made.push_back(role(options, site));
    made.push_back(role_binding(options));
  }
  made.push_back(network_policy(options, site));
  made.push_back(disruption_budget(options));
  if (signs(site)) made.push_back(signer_service(options));
  made.push_back(deployment(options, site));
  return made;
}

}  // namespace raykeep::control
