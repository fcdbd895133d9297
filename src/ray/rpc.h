// gRPC behind a small wall: nobody outside this module sees its headers or its threads.
//
// One RpcEngine serves a whole program. It owns a completion queue and the single thread that waits
// on it; what completes there is posted to the executor, so callers live on one event loop as
// always. gRPC starts a few helper threads of its own. All of them block every signal, so that
// signalfd and signal handlers of the program keep working.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"

namespace raykeep::ray {

/// Files for Ray's mutual TLS (RAY_USE_TLS; Ray's names: RAY_TLS_CA_CERT, RAY_TLS_SERVER_CERT,
/// RAY_TLS_SERVER_KEY). All empty: in the clear. Read for each new
/// connection.
struct RpcTlsFiles {
  std::string ca = {};
  std::string certificate = {};
  std::string key = {};
  bool operator==(const RpcTlsFiles&) const = default;
  std::string server_name = {};  // expected in the certificate; empty: the host that is dialled
};

/// Where a gRPC server of Ray is and who we are to it.
struct RpcPeer {
  std::string host = {};  // a name or an address; IPv6 without brackets
  int port = 0;
  std::string token_file = {};  // Ray's auth token (Ray >= 2.52), first line, trimmed; empty: none.
                                // Read for every call, so a rotated token is used at once
  RpcTlsFiles tls = {};
};

class RpcEngine {
 public:
  /// `clock` and the executor's loop must outlive the engine.
  RpcEngine(boost::asio::any_io_executor executor, const Clock& clock);

  /// Cancels the calls under way and waits until gRPC let go of them. Await them first (cancel,
  /// then TaskGroup::finish()): the coroutines themselves end only when the loop runs.
  ~RpcEngine();
  RpcEngine(const RpcEngine&) = delete;

  struct State;
  const std::shared_ptr<State>& state() const { return state_; }  // for this module

 private:
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::ray
