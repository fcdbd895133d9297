// A constant load on the Serve proxies of some pods, with every request accounted for.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/access.h"
#include "net/task_group.h"

namespace raykeep::control {

struct Tally {
  std::int64_t sent = 0;
  std::int64_t failed = 0;
  std::string first_failure = {};
};

class ServeLoad {
 public:
  struct Target {
    std::string pod;
    int port;
  };
  /// `rate` requests a second in all. An answer with a status below 400 is good.
  ServeLoad(boost::asio::any_io_executor executor, const Access& access, std::string ns,
            std::string path, int rate, std::vector<Target> targets);

  /// What happened since the last call, but for the requests to `except`.
  Tally take(const std::string& except = "");
  /// The same of each pod alone, those that answered nothing yet too.
  std::map<std::string, Tally> take_each();
  /// These pods are asked no more.
  void leave_out(const std::set<std::string>& pods);
  awaitable<void> close();

 private:
  struct State;
  std::shared_ptr<State> state_;
  net::TaskGroup tasks_;
};

}  // namespace raykeep::control
