// TLS in front of Ray's HTTP ports, which speak in the clear: each port here ends TLS and carries
// bytes to a plain port on the loopback of the same pod.
//
// Only the first request's head is looked at, and only for whether it comes whole, in time and
// within its bounds; then bytes are carried as they come. So WebSocket, chunks, answers that take
// hours, and gRPC (whose preface has the form of a head) pass as without us.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/certificate.h"
#include "net/task_group.h"
#include "node/options.h"

namespace raykeep::node {

/// What one port has seen since the beginning.
struct TlsPortState {
  TlsPort port = {};
  std::uint64_t accepted = 0;
  std::uint64_t full = 0;         // refused, because all connections were taken
  std::uint64_t handshakes = 0;   // that failed, or for which there was no certificate
  std::uint64_t heads = 0;        // requests whose head was too long, too slow or not whole
  std::uint64_t unreachable = 0;  // requests for which the plain port did not take a connection
  std::uint64_t idle = 0;         // connections closed because nothing moved any more
  std::uint64_t to_server = 0;    // bytes, of connections that ended
  std::uint64_t to_client = 0;
  std::size_t open = 0;
  std::optional<net::CertificateFacts> certificate = {};  // that is shown now
  std::string problem = {};  // the latest one with the certificate or a handshake
};

class TlsListener {
 public:
  /// Listens at once on every address. Throws Failure::invalid when a port cannot be had. `clock`
  /// must outlive it.
  TlsListener(boost::asio::any_io_executor executor, TlsListenerOptions options,
              const Clock& clock);

  /// Ends every connection.
  ~TlsListener();
  TlsListener(const TlsListener&) = delete;

  /// In the order of the options; with the ports that were chosen where they said 0.
  std::vector<TlsPortState> state() const;

 private:
  struct Door;
  std::vector<std::shared_ptr<Door>> doors_;
  net::TaskGroup tasks_;
};

}  // namespace raykeep::node
