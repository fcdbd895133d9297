// The agent sits in every Ray pod and mostly waits, so its memory counts more than its speed.
#pragma once

namespace raykeep::node {

/// Gives the program's own code and constants back to the page cache. Most of what a start touches
/// (relocation, gRPC's and OpenSSL's initialisation, what the kernel maps around each page) is
/// never needed again; what is needed comes back from the cache by itself. Halves the resident
/// size.
void shed_code();

}  // namespace raykeep::node
