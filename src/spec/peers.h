// The peers and ports of a Site: whom its flows may reach and who may reach them.
#pragma once

#include <vector>

#include "spec/reader.h"
#include "spec/site.h"

namespace raykeep::spec {

/// May a peer be a DNS name?
enum class Names { refused, taken };

/// An absent list gives none. Everything wrong with a peer is reported; it is returned
/// nevertheless.
std::vector<Peer> parse_peers(const Cursor& list, Names names = Names::refused);

/// Ports are written as 9000, "9000-9010", "53/UDP", or {port: 9000, endPort: 9010, protocol: TCP}.
std::vector<SitePort> parse_ports(const Cursor& list);

/// The label that every namespace carries with its own name (Kubernetes 1.22, KEP-2161).
inline constexpr char kNamespaceNameLabel[] = "kubernetes.io/metadata.name";

/// The one namespace that a peer's labels name; nullptr where they choose otherwise, or the peer is
/// no pods of a namespace.
const std::string* named_namespace(const Peer& peer);

}  // namespace raykeep::spec
