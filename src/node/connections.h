// Who is connected to a port of this pod, as the kernel tells it.
#pragma once

#include <string_view>

namespace raykeep::node {

/// Established connections from other machines to a local port, counted in the text of
/// /proc/net/tcp or tcp6. Pure.
int connections_to(int port, std::string_view proc_net_tcp);

/// In this network namespace, both versions of IP; 0 where the kernel does not tell.
int connections_to(int port);

}  // namespace raykeep::node
