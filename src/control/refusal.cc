#include "control/refusal.h"

#include <fmt/format.h>

namespace raykeep::control {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// What follows `mark` in the text, or all of it.
std::string after(std::string_view text, std::string_view mark) {
  std::size_t at = text.find(mark);
  return std::string(at == std::string_view::npos ? text : text.substr(at + mark.size()));
}

/// The part of the text between `open` and the next `close`; empty if there is none.
std::string between(std::string_view text, std::string_view open, std::string_view close) {
  std::size_t from = text.find(open);
  if (from == std::string_view::npos) return "";
  from += open.size();
  std::size_t to = text.find(close, from);
  return to == std::string_view::npos ? "" : std::string(text.substr(from, to - from));
}

/// Without the leading `pods "demo-head-0" is forbidden: `, which repeats what the object already
/// says.
std::string reason_in(std::string_view message) {
  std::string text = after(message, "is forbidden: ");
  return text.starts_with("error: ") ? text.substr(7) : text;
}

Diagnosis pod_security(Diagnosis made, std::string_view message) {
  std::string standard = between(message, "violates PodSecurity \"", "\"");
  made.reason = "PodSecurity";
  made.what = fmt::format("Pod Security refuses its pods (the namespace enforces {})", standard);
  made.why = after(message, fmt::format("violates PodSecurity \"{}\": ", standard));
  made.next =
      "take these fields out of the document's pod template (raykeep check shows where), or ask "
      "who guards the namespace";
  made.hopeless = true;
  return made;
}

Diagnosis quota(Diagnosis made, std::string_view message) {
  std::string name = between(message, "exceeded quota: ", ",");
  made.reason = "Quota";
  made.what = name.empty() ? "the namespace's quota asks for requests and limits"
                           : fmt::format("the quota {} has no room for it", name);
  made.why =
      name.empty() ? reason_in(message) : after(message, fmt::format("exceeded quota: {}, ", name));
  made.next = name.empty() ? "give every container of the pod template these resources"
                           : "lower resources or replicas in the document, free some, or ask for "
                             "more: kubectl describe quota";
  made.hopeless = true;
  return made;
}

Diagnosis webhook(Diagnosis made, std::string_view message) {
  bool denied = has(message, "denied the request");
  std::string name =
      between(message, denied ? "admission webhook \"" : "failed calling webhook \"", "\"");
  made.reason = denied ? "Policy" : "WebhookUnavailable";
  made.what =
      fmt::format("the admission webhook {} {}", name, denied ? "refuses it" : "cannot be asked");
  made.why = denied ? after(message, "denied the request: ")
                    : after(message, fmt::format("\"{}\": ", name));
  made.next = denied ? "change what the policy names in the document or the Site, or ask its owners"
                     : "the people who run the cluster must mend the webhook; Kubernetes tries "
                       "again by itself";
  made.hopeless = denied;
  return made;
}

/// A ValidatingAdmissionPolicy: Kubernetes' own, in the API server.
Diagnosis builtin_policy(Diagnosis made, std::string_view message) {
  std::string name = between(message, "ValidatingAdmissionPolicy '", "'");
  made.reason = "Policy";
  made.what = fmt::format("the admission policy {} refuses it", name);
  made.why = after(message, "denied request: ");
  made.next = "change what the policy names in the document or the Site, or ask its owners";
  made.hopeless = true;
  return made;
}

Diagnosis plain(Diagnosis made, std::string reason, std::string what, std::string why,
                std::string next, bool hopeless) {
  made.reason = std::move(reason);
  made.what = std::move(what);
  made.why = std::move(why);
  made.next = std::move(next);
  made.hopeless = hopeless;
  return made;
}

bool is_limit_range(std::string_view message) {
  return has(message, "usage per Container is") || has(message, "usage per Pod is") ||
         has(message, "usage per PersistentVolumeClaim is") ||
         has(message, "ratio per Container is") || has(message, "ratio per Pod is");
}

}  // namespace

Diagnosis explain_refusal(std::string object, std::string_view message) {
  Diagnosis made;
  made.object = std::move(object);
  if (has(message, "violates PodSecurity")) return pod_security(made, message);
  if (has(message, "exceeded quota:") || has(message, "failed quota:")) return quota(made, message);
  if (has(message, "admission webhook \"") || has(message, "failed calling webhook"))
    return webhook(made, message);
  if (has(message, "ValidatingAdmissionPolicy '") && has(message, "denied request"))
    return builtin_policy(made, message);
  if (is_limit_range(message)) {
    return plain(
        made, "LimitRange", "the namespace's LimitRange does not allow its resources",
        reason_in(message),
        "bring the document's requests and limits into the range: kubectl describe limitrange",
        true);
  }
  if (has(message, "security context constraint")) {
    return plain(
        made, "SecurityContextConstraint",
        "OpenShift's security context constraints refuse its pods", reason_in(message),
        "set openshift: true in the Site, and take user ids and privileges out of the pod template",
        true);
  }
  if (has(message, "serviceaccount") && has(message, "not found")) {
    return plain(made, "ServiceAccount", "its service account is not there",
                 after(message, "error looking up service account "),
                 "create the service account, or name another one in the document or the Site",
                 false);
  }
  if (has(message, "RuntimeClass \"") && has(message, "not found")) {
    return plain(made, "RuntimeClass", "its runtime class is not there", reason_in(message),
                 "name one that exists in the document: kubectl get runtimeclass", true);
  }
  if (has(message, "no PriorityClass")) {
    return plain(made, "PriorityClass", "its priority class is not there", reason_in(message),
                 "name one that exists in the document or the Site: kubectl get priorityclass",
                 true);
  }
  return plain(made, "Refused", "Kubernetes refuses it", reason_in(message),
               "change what it names; kubectl describe shows more", false);
}

}  // namespace raykeep::control
