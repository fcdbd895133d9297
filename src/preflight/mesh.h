// Whether the place's mesh is the Site's, and whether it takes plaintext: what no document shows.
// Istio's PeerAuthentications are read where these rights allow it; Linkerd says the same on the
// pods themselves, and those are ours.
#pragma once

#include <optional>
#include <string>

#include "kube/ask.h"
#include "preflight/obstacle.h"
#include "spec/site.h"

namespace raykeep::preflight {

/// The lists of PeerAuthentications. Nothing where these rights do not allow to look.
struct MeshSurvey {
  std::optional<kube::Said> of_namespace, of_mesh;
};

/// The namespace whose PeerAuthentications are the whole mesh's: its control plane's.
std::string root_namespace(const spec::Site& site);

/// May PeerAuthentications of that namespace be listed? And the list.
kube::Question may_list_peer_authentications(const std::string& ns);
kube::Question list_peer_authentications(const std::string& ns);

/// Nothing on a Site whose mesh is not Istio.
Obstacles judge_strictness(const std::string& ns, const MeshSurvey& seen, const spec::Site& site);

/// The namespace's labels speak of another mesh than the Site.
Obstacles judge_mesh_kind(const doc::Value& ns_object, const spec::Site& site);

}  // namespace raykeep::preflight
