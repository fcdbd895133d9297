// What a decision is made from: a cluster as the controller sees it at one moment, as plain values.
// No JSON, no Kubernetes objects: whoever observes (control/facts.h) turns those into these, and a
// test or a simulation writes them down. Times are of the controller's own monotonic clock, because
// clocks of nodes and API servers may be wrong; what must have lasted is counted from when this
// controller first saw it (memory.h), so that a restarted controller waits longer, never shorter.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace raykeep::decide {

using Time = Instant;
using std::chrono::seconds;

/// What a pod's status says of it. Only the pod itself can be read with a namespace's rights: nodes
/// and their Leases are not in the namespace.
enum class PodSays {
  unplaced,        // no node was chosen yet
  unacknowledged,  // a node was chosen, and its kubelet has not begun with the pod
  starting,        // its kubelet is at work: a container waits, is being made or has ended
  not_ready,       // its containers run, and the kubelet says that it is not ready
  ready,
  node_lost,  // Kubernetes itself marked the pod, because its node does not report any more
  ended,      // Failed or Succeeded: its controller makes another
};

/// Of a node with Ray's own TLS. Ray reads its certificate once, when it starts, so a new one means
/// a new pod.
enum class Certificate {
  none,  // it has none
  fresh,
  due,     // two thirds of its time are over, or the authority changes
  urgent,  // five sixths are over
  over,    // it has ended: what Ray runs on goes on, and nothing new connects
};

struct Pod {
  std::string name;
  std::string uid = {};
  std::string node = {};
  PodSays says = PodSays::ready;
  bool going = false;  // it has a deletionTimestamp
  seconds grace{};     // that it was given with the deletion
  Certificate certificate = Certificate::none;
  bool operator==(const Pod&) const = default;
};

/// How the head answered when it was last asked on the agent's port.
enum class Answer {
  unasked,
  answers,  // anything at all: its node lives, and so does process 1 of its container
  refused,  // its node lives and nobody listens: the kubelet is about to start it again
  silent,   // nothing came back in time
};

enum class Storage {
  memory,  // the GCS keeps everything in its process
  redis,
  rocksdb,  // a volume
};

/// What would keep the old head from writing once another one is there.
struct Fence {
  Storage storage = Storage::memory;

  /// redis: process 1 of the head's container is our agent, with the road to Redis, which checks
  /// the lease with every write. Read from the pod that lives, not from the plan.
  bool on_road = false;
  enum class Lease {
    unknown,  // the store was not asked, or did not answer
    held,
    free,  // the store answered, and nobody holds it
  };
  Lease lease = Lease::unknown;
  std::string holder = {};   // the uid of the pod that holds it
  bool epoch_known = false;  // the store has an epoch: some head did hold the lease before
  std::string problem = {};  // why the store could not be asked

  /// rocksdb: the volume's claim says that detaching cuts the old node off (volume_fence_key).
  bool detach_cuts = false;
  bool shared_volume = false;  // the claim allows several nodes at once: no fence whatever it says
  bool operator==(const Fence&) const = default;
};

/// One object of the plan, and how the live one stands to it.
struct Object {
  std::string name;  // "StatefulSet demo-head"
  enum class Stands { same, absent, differs, foreign, going };
  Stands stands = Stands::same;
  bool head = false;      // the head's StatefulSet
  std::string what = {};  // the first field that differs, or whose it is
  bool operator==(const Object&) const = default;
};

/// What carries the cluster's labels and is in no plan.
struct Orphan {
  std::string name;
  bool claim = false;  // a volume claim: kept for its data
  bool going = false;
  bool operator==(const Orphan&) const = default;
};

/// What is left to clean in the store: a note, written while the cluster lived, outlives it.
struct Note {
  std::string name;          // of the ConfigMap
  std::string owner_uid;     // of the cluster's generation that it was written for
  bool in_use = false;       // a cluster that lives keeps its state under the same keys
  std::string problem = {};  // of the last attempt
  std::optional<Time> tried_since = {};
  bool operator==(const Note&) const = default;
};

enum class Owner { absent, present, going };

struct Observed {
  Owner owner = Owner::present;
  std::string owner_uid;
  std::vector<Object> objects;  // in the plan's order
  std::vector<Orphan> orphans;  // in the order to remove them
  std::optional<Pod> head;
  Answer answer = Answer::unasked;
  Fence fence;
  std::vector<Pod> workers;
  std::vector<Note> notes;
  std::string avoided_node;   // the node that the head's StatefulSet asks to be kept off
  bool settled = false;       // Kubernetes has carried everything out and all pods are ready
  std::string trouble;        // what diagnose() says first; empty: nothing
  std::string apply_problem;  // of the last attempt; empty: it went well
  bool operator==(const Observed&) const = default;

  // Filled in by remember(): since when that is so, as far as this controller saw it.
  std::optional<Time> silent_since;
  std::optional<Time> free_since;       // the lease
  std::optional<Time> head_says_since;  // head->says
  std::optional<Time> head_going_since;
  std::vector<Time> worker_lost_since;  // one for each of workers; of use where says is node_lost
  int recent_failovers = 0;             // forced by this controller within Limits::failover_memory
};

struct Desired {
  enum class Document {
    usable,
    unreadable,  // it cannot be parsed, or has errors
    refused,     // it is right, and the controller's policy does not allow it
  };
  Document document = Document::usable;
  std::string problem;      // why it is not usable
  bool suspended = false;   // no pods wanted
  bool keeps_keys = false;  // its state lives in a Redis that outlives it
};

/// How long what must last, and the other numbers of the decision.
struct Limits {
  Duration silence = seconds(5);          // before a head that does not answer is doubted
  Duration lease_lasts = seconds(12);     // of a holder that is gone: the road's ten, and some
  Duration lease_free = seconds(2);       // the lease stays free for that long
  Duration slow_silence = seconds(60);    // where the kubelet did say something: let it act
  Duration unacknowledged = seconds(10);  // a kubelet begins with a pod in a second or two
  Duration overdue = seconds(4);          // after the grace period, before its end is forced
  seconds ask_grace = seconds(3);         // for a head that does not answer there is no drain
  Duration worker_lost = seconds(10);
  Duration failover_memory = std::chrono::minutes(10);
  Duration longest_silence = std::chrono::minutes(5);  // the doubling for repeats ends here
  Duration clean_up = std::chrono::minutes(10);        // then leftovers are reported and let be
};

}  // namespace raykeep::decide
