// One cluster's turn: what is there is seen and understood, remembered, decided on (decide/) and
// carried out, and what was decided is written where people look. Level-triggered: a turn on a
// cluster that is as it should be sends nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "control/access.h"
#include "control/decide/decision.h"
#include "control/decide/memory.h"
#include "control/facts.h"
#include "control/matches.h"
#include "control/namespace_view.h"
#include "control/policy.h"
#include "control/store.h"
#include "kube/lease.h"
#include "net/task_group.h"
#include "plan/plan.h"

namespace raykeep::control {

/// A line of the log: whether it is a warning, what happened, and the particulars.
using ControllerLog = std::function<void(bool warning, std::string_view event, doc::Object fields)>;

struct KeeperOptions {
  std::string ns;
  std::string identity;        // who says what events say: the pod's name
  std::string secrets_folder;  // private, not on a disk
  Policy policy = {};
  decide::Limits limits = {};
  std::function<CertificateTimes()> certificates = {};  // empty: none are signed here
};

/// What is kept of one cluster between two turns. All of it may be lost.
struct Keeping {
  decide::Memory memory;
  decide::Answer answer = decide::Answer::unasked;
  std::string asked_uid;  // the head's pod that the answer is of
  bool asking = false;
  decide::Fence lease;  // as Redis said
  std::optional<Instant> store_asked;
  std::string apply_problem;
  std::string apply_target;  // what it is about
  std::map<std::string, Normalised> normalised;
  std::set<std::string> cleaning;                    // notes that are worked off just now
  std::map<std::string, std::string> note_problems;  // of the last attempt
  std::vector<decide::Condition> conditions;         // as decided last
};

class Keeper {
 public:
  /// References must outlive it and its turns. It acts only while `lease` is ours.
  Keeper(boost::asio::any_io_executor executor, const Access& access, const NamespaceView& view,
         const kube::Lease& lease, KeeperOptions options, const ControllerLog& log);

  struct Turn {
    bool good = true;  // everything that was decided was done
    std::optional<Duration> look_again;
  };

  /// Throws Failure when it could not even look.
  awaitable<Turn> look(std::string cluster);

  /// May it act, and does it know enough to?
  bool acts() const { return lease_.is_ours() && view_.is_complete(); }

  /// Shared, because it may be forgotten while a turn is under way.
  std::shared_ptr<Keeping> keeping_of(const std::string& cluster);
  const std::map<std::string, std::shared_ptr<Keeping>>& keepings() const { return keepings_; }

  /// Leadership came or went: what was seen while another acted, or nobody, is not to be acted on.
  void forget() { keepings_.clear(); }

  const std::map<std::string, std::uint64_t>& actions() const { return actions_; }  // by verb

  /// Ends what goes on beside the turns. To be awaited before it goes.
  awaitable<void> close();

 private:
  awaitable<void> ask_store(Observed observed, std::shared_ptr<Keeping> keeping);
  decide::Observed facts(const Observed& observed, const std::vector<doc::Value>& notes,
                         const plan::Plan* plan, Keeping& keeping) const;
  static awaitable<void> clean(Keeper* self, std::string cluster, std::shared_ptr<Keeping> keeping,
                               std::string note);
  awaitable<bool> carry(const Observed& observed, std::shared_ptr<Keeping> keeping,
                        decide::Action action, const plan::Plan* plan);
  void tell(const std::string& cluster, Keeping& keeping,
            const std::vector<decide::Condition>& conditions) const;
  awaitable<void> write_down(const Observed& observed, Keeping& keeping,
                             const decide::Decision& decision);
  awaitable<void> write_status(const Observed& observed,
                               const std::vector<decide::Condition>& conditions);
  Instant now() const { return access_.clock.now(); }
  Access bounded() const;

  const Access& access_;
  const NamespaceView& view_;
  const kube::Lease& lease_;
  const KeeperOptions options_;
  const ControllerLog& log_;
  Store store_;
  std::map<std::string, std::shared_ptr<Keeping>> keepings_;
  std::map<std::string, std::uint64_t> actions_;
  net::TaskGroup cleanings_;
};

}  // namespace raykeep::control
