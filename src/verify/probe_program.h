// `raykeep probe` as a whole: watch the pod's sockets, try targets, stay.
#pragma once

#include "verify/probe.h"
#include "verify/tls_probe.h"

namespace raykeep::verify {

struct ProbeTasks {
  ProbeOptions probe;
  Duration sockets{};      // first watch this pod's sockets that long, and print what was seen
  bool listening = false;  // print on which TCP ports this pod can be reached
  TlsProbeOptions tls = {};
  Duration stay{};  // at the end stay that long, to be asked by exec
};

/// Prints a JSON line for each task that has a result.
boost::asio::awaitable<void> probe_program(boost::asio::any_io_executor executor, ProbeTasks tasks,
                                           const Clock& clock);

}  // namespace raykeep::verify
