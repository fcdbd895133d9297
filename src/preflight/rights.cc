#include "preflight/rights.h"

#include <fmt/format.h>

#include "base/text.h"
#include "doc/document.h"

namespace raykeep::preflight {
namespace {

using control::Right;

doc::Object subject_of(const std::string& user) {
  std::vector<std::string_view> parts = split(user, ':');
  if (parts.size() == 4 && user.starts_with("system:serviceaccount:")) {
    return {{"kind", "ServiceAccount"}, {"namespace", parts[2]}, {"name", parts[3]}};
  }
  return {{"apiGroup", "rbac.authorization.k8s.io"},
          {"kind", "User"},
          {"name", user.empty() ? "NAME OF THE ACCOUNT" : user}};
}

std::string role_text(const std::vector<Right>& missing, const std::string& ns,
                      const std::string& user, std::string_view name) {
  doc::Object metadata{{"name", name}, {"namespace", ns}};
  doc::Object role{{"apiVersion", "rbac.authorization.k8s.io/v1"},
                   {"kind", "Role"},
                   {"metadata", metadata},
                   {"rules", control::rules_of(missing)}};
  doc::Object binding{
      {"apiVersion", "rbac.authorization.k8s.io/v1"},
      {"kind", "RoleBinding"},
      {"metadata", metadata},
      {"roleRef",
       doc::Object{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", name}}},
      {"subjects", doc::Array{subject_of(user)}}};
  return "# Or bind the ClusterRole edit in this namespace, which has all of these.\n" +
         doc::write_yaml(role) + "---\n" + doc::write_yaml(binding);
}

}  // namespace

std::span<const Right> rights_to_run() {
  static const std::vector<std::string_view> keep = {"get", "list", "create", "patch", "delete"};
  static const std::vector<Right> all = {
      {"", "configmaps", keep, "the document is stored, and owns all the rest"},
      {"", "services", keep, "the head is found through them"},
      {"", "secrets", {"get", "create", "patch", "delete"}, "Ray's token, by name; never listed"},
      {"", "persistentvolumeclaims", keep, "volumes of the GCS and of Redis"},
      {"", "pods", {"get", "list", "delete"}, "their state is watched"},
      {"", "events", {"list"}, "what stands in a pod's way is told"},
      {"apps", "statefulsets", keep, "heads"},
      {"apps", "deployments", keep, "worker groups"},
      {"apps", "replicasets", {"list"}, "pods of an older revision are told from the newest"},
      {"networking.k8s.io", "networkpolicies", keep, "who may talk to whom"},
      {"policy", "poddisruptionbudgets", keep, "what a node drain may end"},
  };
  return all;
}

std::span<const Right> rights_to_look() {
  static const std::vector<Right> all = {
      {"", "pods/log", {"get"}, "status shows why a container ended"},
      {"", "pods/portforward", {"create"}, "connect, and status asks the head's agent"},
      {"", "pods/exec", {"create"}, "drill and verify"},
      {"", "pods", {"create"}, "preflight's short-lived pods"},
      {"batch",
       "jobs",
       {"get", "list", "create", "delete"},
       "preflight and verify clean up by one"},
      {"coordination.k8s.io", "leases", {"get"}, "up sees whether a controller is there"},
  };
  return all;
}

kube::Question may_question(const std::string& ns, std::string_view group,
                            std::string_view resource, std::string_view verb,
                            std::string_view name) {
  std::size_t slash = resource.find('/');
  doc::Object attributes{{"verb", verb}, {"group", group}, {"resource", resource.substr(0, slash)}};
  if (!ns.empty()) attributes["namespace"] = ns;
  if (slash != resource.npos) attributes["subresource"] = resource.substr(slash + 1);
  if (!name.empty()) attributes["name"] = name;
  return kube::creation(
      doc::Object{{"apiVersion", "authorization.k8s.io/v1"},
                  {"kind", "SelfSubjectAccessReview"},
                  {"spec", doc::Object{{"resourceAttributes", std::move(attributes)}}}});
}

bool is_allowed(const kube::Said& said) {
  const doc::Value* allowed = doc::find(said.body, {"status", "allowed"});
  return said.good() && allowed != nullptr && allowed->is_bool() && allowed->get_bool();
}

std::vector<kube::Question> right_questions(std::span<const Right> rights, const std::string& ns) {
  std::vector<kube::Question> out;
  for (const Right& right : rights) {
    for (std::string_view verb : right.verbs)
      out.push_back(may_question(ns, right.group, right.resource, verb));
  }
  return out;
}

Obstacles judge_rights(std::span<const Right> rights, Weight weight, const std::string& ns,
                       const std::string& user, std::span<const kube::Said> answers) {
  std::vector<Right> missing;
  std::vector<std::string> words;
  std::string unanswered;
  std::size_t at = 0;
  for (const Right& right : rights) {
    Right lacks = right;
    lacks.verbs.clear();
    for (std::string_view verb : right.verbs) {
      const kube::Said& said = answers[at++];
      if (!said.good()) unanswered = said.message;
      if (said.good() && !is_allowed(said)) lacks.verbs.push_back(verb);
    }
    if (lacks.verbs.empty()) continue;
    std::vector<std::string> verbs(lacks.verbs.begin(), lacks.verbs.end());
    words.push_back(fmt::format("{} {} ({})", join(verbs, ", "), right.resource, right.why));
    missing.push_back(std::move(lacks));
  }
  Obstacles out;
  if (!missing.empty()) {
    out.push_back(
        {code::right, weight, Who::namespace_admin,
         weight == Weight::blocks ? "rights to run clusters" : "rights to look at them",
         fmt::format("the account may not {}", join(words, "; ")), "",
         role_text(missing, ns, user, weight == Weight::blocks ? "raykeep-run" : "raykeep-look")});
  }
  if (!unanswered.empty()) {
    out.push_back({code::no_answer, Weight::unchecked, Who::cluster_admin, "rights",
                   "the API server did not say what this account may do", unanswered,
                   "May this account create SelfSubjectAccessReviews? Everybody who is known to "
                   "the cluster may, by the ClusterRole system:basic-user."});
  }
  return out;
}

}  // namespace raykeep::preflight
