// The Kubernetes API over JSON values. One Client is one identity at one API server. Not
// thread-safe: everything runs on the executor it was made with. Absence, conflict and "already so"
// are return values; the rest throws Failure, whose text names verb, object and server, and says
// what to do about it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "doc/json.h"
#include "kube/config.h"

namespace raykeep::kube {

using boost::asio::awaitable;

/// A kind of object. Only kinds in the built-in table are known (kind.cc); no discovery request is
/// made.
struct Kind {
  std::string api_version;  // "apps/v1"
  std::string kind;         // "StatefulSet"
  bool operator==(const Kind&) const = default;
};

/// One object. `ns` is empty for cluster-scoped kinds.
struct Ref {
  Kind kind;
  std::string ns;
  std::string name;
};

/// "StatefulSet ray/demo-head", for messages.
std::string to_string(const Ref& ref);
Ref ref_of(const doc::Value& object);

struct Selector {
  std::string labels = {};  // "a=b,c"
  std::string fields = {};  // "involvedObject.name=x"
};

struct List {
  std::vector<doc::Value> items;  // complete: pages are followed
  std::string resource_version;
};

struct Event {
  enum class Type { added, modified, deleted, bookmark } type;
  doc::Value object;
};

struct ApplyOptions {
  std::string field_manager = "raykeep";
  bool force = true;
  bool dry_run = false;
};

/// What became of an object that was sent.
struct Applied {
  doc::Value object;
  bool created = false;  // 201 against 200
};

struct DeleteOptions {
  std::string propagation = "Background";  // Foreground, Orphan
  std::string uid = {};                    // precondition; empty: any
  std::string resource_version = {};       // precondition
  /// Of a pod: how long it may take to end. Nothing: the pod's own. 0 removes the object at once,
  /// whether or not its node confirms: the caller answers for what still runs there.
  std::optional<std::chrono::seconds> grace = {};
};

struct LogOptions {
  std::string container = {};
  bool previous = false;
  int tail_lines = -1;                 // all
  std::size_t limit_bytes = 1u << 20;  // at most this much is read
};

class Session;

class Client {
 public:
  /// Throws Failure::invalid when the configuration's server is not a URL. `clock` must outlive the
  /// client.
  Client(boost::asio::any_io_executor executor, Config config, const Clock& clock);
  ~Client();
  Client(const Client&) = delete;

  const Config& config() const;

  /// GET of any path, for discovery ("/version"). Throws on anything but 200.
  awaitable<doc::Value> get(std::string path, Deadline until);

  /// The object, or nothing if there is none.
  awaitable<std::optional<doc::Value>> find(Ref ref, Deadline until);

  awaitable<List> list(Kind kind, std::string ns, Selector selector, Deadline until);

  /// Server-side apply. A field conflict (only without force) throws Failure::invalid naming the
  /// other manager.
  awaitable<Applied> apply(doc::Value object, ApplyOptions options, Deadline until);

  /// Creates; nothing when an object of that name is already there.
  awaitable<std::optional<doc::Value>> create(doc::Value object, Deadline until);

  /// PUT; nothing when the object is gone or was changed since the resourceVersion which `object`
  /// carries. For what must not be done twice, like taking a Lease.
  awaitable<std::optional<doc::Value>> replace(doc::Value object, Deadline until);

  /// Merge patch (RFC 7386); nothing when the object is gone, or was changed since the
  /// resourceVersion in the patch.
  awaitable<std::optional<doc::Value>> merge_patch(Ref ref, doc::Value patch, Deadline until);

  /// False when nothing was deleted: it was already gone, or is not the one that options.uid and
  /// options.resource_version describe. True: it is gone or will be, when its finalizers are done.
  awaitable<bool> remove(Ref ref, DeleteOptions options, Deadline until);

  /// Calls `on_event` for each change after `resource_version` until the deadline, until on_event
  /// returns false, or the server ends the watch in good order: true, watch again from the last
  /// version seen. False: the version is too old
  /// ("410 Gone"), list again. Bookmarks are asked for. A connection that breaks throws
  /// Failure::disconnected.
  awaitable<bool> watch(Kind kind, std::string ns, Selector selector, std::string resource_version,
                        std::function<bool(Event)> on_event, Deadline until);

  /// The log of a pod's container; nothing when pod or container has none (yet). With tail_lines it
  /// is the end that is kept when there is more than limit_bytes, else the beginning.
  awaitable<std::optional<std::string>> logs(std::string ns, std::string pod, LogOptions options,
                                             Deadline until);

  /// Follows a log and hands over each chunk until the server ends it, the deadline, or on_chunk
  /// returns false. limit_bytes does not count here. A pod or container that has no log yet ends it
  /// at once.
  awaitable<void> follow_logs(std::string ns, std::string pod, LogOptions options,
                              std::function<bool(std::string_view)> on_chunk, Deadline until);

  /// For the other files of this module.
  Session& session() { return *session_; }

 private:
  std::unique_ptr<Session> session_;
};

/// Listens on 127.0.0.1:local_port (0: any; the chosen one is handed to on_ready) and carries each
/// connection to `remote_port` of the pod through the API server (WebSocket port-forward), until
/// cancelled. Throws Failure before on_ready when the pod or the right to it is missing, and
/// Failure::cancelled at the end. `client` must outlive it.
awaitable<void> port_forward(Client& client, std::string ns, std::string pod, int remote_port,
                             int local_port, std::function<void(int port)> on_ready);

/// What a command in a container wrote and how it ended.
struct ExecResult {
  int code = 0;  // its exit code; 128 + n for signal n
  std::string output = {};
  std::string errors = {};
};

/// Runs a command in a running container, without standard input or terminal (pods/exec). Throws
/// Failure when it could not be run, when the connection breaks before it ended, or when it writes
/// more than 1 MiB; a command that fails is a result.
awaitable<ExecResult> exec(Client& client, std::string ns, std::string pod, std::string container,
                           std::vector<std::string> command, Deadline until);

}  // namespace raykeep::kube
