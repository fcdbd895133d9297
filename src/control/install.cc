#include "control/install.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/persisted.h"
#include "control/rights.h"
#include "plan/image.h"
#include "plan/policy_peer.h"
#include "plan/restricted.h"
#include "spec/cidr.h"
#include "spec/storage.h"
#include "spec/validate.h"

namespace raykeep::control {
namespace {

constexpr int head_agent_port = 52370;
constexpr int redis_port = 6379;
constexpr std::string_view secrets_folder = "/run/raykeep";

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
  made["automountServiceAccountToken"] = false;  // the Deployment asks for it where it is needed
  return made;
}

/// The reasons stand on the Role itself, for whoever reviews it in the cluster.
doc::Value role(const InstallOptions& options) {
  doc::Object made = object(options, "rbac.authorization.k8s.io/v1", "Role");
  made["metadata"].get_object()["annotations"] =
      doc::Object{{"raykeep.io/reasons", to_text(controller_rights())}};
  made["rules"] = rules_of(controller_rights());
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

doc::Object port(int number, std::string_view protocol = "TCP") {
  return {{"protocol", protocol}, {"port", number}};
}

doc::Object rule_to(const OutsideAddress& address, std::initializer_list<int> default_ports) {
  doc::Array ports;
  if (address.port != 0) {
    ports.push_back(port(address.port));
  } else {
    for (int each : default_ports) ports.push_back(port(each));
  }
  doc::Object block{{"cidr", address.cidr}};
  return {{"to", doc::Array{doc::Object{{"ipBlock", std::move(block)}}}},
          {"ports", std::move(ports)}};
}

doc::Array ports_of(const std::vector<spec::SitePort>& ports) {
  doc::Array made;
  for (const spec::SitePort& each : ports) {
    doc::Object one = port(each.range.first, each.protocol == spec::Protocol::udp ? "UDP" : "TCP");
    if (each.range.last != each.range.first) one["endPort"] = each.range.last;
    made.push_back(std::move(one));
  }
  return made;
}

doc::Object peers_rule(std::string_view direction, const std::vector<spec::Peer>& peers,
                       doc::Array ports) {
  doc::Array list;
  for (const spec::Peer& peer : peers) list.push_back(plan::policy_peer(peer));
  return {{direction, std::move(list)}, {"ports", std::move(ports)}};
}

doc::Object our_pods(std::string_view type) {
  return {{"podSelector",
           doc::Object{{"matchLabels", doc::Object{{plan::managed_by_label, plan::managed_by},
                                                   {plan::ray_node_type_label, type}}}}}};
}

doc::Array egress(const InstallOptions& options, const spec::Site& site) {
  doc::Array rules;
  rules.push_back(peers_rule("to", site.dns.servers, ports_of(site.dns.ports)));
  if (options.api_server.empty())
    rules.push_back(doc::Object{{"ports", doc::Array{port(443), port(6443)}}});
  for (const OutsideAddress& each : options.api_server) rules.push_back(rule_to(each, {443, 6443}));
  rules.push_back(doc::Object{{"to", doc::Array{our_pods("head")}},
                              {"ports", doc::Array{port(head_agent_port)}}});
  rules.push_back(
      doc::Object{{"to", doc::Array{our_pods("redis")}}, {"ports", doc::Array{port(redis_port)}}});
  // The Site's own Redis, as a document that says nothing gets it.
  const spec::Storage storage = spec::storage_of(spec::RayCluster{}, site);
  if (storage.backend == spec::Storage::Backend::redis && !storage.peers.empty())
    rules.push_back(peers_rule("to", storage.peers, ports_of(storage.ports)));
  for (const OutsideAddress& each : options.redis) rules.push_back(rule_to(each, {redis_port}));
  return rules;
}

doc::Value network_policy(const InstallOptions& options, const spec::Site& site) {
  doc::Object made = object(options, "networking.k8s.io/v1", "NetworkPolicy");
  doc::Array ingress;
  if (!site.monitoring.empty())
    ingress.push_back(peers_rule("from", site.monitoring, doc::Array{port(controller_port)}));
  made["spec"] = doc::Object{{"podSelector", doc::Object{{"matchLabels", selector()}}},
                             {"policyTypes", doc::Array{"Ingress", "Egress"}},
                             {"ingress", std::move(ingress)},
                             {"egress", egress(options, site)}};
  return made;
}

doc::Value disruption_budget(const InstallOptions& options) {
  doc::Object made = object(options, "policy/v1", "PodDisruptionBudget");
  made["spec"] = doc::Object{{"maxUnavailable", 1},
                             {"selector", doc::Object{{"matchLabels", selector()}}},
                             {"unhealthyPodEvictionPolicy", "AlwaysAllow"}};
  return made;
}

doc::Array command(const InstallOptions& options) {
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
  made["command"] = command(options);
  doc::Object field{{"fieldRef", doc::Object{{"fieldPath", "metadata.name"}}}};
  made["env"] =
      doc::Array{doc::Object{{"name", "RAYKEEP_POD_NAME"}, {"valueFrom", std::move(field)}}};
  made["ports"] = doc::Array{
      doc::Object{{"name", "raykeep"}, {"containerPort", controller_port}, {"protocol", "TCP"}}};
  made["resources"] = doc::Object{{"limits", doc::Object{{"cpu", "500m"}, {"memory", "128Mi"}}},
                                  {"requests", doc::Object{{"cpu", "50m"}, {"memory", "48Mi"}}}};
  made["livenessProbe"] = probe("/livez", 10, 3);
  made["readinessProbe"] = probe("/readyz", 5, 2);
  plan::make_restricted(made);
  plan::mount_unless_taken(made, {"secrets", std::string(secrets_folder)});
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

doc::Object pod_spec(const InstallOptions& options, const spec::Site& site) {
  doc::Object made;
  made["serviceAccountName"] =
      options.service_account.empty() ? std::string(controller_name) : options.service_account;
  made["automountServiceAccountToken"] = true;
  made["enableServiceLinks"] = false;
  made["terminationGracePeriodSeconds"] = 15;
  made["affinity"] = apart();
  made["tolerations"] = doc::Array{toleration("not-ready"), toleration("unreachable")};
  made["containers"] = doc::Array{container(options, site)};
  // Credentials of Redis are asked for as files; they never touch a disk.
  made["volumes"] = doc::Array{doc::Object{
      {"name", "secrets"}, {"emptyDir", doc::Object{{"medium", "Memory"}, {"sizeLimit", "4Mi"}}}}};
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

doc::Value deployment(const InstallOptions& options, const spec::Site& site) {
  doc::Object pod_metadata{{"labels", labels()}};
  plan::add_missing(pod_metadata["labels"].get_object(), plan::to_object(site.pods.labels));
  if (!site.pods.annotations.empty())
    pod_metadata["annotations"] = plan::to_object(site.pods.annotations);
  doc::Object made = object(options, "apps/v1", "Deployment");
  made["spec"] = doc::Object{
      {"replicas", options.replicas},
      {"revisionHistoryLimit", 2},
      {"strategy",
       doc::Object{{"type", "RollingUpdate"},
                   {"rollingUpdate", doc::Object{{"maxSurge", 0}, {"maxUnavailable", 1}}}}},
      {"selector", doc::Object{{"matchLabels", selector()}}},
      {"template",
       doc::Object{{"metadata", std::move(pod_metadata)}, {"spec", pod_spec(options, site)}}}};
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
    made.push_back(role(options));
    made.push_back(role_binding(options));
  }
  made.push_back(network_policy(options, site));
  made.push_back(disruption_budget(options));
  made.push_back(deployment(options, site));
  return made;
}

}  // namespace raykeep::control
