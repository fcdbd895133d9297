// Istio ambient (istio.io, "Ambient mode"; Istio's architecture/ambient/ztunnel.md). The node's
// ztunnel takes a pod's traffic; nothing is added to the pod, so that start, end, probes and ports
// need nothing of us.
#include "plan/mesh.h"

namespace raykeep::plan {

void join_istio_ambient(doc::Object& metadata) {
  add_missing(object_at(metadata, "labels"), {{"istio.io/dataplane-mode", "ambient"}});
}

}  // namespace raykeep::plan
