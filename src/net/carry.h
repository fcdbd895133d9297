// Two connections of which each gets what the other sends, byte for byte.
//
// Nothing is read before what was read last is written, so that a slow side holds the other one
// back, and memory is bounded by one buffer for each direction. The end of one direction is passed
// on, and the other one goes on; a broken connection breaks the other.
#pragma once

#include <cstdint>
#include <memory>

#include "net/stream.h"

namespace raykeep::net {

struct CarryOptions {
  Duration idle = std::chrono::hours(1);  // without a byte either way; then both are closed
  /// As `idle`, once the server has ended its side: what a client still sends then is for nobody.
  Duration idle_after_server = std::chrono::minutes(1);
  std::size_t buffer = 16 * 1024;  // at most, each direction; a TLS record is no longer
};

struct Carried {
  std::uint64_t to_server = 0;  // bytes
  std::uint64_t to_client = 0;
  bool idle = false;    // closed because nothing moved any more
  bool broken = false;  // by one of the two, not by an end in good order
};

/// Until both sides have ended, one is broken, or neither moves. `so_far` is counted up all along.
/// Throws nothing but a cancellation, which closes both.
awaitable<void> carry(std::shared_ptr<Stream> client, std::shared_ptr<Stream> server,
                      CarryOptions options, std::shared_ptr<Carried> so_far);

}  // namespace raykeep::net
