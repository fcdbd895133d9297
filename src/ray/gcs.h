// Talking to Ray's GCS (and, for its health, to a raylet) over gRPC.
//
// Every call takes a deadline and may be cancelled; a hung server (SIGSTOP) is found by the
// deadline alone. No call waits for a server to come up: a refused connection is reported at once,
// and the next call resolves the name and connects anew, without back-off. Calls may run side by
// side.
//
// The messages are our own subsets of Ray's (src/ray/proto), compared with the released packages
// listed in src/ray/proto/VERSIONS.
//
// What to know of Ray, seen on 2.41.0, 2.50.1 and 2.60.0 (tests/ray asserts it; figures of 2.60.0
// on two busy cores):
//
// - A question costs 0.2 to 0.3 ms and 0.11 to 0.15 ms of CPU on a warm connection, 2 ms on the
//   first. Memory: about 1 MB of heap for everything here.
// - Nobody in Ray notices a stopped GCS: raylets, Serve and the dashboard agents went on for over
//   two minutes; only the dashboard's /api/gcs_healthz says 503. After SIGCONT it goes on at once.
// - GCS gives a stopped raylet up after 65 s, a killed one after 13 to 15 s. Until then the agent's
//   /api/local_raylet_healthz says "success" for both, because it asks the GCS: only a question to
//   the raylet itself (Raylet::check_health) finds it hung. Given up and then continued, a raylet
//   ends itself within about two seconds.
// - A node's id stands in its raylet's arguments as --node_id=HEX, from the start on.
// - An accepted drain lets running work go on and ends the raylet as soon as it is idle: at once
//   (3 ms) when nothing runs. So after a drain the raylet's end is no fault. The deadline given
//   with it does nothing by itself: a busy raylet stays, draining, until somebody ends it. A drain
//   cannot be taken back. A drained node's death_text begins with "drained".
// - GCS 2.60 aborts on a node id that is not 28 bytes long; check_alive and drain send no other.
// - grpc.health.v1 needs no token; a missing token and a wrong one are refused alike.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "ray/probe.h"
#include "ray/rpc.h"

namespace raykeep::ray {

using boost::asio::awaitable;

/// A node as the GCS knows it. A restarted raylet is a new node: the same address and port may be
/// listed several times, once alive at most.
struct Node {
  std::string id = {};       // hex, as Ray prints it
  std::string address = {};  // the node's IP
  std::string name = {};     // `--node-name`, else the address
  int node_manager_port = 0;
  bool alive = false;
  bool is_head = false;
  bool draining = false;        // accepted a DrainNode and is still alive
  std::int64_t started_ms = 0;  // Unix time
  std::int64_t ended_ms = 0;    // Unix time; 0: alive
  std::string death_text = {};  // GCS's reason, for dead nodes; may be empty

  bool operator==(const Node&) const = default;
};

/// Which nodes to list. Old servers ignore these and send everything, so the answer is filtered
/// here as well: it never holds more than asked for.
struct NodeFilter {
  std::string address = {};  // only nodes with this IP; empty: all
  bool alive_only = false;
};

/// The newest node at that address and port (a raylet is known by both), or nothing. If it is dead
/// while our raylet still runs there, that raylet is a zombie.
std::optional<Node> find_newest(const std::vector<Node>& nodes, std::string_view address,
                                int node_manager_port);

struct Alive {
  Probe probe = {};
  std::string ray_version = {};  // "2.60.0"; empty unless serving
  /// What the GCS thinks of each node asked about, in order; empty unless serving.
  std::vector<bool> nodes_alive = {};
};

enum class DrainReason {
  idle,        // GCS may refuse: the node is busy
  preemption,  // the node will be gone at the deadline; never refused
};

struct DrainOutcome {
  bool accepted = false;
  std::string text = {};  // why not
};

class Gcs {
 public:
  /// Connects on the first call. `engine` must outlive it. Throws Failure::invalid when TLS files
  /// cannot be read.
  Gcs(RpcEngine& engine, RpcPeer peer);
  ~Gcs();
  Gcs(const Gcs&) = delete;

  /// grpc.health.v1 Check: says that the process runs and its gRPC server works, and nothing of its
  /// storage. Needs no token. Throws only Failure::cancelled.
  awaitable<Probe> check_health(Deadline until);

  /// CheckAlive: the GCS's own event loop works. Asks about nodes by id (hex, as in Node::id);
  /// needs the token. Throws only Failure::cancelled, and Failure::invalid for an id that is not
  /// hex.
  awaitable<Alive> check_alive(std::vector<std::string> node_ids, Deadline until);

  /// Throws Failure: disconnected (also when the deadline passes), denied, invalid.
  awaitable<std::vector<Node>> nodes(NodeFilter filter, Deadline until);

  /// Asks the GCS to give `node_id` (hex) no new work. With `preemption` the GCS expects the node
  /// to end by itself `leave_after` from now; it then counts as an expected death. Idempotent, so
  /// it is repeated until the deadline while the GCS cannot be reached. A node that is already dead
  /// counts as drained. Throws as nodes() does.
  awaitable<DrainOutcome> drain(std::string node_id, DrainReason reason, std::string message,
                                Duration leave_after, Deadline until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// A raylet, by its node manager's port. Its token is not needed for health.
class Raylet {
 public:
  Raylet(RpcEngine& engine, RpcPeer peer);
  ~Raylet();
  Raylet(const Raylet&) = delete;

  /// As Gcs::check_health.
  awaitable<Probe> check_health(Deadline until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::ray
