// Keeps the namespace's authority, and signs what nodes ask for. Every replica signs; the one that
// leads makes the authority, publishes what nodes are to trust, and rotates it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "control/access.h"
#include "control/facts.h"
#include "control/keeper.h"
#include "control/namespace_view.h"
#include "net/http_server.h"

namespace raykeep::control {

struct SignerOptions {
  std::string ns;
  std::chrono::seconds lifetime = std::chrono::hours(720);  // of a node's certificate
  std::chrono::seconds authority_lifetime = std::chrono::hours(24 * 3650);
};

class Signer {
 public:
  /// All must outlive it.
  Signer(const Access& access, const NamespaceView& view, const kube::Lease& lease,
         SignerOptions options, const ControllerLog& log);
  ~Signer();
  Signer(const Signer&) = delete;

  /// Looks at the Secret now and then, and does what is due with it, until cancelled.
  awaitable<void> run();

  /// POST /v1/sign with a bearer token and a request in PEM: 200 with {"certificate", "authority"},
  /// or {"error"}: 400 what was sent is no good, 401 nobody knows the token, 403 it is not its
  /// pod's, 503 later.
  awaitable<net::Response> answer(net::Call call);

  /// Its own certificate, which the nodes trust; nothing before there is an authority.
  std::shared_ptr<const net::TlsServerContext> tls() const;

  CertificateTimes times() const;
  std::uint64_t signed_times() const;
  std::uint64_t refused_times() const;
  std::string problem() const;  // with the authority; empty: there is none

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raykeep::control
