#include "node/observed.h"

namespace raykeep::node {

void note(ProbeSeen& probe, bool alive, bool good, std::string text, Instant asked,
          Instant answered) {
  probe.good_now = good;
  probe.text = good ? "" : std::move(text);
  if (good) probe.good = answered;
  if (alive || good) {
    probe.alive = answered;
    probe.silent_since.reset();
    probe.silent = 0;
  } else {
    if (!probe.silent_since) probe.silent_since = asked;
    ++probe.silent;
  }
}

}  // namespace raykeep::node
