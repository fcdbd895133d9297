// A short-lived pod that is asked what it reaches: `raykeep probe` by exec.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "verify/probe.h"
#include "verify/short_lived.h"

namespace raykeep::preflight {

using boost::asio::awaitable;

struct ProbeGuest {
  std::string guest;
  std::vector<verify::Target> targets;
  bool asked = false;
  verify::GuestPod pod = {};
  std::optional<verify::ProbeAnswer> answer = {};
  std::optional<control::Diagnosis> trouble = {};  // why there is no answer
};

/// Asks the guest's pod, which must run. The guest is shared with the caller, because a task may
/// end after its owner. Throws Failure::cancelled alone.
awaitable<void> ask_guest(const control::Access* access, std::string ns,
                          std::shared_ptr<ProbeGuest> guest, Deadline until);

/// Is nothing more to be waited for before it is asked?
bool stands(const ProbeGuest& guest);

}  // namespace raykeep::preflight
