// With Ray's mutual TLS: the node's key and certificate. The key is made here and stays in the
// pod's memory; the controller signs for it. The files are what Ray reads when its processes start:
// tls.key, tls.crt (with its chain) and ca.crt (everything that signs, or did).
//
// The key is made once, so that certificate and key always belong together, whenever Ray reads
// them. A container that is started again finds both and needs nobody.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "node/log.h"
#include "node/observed.h"
#include "node/options.h"

namespace raykeep::node {

struct IdentityState {
  bool held = false;                                          // a certificate that is valid now
  std::optional<std::chrono::system_clock::time_point> ends;  // of the certificate in the folder
  /// Of the one that lay there when Ray was started: Ray reads no other until it is started again.
  std::optional<std::chrono::system_clock::time_point> ray_ends;
  std::string problem;  // of the latest attempt; empty: it went well
  std::uint64_t signed_times = 0;
  std::uint64_t refused_times = 0;
};

class Identity {
 public:
  /// `changed` is called when the state did. All must outlive it. Throws Failure::invalid when the
  /// folder cannot be written.
  Identity(boost::asio::any_io_executor executor, const IdentityOptions& options, const Pod& pod,
           const Clock& clock, const Log& log, std::function<void()> changed);
  ~Identity();
  Identity(const Identity&) = delete;

  /// Gets a certificate, and a new one after two thirds of its time, until cancelled.
  boost::asio::awaitable<void> run();

  IdentityState state() const;
  void ray_started();  // now

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raykeep::node
