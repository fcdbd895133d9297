// Rules about objects other than pods, and about objects side by side.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/text.h"
#include "doc/document.h"
#include "profile/violations.h"

namespace raykeep::profile {
namespace {

struct Case {
  std::string_view name;
  std::string_view objects;
  std::string_view expected;  // "rule pointer", sorted
};

std::string found(std::string_view text) {
  auto read = doc::read_yaml(text, "test.yaml");
  EXPECT_TRUE(read.findings.empty());
  std::vector<doc::Value> objects;
  for (const doc::Document& each : read.documents) objects.push_back(each.value);
  std::vector<Profile> profiles{Profile::kyverno, Profile::gatekeeper, Profile::nsa_cisa};
  std::vector<std::string> lines;
  for (const Violation& each : find_violations(objects, profiles))
    lines.push_back(each.rule + " " + each.pointer);
  std::ranges::sort(lines);
  return join(lines, ", ");
}

const Case cases[] = {
    {"a Service of the cluster", "{kind: Service, spec: {type: ClusterIP}}", ""},
    {"a port of every node", "{kind: Service, spec: {type: NodePort}}",
     "K8sBlockNodePort /spec/type, nsa-cisa-k8s-v1.2-block-all-ingress /spec/type, "
     "restrict-nodeport/validate-nodeport /spec/type"},
    {"an address outside", "{kind: Service, spec: {type: LoadBalancer, externalIPs: [1.2.3.4]}}",
     "K8sBlockLoadBalancer /spec/type, K8sExternalIPs /spec/externalIPs, "
     "nsa-cisa-k8s-v1.2-block-all-ingress /spec/type, restrict-external-ips/check-ips "
     "/spec/externalIPs"},
    {"two Services of the same pods",
     "{kind: Service, metadata: {name: a}, spec: {selector: {a: b}}}\n---\n"
     "{kind: Service, metadata: {name: b}, spec: {selector: {a: b}}}",
     "K8sUniqueServiceSelector /spec/selector, K8sUniqueServiceSelector /spec/selector"},
    {"two Services of different pods",
     "{kind: Service, metadata: {name: a}, spec: {selector: {a: b}}}\n---\n"
     "{kind: Service, metadata: {name: b}, spec: {selector: {a: b, c: d}}}",
     ""},
    {"an Ingress for all hosts in clear", "{kind: Ingress, spec: {rules: [{http: {}}]}}",
     "K8sBlockWildcardIngress /spec/rules/0/host, K8sHttpsOnly /spec/tls, "
     "disallow-empty-ingress-host/disallow-empty-ingress-host /spec/rules/0, "
     "nsa-cisa-k8s-v1.2-block-all-ingress "},
    {"an Ingress with TLS",
     "{kind: Ingress, metadata: {annotations: {kubernetes.io/ingress.allow-http: \"false\"}}, "
     "spec: {tls: [{}], rules: [{host: a.example}]}}",
     "nsa-cisa-k8s-v1.2-block-all-ingress "},
    {"a password of two parts", "{kind: Secret, type: kubernetes.io/basic-auth}",
     "nsa-cisa-k8s-v1.2-block-secrets-of-type-basic-auth /type"},
    {"an API that is no more", "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1}",
     "check-deprecated-apis/validate-v1-25-removals /apiVersion"},
    {"another API that is no more",
     "{kind: HorizontalPodAutoscaler, apiVersion: autoscaling/v2beta2}",
     "check-deprecated-apis/validate-v1-26-removals /apiVersion"},
    {"rights over everything",
     "{kind: RoleBinding, roleRef: {kind: ClusterRole, name: cluster-admin}}",
     "nsa-cisa-k8s-v1.2-restrict-clusteradmin-rolebindings /roleRef/name"},
    {"rights to edit", "{kind: RoleBinding, roleRef: {kind: ClusterRole, name: edit}}",
     "nsa-cisa-k8s-v1.2-restrict-edit-rolebindings /roleRef/name"},
    {"a Role that is named so", "{kind: RoleBinding, roleRef: {kind: Role, name: edit}}", ""},
    {"rights for anyone", "{kind: RoleBinding, subjects: [{name: a}, {name: system:anonymous}]}",
     "K8sDisallowAnonymous /subjects/1/name"},
    {"commands in pods",
     "{kind: Role, rules: [{apiGroups: [\"\"], resources: [pods], verbs: [create]}, "
     "{apiGroups: [\"\"], resources: [pods/exec], verbs: [create]}]}",
     "nsa-cisa-k8s-v1.2-restrict-pods-exec /rules/1"},
    {"a budget of nothing", "{kind: PodDisruptionBudget, spec: {maxUnavailable: 0}}",
     "K8sPodDisruptionBudget /spec/maxUnavailable"},
    {"a budget of one", "{kind: PodDisruptionBudget, spec: {maxUnavailable: 1}}", ""},
    {"a budget that keeps all",
     "{kind: PodDisruptionBudget, spec: {minAvailable: 2, selector: {matchLabels: {a: b}}}}\n---\n"
     "{kind: Deployment, metadata: {name: d}, spec: {replicas: 2, selector: {matchLabels: {a: "
     "b}}}}",
     "K8sPodDisruptionBudget /spec/minAvailable"},
    {"a budget that keeps all but one",
     "{kind: PodDisruptionBudget, spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}}\n---\n"
     "{kind: Deployment, metadata: {name: d}, spec: {replicas: 2, selector: {matchLabels: {a: "
     "b}}}}",
     ""},
    {"a pod that a policy selects",
     "{kind: Pod, metadata: {namespace: n, labels: {a: b, app.kubernetes.io/name: x}}, spec: {}}\n"
     "---\n{kind: NetworkPolicy, metadata: {namespace: n}, spec: {podSelector: {matchLabels: {a: "
     "b}}}}",
     ""},
    {"a pod that a policy of elsewhere selects",
     "{kind: Pod, metadata: {namespace: n, labels: {a: b, app.kubernetes.io/name: x}}, spec: {}}\n"
     "---\n{kind: NetworkPolicy, metadata: {namespace: m}, spec: {podSelector: {}}}",
     "nsa-cisa-k8s-v1.2-require-namespace-network-policies /metadata/labels"},
    {"workloads in the default namespace",
     "{kind: Deployment, metadata: {namespace: default}}\n---\n"
     "{kind: ConfigMap, metadata: {namespace: default}}",
     "disallow-default-namespace/validate-podcontroller-namespace /metadata/namespace"},
};

TEST(PlanChecks, SayWhatIsWrongAndWhere) {
  for (const Case& each : cases) EXPECT_EQ(found(each.objects), each.expected) << each.name;
}

/// Whatever stands in an object, rules look and do not fall.
TEST(PlanChecks, TakeAnyShape) {
  for (std::string_view junk : {"1", "[]", "{}", "text", "[[]]", "[1]", "{name: [1]}"}) {
    for (std::string_view shape :
         {"{kind: Pod, spec: %}", "{kind: Pod, metadata: %, spec: {containers: %, volumes: %}}",
          "{kind: Pod, spec: {containers: [{ports: %, resources: %, image: %, securityContext: %, "
          "volumeMounts: %, livenessProbe: %}], volumes: [%], securityContext: %}}",
          "{kind: Pod, spec: {securityContext: {sysctls: %, seLinuxOptions: %, runAsUser: %, "
          "supplementalGroups: %, seccompProfile: %}}}",
          "{kind: Service, metadata: %, spec: %}", "{kind: Ingress, spec: {rules: %, tls: %}}",
          "{kind: Role, rules: %}", "{kind: RoleBinding, roleRef: %, subjects: %}",
          "{kind: PodDisruptionBudget, spec: {maxUnavailable: %, selector: %}}",
          "{kind: Deployment, spec: {template: %}}", "{kind: CronJob, spec: {jobTemplate: %}}"}) {
      std::string text;
      for (char c : shape) c == '%' ? text += junk : text += c;
      std::string said = found(text);
      EXPECT_EQ(said, found(text)) << text;
    }
  }
}

}  // namespace
}  // namespace raykeep::profile
