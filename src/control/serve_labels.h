// Which pods the Serve Service points to: those whose proxy takes requests. A pod is ready before
// it has a proxy, and one without replicas never gets any; KubeRay keeps a label for it, and so do
// we.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "control/access.h"
#include "control/keeper.h"
#include "control/namespace_view.h"
#include "net/http.h"
#include "net/task_group.h"

namespace raykeep::control {

/// What a pod's agent says on /servez.
enum class ServeAnswer {
  unasked,
  serves,
  drains,  // its proxy is to end, and answers what still comes
  serves_not,
};

/// What its answer means.
ServeAnswer read_serve_answer(const net::Response& answer);

/// Labels the pod as it was seen; false: it has changed since, or is gone. One that is deleted
/// meanwhile must keep its label: it ends with its last answer, and without the label its open
/// connections would be reset on some networks.
awaitable<bool> set_serve_label(const Access& access, std::string ns, const doc::Value& pod,
                                std::string_view value);

/// A pod whose proxy drains stays behind the Service for so long at least. Serve drains the proxy
/// of a node that has no replica for a moment, as in an update, and takes it back; an endpoint that
/// leaves has its open connections reset on some networks.
inline constexpr Duration patience_with_draining = std::chrono::seconds(10);

/// What /servez says of the proxy: "requests 12\nerrors 0\nconnections 1". Pure.
struct ProxyTraffic {
  double requests = 0, errors = 0;  // answered since it began
  double connections = 0;           // that are open to it now
  bool operator==(const ProxyTraffic&) const = default;
};
ProxyTraffic read_proxy_traffic(std::string_view told);

/// The label's value that is due and not there; nothing: it is as it should be, or nobody knows. A
/// pod that is not ready is out of the Service whatever its label says: it begins as "false".
/// One whose proxy drains leaves when nobody is connected to it: Serve ends such a proxy after 30
/// s, and not while it answers somebody. `drains_for`: how long it has drained.
std::optional<std::string_view> due_serve_label(const doc::Value& pod, ServeAnswer answer,
                                                Duration drains_for = {},
                                                const ProxyTraffic& traffic = {});

class ServeLabels {
 public:
  /// All must outlive it.
  ServeLabels(boost::asio::any_io_executor executor, const Access& access,
              const NamespaceView& view, const ControllerLog& log);

  /// Asks every pod that bears the label, each second in which `acts`, until cancelled.
  awaitable<void> run(std::function<bool()> acts);

  /// What a pod's proxy did, as its agent said last; zeros where it was not asked.
  ProxyTraffic traffic(const std::string& uid) const;

  /// Ends what is under way. To be awaited before it goes.
  awaitable<void> close();

 private:
  static awaitable<void> look(ServeLabels* self, std::shared_ptr<const doc::Value> seen);
  void forget_gone();

  const Access& access_;
  const NamespaceView& view_;
  const ControllerLog& log_;
  std::map<std::string, ProxyTraffic> traffic_;  // by the pod's uid
  std::map<std::string, Instant> drains_since_;  // likewise
  std::set<std::string> busy_;                   // uids of pods to whom a question is under way
  net::TaskGroup questions_;
};

}  // namespace raykeep::control
