#include "plan/policy_peer.h"

namespace raykeep::plan {
namespace {

doc::Object selector(const spec::StringMap& labels) {
  doc::Object wrapped;
  if (!labels.empty()) wrapped["matchLabels"] = to_object(labels);
  return wrapped;
}

doc::Object block(const spec::Peer& peer) {
  doc::Object made{{"cidr", peer.cidr}};
  if (peer.except.empty()) return made;
  doc::Array except;
  for (const std::string& part : peer.except) except.emplace_back(part);
  made["except"] = std::move(except);
  return made;
}

}  // namespace

doc::Object policy_peer(const spec::Peer& peer) {
  if (!peer.cidr.empty()) return {{"ipBlock", block(peer)}};
  doc::Object made;
  if (peer.namespace_labels) made["namespaceSelector"] = selector(*peer.namespace_labels);
  made["podSelector"] = selector(peer.pod_labels.value_or(spec::StringMap{}));
  return made;
}

}  // namespace raykeep::plan
