// Which pods the Serve Service points to: those whose proxy takes requests. A pod is ready before
// it has a proxy, and one without replicas never gets any; KubeRay keeps a label for it, and so do
// we.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "control/access.h"
#include "control/keeper.h"
#include "control/namespace_view.h"
#include "net/task_group.h"

namespace raykeep::control {

/// What a pod's agent says on /servez.
enum class ServeAnswer { unasked, serves, serves_not };

/// The label's value that is due and not there; nothing: it is as it should be, or nobody knows. A
/// pod that is not ready is out of the Service whatever its label says: it begins as "false".
std::optional<std::string_view> due_serve_label(const doc::Value& pod, ServeAnswer answer);

class ServeLabels {
 public:
  /// All must outlive it.
  ServeLabels(boost::asio::any_io_executor executor, const Access& access,
              const NamespaceView& view, const ControllerLog& log);

  /// Asks every pod that bears the label, each second in which `acts`, until cancelled.
  awaitable<void> run(std::function<bool()> acts);

  /// Ends what is under way. To be awaited before it goes.
  awaitable<void> close();

 private:
  static awaitable<void> look(ServeLabels* self, std::shared_ptr<const doc::Value> seen);
  awaitable<void> set(const doc::Value& pod, std::string_view value);

  const Access& access_;
  const NamespaceView& view_;
  const ControllerLog& log_;
  std::set<std::string> busy_;  // uids of pods to whom a question is under way
  net::TaskGroup questions_;
};

}  // namespace raykeep::control
