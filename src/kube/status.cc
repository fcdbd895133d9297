#include "kube/status.h"

#include <fmt/format.h>

#include "base/text.h"
#include "net/certificate.h"

namespace raykeep::kube {
namespace {

using Kind = Failure::Kind;

std::string text_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(doc::find_string(value, path));
}

/// The server's own words, on one line and harmless to a terminal, not in quotes.
std::string clean(std::string_view message) {
  std::string out;
  for (char c : message.substr(0, 2000)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return std::string(trim(out));
}

/// Who we are to the server, as far as the configuration tells.
std::string credential(const Config& config) {
  auto entry = config.context.empty() ? std::string("the configuration")
                                      : fmt::format("context {}", quoted(config.context));
  if (!config.user.empty()) entry = fmt::format("user {} of {}", quoted(config.user), entry);
  if (!config.origin.empty()) entry += fmt::format(" ({})", config.origin);
  return entry;
}

std::string unauthorized(const Config& config) {
  if (config.exec) {
    return fmt::format("the credential that plugin {} gave for {} is not accepted; log in again",
                       quoted(config.exec->command), credential(config));
  }
  if (!config.token.empty() || !config.token_file.empty()) {
    return fmt::format(
        "the token of {} is not accepted; it may have expired: log in again or ask for a new "
        "kubeconfig",
        credential(config));
  }
  if (auto facts = net::read_certificate(config.client_certificate_pem)) {
    if (facts->not_after < std::chrono::system_clock::now()) {
      return fmt::format(
          "the client certificate of {} expired on {}; log in again or ask for a new kubeconfig",
          credential(config), net::to_date(facts->not_after));
    }
    return fmt::format(
        "the client certificate ({}) of {} is not accepted; this cluster may not trust who issued "
        "it: "
        "ask for a new kubeconfig",
        facts->subject, credential(config));
  }
  if (!config.username.empty()) {
    return fmt::format(
        "user name and password of {} are not accepted; Kubernetes dropped them in 1.19: use a "
        "token or "
        "a certificate",
        credential(config));
  }
  return fmt::format("{} has no credential; log in, or ask for a kubeconfig with one",
                     credential(config));
}

std::string forbidden(const Asked& asked, const Status& status) {
  if (status.message.contains("violates PodSecurity")) {
    return "; the namespace's Pod Security standard refuses this pod: change what it lists, or ask "
           "the namespace's "
           "owner for another level";
  }
  if (status.message.contains("exceeded quota") || status.message.contains("failed quota")) {
    return fmt::format(
        "; ask for less, free something, or ask for a larger ResourceQuota in namespace {}",
        asked.ns);
  }
  if (status.message.contains("is being terminated")) {
    return "; wait until the namespace is gone, or use another";
  }
  if (status.message.contains("admission webhook") ||
      status.message.contains("ValidatingAdmissionPolicy")) {
    return "; a policy of the cluster refuses it: change the document as it says, or ask its "
           "administrator for an exception";
  }
  if (!status.message.contains(" cannot ") || asked.resource.empty()) return "";
  auto where = asked.ns.empty() ? std::string("ClusterRoleBinding")
                                : fmt::format("RoleBinding in namespace {}", asked.ns);
  return fmt::format("; ask for a {} that allows: verb {}, resource {}{}", where,
                     quoted(asked.verb), quoted(asked.resource),
                     asked.group.empty() ? "" : fmt::format(", API group {}", quoted(asked.group)));
}

std::string causes_text(const Status& status) {
  std::vector<std::string> parts;
  for (const auto& cause : status.causes) {
    if (parts.size() == 20) {
      parts.push_back("...");
      break;
    }
    parts.push_back(cause.field.empty()
                        ? clean(cause.message)
                        : fmt::format("{}: {}", clean(cause.field), clean(cause.message)));
  }
  return join(parts, "; ");
}

}  // namespace

Status read_status(const doc::Value& object) {
  Status status{.code = 0,
                .reason = text_at(object, {"reason"}),
                .message = text_at(object, {"message"}),
                .kind = text_at(object, {"details", "kind"}),
                .name = text_at(object, {"details", "name"}),
                .uid = text_at(object, {"details", "uid"}),
                .causes = {}};
  if (auto code = doc::find(object, {"code"}); code && code->is_number()) {
    boost::system::error_code inexact;
    status.code = code->to_number<int>(inexact);
  }
  if (auto causes = doc::find_array(object, {"details", "causes"})) {
    for (const auto& cause : *causes) {
      status.causes.push_back(
          {text_at(cause, {"reason"}), text_at(cause, {"message"}), text_at(cause, {"field"})});
    }
  }
  return status;
}

Status read_status(int code, std::string_view body) {
  Status status;
  if (auto value = doc::parse_json(body); value && doc::find_string(*value, {"kind"}) == "Status") {
    status = read_status(*value);
  } else {
    status.message = body.empty() ? "no explanation" : quoted(trim(body), 200);
  }
  status.code = code;
  return status;
}

Failure refusal(const Asked& asked, const Status& status, const Config& config) {
  auto what = fmt::format("{} {}", asked.doing, asked.object);
  auto said = clean(status.message);
  switch (status.code) {
    case 401:
      return Failure(Kind::denied, fmt::format("{}: {}", what, unauthorized(config)));
    case 403:
      return Failure(Kind::denied, fmt::format("{}: {}{}", what, said, forbidden(asked, status)));
    case 404:
      if (status.kind == "namespaces") {
        return Failure(
            Kind::invalid,
            fmt::format("{}: namespace {} does not exist; create it, or choose another with -n",
                        what, quoted(status.name)));
      }
      if (status.name.empty()) {
        return Failure(
            Kind::invalid,
            fmt::format("{}: {} does not know this kind of object ({}); is the cluster older than "
                        "Kubernetes 1.27, or the server's URL wrong?",
                        what, config.server, said));
      }
      return Failure(Kind::invalid, fmt::format("{}: {}", what, said));
    case 409:
      if (!status.causes.empty() && status.causes[0].reason == "FieldManagerConflict") {
        return Failure(
            Kind::invalid,
            fmt::format("{}: another manager owns fields of it: {}; leave them out, or force", what,
                        causes_text(status)));
      }
      return Failure(Kind::invalid, fmt::format("{}: conflict: {}", what, said));
    case 422: {
      auto causes = causes_text(status);
      return Failure(Kind::invalid,
                     fmt::format("{}: invalid: {}", what, causes.empty() ? said : causes));
    }
    case 413:
      return Failure(Kind::invalid,
                     fmt::format("{}: too large for the API server: {}", what, said));
    case 429:
      return Failure(Kind::overloaded,
                     fmt::format("{}: the API server asks for patience: {}", what, said));
    default:
      break;
  }
  if (status.code == 504 || status.code == 503 || status.code == 502) {
    return Failure(Kind::overloaded,
                   fmt::format("{}: the API server or a proxy before it is not available ({}): {}",
                               what, status.code, said));
  }
  if (status.code >= 500) {
    return Failure(Kind::overloaded,
                   fmt::format("{}: the API server failed ({}): {}", what, status.code, said));
  }
  if (status.code >= 300 && status.code < 400) {
    return Failure(
        Kind::invalid,
        fmt::format("{}: {} answers with a redirect ({}), as no API server does; is there a login "
                    "page in between?",
                    what, config.server, status.code));
  }
  return Failure(Kind::invalid, fmt::format("{}: {} ({})", what, said, status.code));
}

}  // namespace raykeep::kube
