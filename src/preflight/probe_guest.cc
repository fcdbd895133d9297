#include "preflight/probe_guest.h"

#include "verify/probe_in.h"

namespace raykeep::preflight {
namespace {

control::Diagnosis no_answer(std::string why) {
  control::Diagnosis made;
  made.what = "its pod gave no answer";
  made.why = std::move(why);
  return made;
}

}  // namespace

awaitable<void> ask_guest(const control::Access* access, std::string ns,
                          std::shared_ptr<ProbeGuest> guest, Deadline until) {
  try {
    guest->answer = co_await verify::probe_in(
        *access, ns, {.pod = guest->pod.name, .container = guest->pod.container},
        {.targets = guest->targets, .patience = std::chrono::seconds(1), .tries = 2}, until);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    guest->trouble = no_answer(failure.what());
  }
}

bool stands(const ProbeGuest& guest) {
  if (guest.pod.running) return true;
  return guest.trouble && (guest.trouble->hopeless || guest.trouble->reason == "ImagePull");
}

}  // namespace raykeep::preflight
