#include "preflight/place.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "control/fields.h"
#include "doc/base64.h"
#include "net/certificate.h"

namespace raykeep::preflight {
namespace {

using namespace std::chrono_literals;
using control::list_at;

constexpr auto noticeable_skew = 5s;
constexpr auto harmful_skew = 60s;

std::string_view label(const doc::Value& object, std::string_view key) {
  return doc::find_string(object, {"metadata", "labels", key});
}

bool selects_every_pod(const doc::Value& policy) {
  const doc::Object* selector = doc::find_object(policy, {"spec", "podSelector"});
  return selector != nullptr && selector->empty();
}

bool has_type(const doc::Value& policy, std::string_view direction) {
  return std::ranges::any_of(list_at(policy, {"spec", "policyTypes"}), [&](const doc::Value& type) {
    return type.is_string() && type.get_string() == direction;
  });
}

std::optional<int> number_in(std::string_view text) {
  int out = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 6)
    out = out * 10 + (text[digits++] - '0');
  if (digits == 0) return std::nullopt;
  return out;
}

}  // namespace

Obstacles judge_namespace(const std::string& ns, const kube::Said& object) {
  if (object.absent()) {
    return {{code::no_namespace, Weight::blocks, Who::namespace_admin, "Namespace " + ns,
             "it is not there", "",
             fmt::format("Please create the namespace {} and grant us the ClusterRole edit in it.",
                         ns)}};
  }
  if (!object.good()) {
    return {{code::unreadable, Weight::unchecked, Who::namespace_admin, "Namespace " + ns,
             "its labels cannot be read: Pod Security and mesh injection are known from dry runs "
             "alone",
             object.message,
             fmt::format("Which Pod Security level does namespace {} enforce, and does a mesh "
                         "inject proxies into it? (kubectl get namespace {} -o yaml)",
                         ns, ns)}};
  }
  if (control::is_going(object.body) ||
      doc::find_string(object.body, {"status", "phase"}) == "Terminating") {
    return {{code::no_namespace, Weight::blocks, Who::namespace_admin, "Namespace " + ns,
             "it is being deleted, and nothing new is admitted", "",
             fmt::format("Namespace {} is being deleted. Please give us another, or create it anew "
                         "when it is gone.",
                         ns)}};
  }
  return {};
}

bool denies_by_default(const std::vector<doc::Value>& policies, std::string_view direction) {
  std::string rules = direction == "Ingress" ? "ingress" : "egress";
  return std::ranges::any_of(policies, [&](const doc::Value& policy) {
    return selects_every_pod(policy) && has_type(policy, direction) &&
           list_at(policy, {"spec", rules}).empty();
  });
}

Obstacles judge_default_deny(const std::string& ns, const std::vector<doc::Value>& policies) {
  const bool in = denies_by_default(policies, "Ingress"),
             out = denies_by_default(policies, "Egress");
  if (in && out) return {};
  std::string what = !in && !out ? "no NetworkPolicy denies what no other allows"
                     : in        ? "no NetworkPolicy denies egress that no other allows"
                                 : "no NetworkPolicy denies ingress that no other allows";
  return {{code::no_default_deny, Weight::notice, Who::namespace_admin, "Namespace " + ns,
           what + "; Ray's own pods are guarded by Raykeep's policies all the same", "",
           fmt::format("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: "
                       "default-deny, namespace: {}}}\nspec: {{podSelector: {{}}, policyTypes: "
                       "[Ingress, Egress]}}",
                       ns)}};
}

std::string mesh_of(const doc::Value& object) {
  if (label(object, "istio.io/dataplane-mode") == "ambient") return "Istio ambient";
  if (label(object, "istio-injection") == "enabled" || !label(object, "istio.io/rev").empty())
    return "Istio";
  std::string_view linkerd =
      doc::find_string(object, {"metadata", "annotations", "linkerd.io/inject"});
  if (linkerd == "enabled" || linkerd == "ingress") return "Linkerd";
  return "";
}

Obstacles judge_mesh(const doc::Value& ns_object, const spec::Site& site) {
  std::string mesh = mesh_of(ns_object);
  if (mesh.empty() || site.tls_mode == spec::TlsMode::mesh) return {};
  std::string ns(control::name_of(ns_object));
  return {{code::mesh, Weight::may_block, Who::mesh_team, "Namespace " + ns,
           fmt::format("{} takes the namespace's pods into its mesh, and the Site does not say so "
                       "(tls.mode)",
                       mesh),
           "",
           fmt::format("Namespace {} is in the mesh ({}). Is mutual TLS STRICT there, and does "
                       "injection need NET_ADMIN in the pods (no CNI plug-in)? If Ray is not to "
                       "be part of the mesh: which label or annotation opts its pods out?",
                       ns, mesh)}};
}

Obstacles judge_version(const kube::Said& version) {
  if (!version.good()) return {};
  std::string text(doc::find_string(version.body, {"gitVersion"}));
  std::optional<int> major = number_in(doc::find_string(version.body, {"major"}));
  std::optional<int> minor = number_in(doc::find_string(version.body, {"minor"}));
  if (!major || !minor || *major > 1 || *minor >= 27) return {};
  return {{code::old_server, Weight::blocks, Who::cluster_admin, "API server",
           fmt::format("it is Kubernetes {}, and Raykeep needs 1.27", text), "",
           fmt::format("Raykeep needs Kubernetes 1.27 or newer; this cluster runs {}. When will it "
                       "be upgraded?",
                       text)}};
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  std::tm parts{};
  std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

Obstacles judge_clock(std::string_view date, WallTime now) {
  std::optional<WallTime> theirs = parse_http_date(date);
  if (!theirs) return {};
  // The header has whole seconds: up to one of the difference is its own.
  auto ahead = std::chrono::duration_cast<std::chrono::seconds>(now - *theirs);
  auto skew = ahead < 0s ? -ahead : ahead;
  if (skew <= noticeable_skew) return {};
  const bool harmful = skew > harmful_skew;
  return {{code::clock_skew, harmful ? Weight::blocks : Weight::may_block, Who::you,
           "this machine's clock",
           fmt::format("it is {} s {} the API server's", skew.count(),
                       ahead < 0s ? "behind" : "ahead of"),
           "",
           "Set this machine's clock by NTP; if it is right, the control plane's is wrong, and the "
           "cluster's administrators want to know."}};
}

std::optional<WallTime> end_of_token(std::string_view token) {
  std::size_t first = token.find('.');
  std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos) return std::nullopt;
  std::string claims(token.substr(first + 1, second - first - 1));
  std::ranges::replace(claims, '-', '+');
  std::ranges::replace(claims, '_', '/');
  claims.append((4 - claims.size() % 4) % 4, '=');
  std::optional<std::string> text = doc::decode_base64(claims);
  if (!text) return std::nullopt;
  auto value = doc::parse_json(*text);
  const doc::Value* ends = value ? doc::find(*value, {"exp"}) : nullptr;
  if (ends == nullptr || !ends->is_number()) return std::nullopt;
  boost::system::error_code inexact;
  auto seconds = ends->to_number<std::int64_t>(inexact);
  if (inexact) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

Obstacles judge_credential(std::optional<WallTime> ends, WallTime now) {
  if (!ends || *ends - now > 24h) return {};
  return {{code::credential, *ends - now < 1h ? Weight::may_block : Weight::notice,
           Who::namespace_admin, "the credential of this kubeconfig",
           fmt::format("it ends on {}", net::to_date(*ends)), "",
           fmt::format("Our credential ends on {}. Please renew it.", net::to_date(*ends))}};
}

}  // namespace raykeep::preflight
