// `raykeep probe` run by exec in a pod.
#pragma once

#include "control/access.h"
#include "verify/probe.h"
#include "verify/sockets.h"
#include "verify/tls_probe.h"

namespace raykeep::verify {

/// Where it is.
struct ProgramIn {
  std::string pod;
  std::string container;
  std::string program = "/raykeep";  // in Raykeep's own image
};

/// Tries targets from there. Throws Failure where it could not be run or its answer not be read.
boost::asio::awaitable<ProbeAnswer> probe_in(const control::Access& access, std::string ns,
                                             ProgramIn where, ProbeOptions options, Deadline until);

/// Makes all offers to those ports from there. Throws likewise.
boost::asio::awaitable<TlsAnswer> tls_probe_in(const control::Access& access, std::string ns,
                                               ProgramIn where, TlsProbeOptions options,
                                               Deadline until);

/// The TCP ports on which that pod can be reached. Throws likewise.
boost::asio::awaitable<std::vector<int>> listening_in(const control::Access& access, std::string ns,
                                                      ProgramIn where, Deadline until);

/// Watches that pod's sockets for `span`. Throws likewise.
boost::asio::awaitable<std::vector<Talk>> watch_in(const control::Access& access, std::string ns,
                                                   ProgramIn where, Duration span);

}  // namespace raykeep::verify
