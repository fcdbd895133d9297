// Asks Ray's processes how they are, again and again, each at its own pace: slowly while all is
// well, fast while something is awaited.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "net/task_group.h"
#include "node/observed.h"
#include "node/options.h"
#include "ray/gcs.h"
#include "ray/serve_traffic.h"

namespace raykeep::node {

using boost::asio::awaitable;

/// How one kind of question went so far, for the metrics.
struct ProbeCounters {
  std::uint64_t asked = 0;
  std::uint64_t not_good = 0;
  Duration took = {};  // of the latest
  Duration took_all = {};
};

enum class Question { gcs_health, gcs_alive, raylet_health, dashboard, serve };
inline constexpr std::array all_questions{Question::gcs_health, Question::gcs_alive,
                                          Question::raylet_health, Question::dashboard,
                                          Question::serve};
std::string_view name_of(Question question);

class Probes {
 public:
  /// What the probes have to know of the world, told by the agent before each round.
  struct World {
    bool wants_gcs = true;       // ask the GCS's health: on a head while it runs, on a worker while
                                 // it is waited for
    bool wants_opinion = false;  // ask what the GCS thinks of us: once the raylet runs
    bool hurry = false;          // something is awaited
    bool hurry_dashboard = false;
    std::string node_id = {};  // of our raylet; empty: looked up at the GCS
    std::optional<Instant> gcs_since = {}, raylet_since = {}, dashboard_since = {};
  };

  /// `changed` is called when an answer differs from the one before. All must outlive the probes.
  Probes(boost::asio::any_io_executor executor, const Options& options, const Clock& clock,
         std::function<void()> changed);
  ~Probes();
  Probes(const Probes&) = delete;

  void start();
  void tell(World world);  // from now on
  void hurry();            // ask now, do not wait for the pace
  void fill(Observed& seen) const;
  const ProbeCounters& counters(Question question) const;
  const ray::ServeTraffic& traffic() const;  // as counted last

  /// Asks for no more work on this node. `done` is called with what came of it.
  void drain(std::string message, Duration leave_after, Deadline until,
             std::function<void(bool accepted, std::string text)> done);

  /// Cancels everything and waits for its end.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
  net::TaskGroup tasks_;
};

}  // namespace raykeep::node
