#include "control/head_probe.h"

#include "control/pod_http.h"
#include "net/dial.h"

namespace raykeep::control {

using decide::Answer;

awaitable<Answer> ask_head(const Clock& clock, std::string ip, int port, Deadline until) {
  try {
    co_await get_from_pod(clock, std::move(ip), port, "/livez", until);
    co_return Answer::answers;
  } catch (const net::Refused&) {
    co_return Answer::refused;
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    // Something came back that is no HTTP: whoever sent it lives.
    co_return failure.kind() == Failure::Kind::invalid ? Answer::answers : Answer::silent;
  }
}

}  // namespace raykeep::control
