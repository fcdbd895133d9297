// Linkerd (linkerd.io, "Automatic mTLS", "TCP Proxying and Protocol Detection", "Authorization
// Policy"; Linkerd 2.18 and newer).
#include <algorithm>

#include <fmt/format.h>

#include "plan/mesh.h"

namespace raykeep::plan {
namespace {

/// "6379,8076,10002-10033": ranges are one of Linkerd's forms.
std::string joined(const std::vector<spec::PortRange>& ports) {
  std::string text;
  for (const spec::PortRange& range : ports)
    text += (text.empty() ? "" : ",") + spec::to_string(range);
  return text;
}

}  // namespace

void join_linkerd(const spec::Site& site, const MeshPod& pod, doc::Object& pod_template) {
  doc::Object annotations;
  annotations["linkerd.io/inject"] = "enabled";
  annotations["config.linkerd.io/proxy-enable-native-sidecar"] =
      site.mesh_native_sidecar ? "true" : "false";
  // By default Linkerd lets plaintext in. Fixed when the pod is made.
  annotations["config.linkerd.io/default-inbound-policy"] = "all-authenticated";
  // Replaces Linkerd's own list. On the pod, because calls by address see no Service.
  std::vector<spec::PortRange> ports = pod.ports;
  std::ranges::sort(ports);
  if (!ports.empty()) annotations["config.linkerd.io/opaque-ports"] = joined(ports);
  add_missing(object_at(object_at(pod_template, "metadata"), "annotations"), annotations);
}

}  // namespace raykeep::plan
