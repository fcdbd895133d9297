#include "report/describe.h"

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::report {
namespace {

constexpr std::string_view namespace_name_label = "kubernetes.io/metadata.name";

std::string text_of(const spec::StringMap& labels) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : labels) parts.push_back(key + '=' + value);
  return join(parts, ", ");
}

/// "namespace monitoring", "namespaces with team=science", "every namespace", "this namespace".
std::string namespaces_of(const spec::Peer& peer) {
  if (!peer.namespace_labels) return "this namespace";
  const spec::StringMap& labels = *peer.namespace_labels;
  if (labels.empty()) return "every namespace";
  auto name = labels.find(std::string(namespace_name_label));
  if (labels.size() == 1 && name != labels.end()) return "namespace " + name->second;
  return "namespaces with " + text_of(labels);
}

bool names_no_pods(const spec::Peer& peer) { return !peer.pod_labels || peer.pod_labels->empty(); }

}  // namespace

std::string describe(const spec::Peer& peer) {
  std::string who = peer.name.empty() ? "" : peer.name + ": ";
  if (!peer.cidr.empty()) {
    who += peer.cidr;
    if (!peer.except.empty()) who += " except " + join(peer.except, ", ");
    return who;
  }
  who += names_no_pods(peer) ? "every pod" : "pods " + text_of(*peer.pod_labels);
  return who + " in " + namespaces_of(peer);
}

std::string too_wide(const spec::Peer& peer) {
  if (!peer.cidr.empty()) return peer.cidr.ends_with("/0") ? "every address there is" : "";
  const bool every_namespace = peer.namespace_labels && peer.namespace_labels->empty();
  if (names_no_pods(peer)) return "every pod in " + namespaces_of(peer);
  if (every_namespace) return "pods of every namespace, by labels that anybody can give them";
  return "";
}

std::string_view is_encrypted(const flow::Flow& flow) {
  if (flow.encryption.empty() || flow.encryption.starts_with("none")) return "no";
  return flow.encryption == "up to the application" ? "application" : "yes";
}

std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace raykeep::report
