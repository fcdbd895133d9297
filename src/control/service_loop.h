// The controller's turns for RayServices: each second one for each of them. The clusters themselves
// are kept by keeper.h; here is only which of them there are, and which one serves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "control/keeper.h"
#include "control/namespace_view.h"
#include "control/serve_labels.h"
#include "control/service_keeper.h"
#include "net/task_group.h"

namespace raykeep::control {

class ServiceLoop {
 public:
  /// All must outlive it. `instance` is who says what events say.
  ServiceLoop(boost::asio::any_io_executor executor, const Access& access,
              const NamespaceView& view, const ServeLabels& labels, std::string instance,
              const ControllerLog& log);

  /// Each second in which `acts`, until cancelled.
  awaitable<void> run(std::function<bool()> acts);

  /// Leadership came or went.
  void forget();

  /// As decided last, by RayService and type: 1 where it is true. RolledBack is a type, too.
  std::map<std::string, std::map<std::string, int>> conditions() const { return conditions_; }

  /// Ends what is under way. To be awaited before it goes.
  awaitable<void> close();

 private:
  ServiceHands hands(std::string instance) const;
  void note(const std::string& service, const std::vector<decide::Condition>& conditions);
  static awaitable<void> look(ServiceLoop* self, std::string service, std::function<bool()> acts);

  const Access& access_;
  const NamespaceView& view_;
  const ServeLabels& labels_;
  const ControllerLog& log_;
  ServiceKeeper keeper_;
  std::map<std::string, std::map<std::string, int>> conditions_;
  std::set<std::string> busy_;
  net::TaskGroup turns_;
};

}  // namespace raykeep::control
