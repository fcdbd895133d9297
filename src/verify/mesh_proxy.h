// Probes and a mesh's proxies. A sidecar takes every TCP connection of its pod itself, also one
// that then gets nowhere: that a connection was made tells nothing there, only what comes back on
// it does. Pure.
#pragma once

#include "doc/json.h"
#include "net/reach.h"

namespace raykeep::verify {

/// Has the mesh put its sidecar into this pod (istio-proxy, linkerd-proxy)? Ambient has none.
bool has_sidecar(const doc::Value& pod);

/// What a TCP connection tells on which plaintext was said, where a sidecar took it. `wanted`: it
/// should pass; a sidecar cuts off both what nobody listens to and what it must not pass on.
net::Reached through_sidecar(net::Reached reached, bool wanted);

}  // namespace raykeep::verify
