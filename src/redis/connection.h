// A connection to the Redis that is the master now: found, encrypted, logged in and looked at.
//
// Everything is looked up anew each time: files, names, Sentinel's opinion. So a rotated password,
// a new address and a fail-over need nothing but the next connect.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/stream.h"
#include "redis/health.h"
#include "redis/options.h"
#include "redis/resp.h"

namespace raykeep::redis {

using boost::asio::awaitable;

class Connection {
 public:
  explicit Connection(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  /// One request and its reply, which may be an error reply. Throws Failure::disconnected when the
  /// connection ends or the deadline passes, invalid when what comes is not RESP2. Afterwards the
  /// connection is of no more use.
  awaitable<Reply> ask(std::vector<std::string> arguments, Deadline until);

  /// Several at once, in order.
  awaitable<std::vector<Reply>> ask_all(std::vector<std::vector<std::string>> requests,
                                        Deadline until);

  /// A request's bytes as they are, and its reply's.
  awaitable<std::string> exchange(std::string bytes, Deadline until);

  net::Stream& stream() { return *stream_; }
  const std::string& peer() const { return stream_->peer(); }

  ServerFacts facts = {};  // as of the latest look_at()
  int shards = 0;          // of a Redis Cluster, where it may be asked

 private:
  awaitable<std::string> read_reply(Deadline until);

  std::unique_ptr<net::Stream> stream_;
  ReplyReader replies_;
};

/// The TLS settings of the last connect, so that the next need not read certificates again that
/// have not changed: with the system's roots that takes milliseconds.
struct TlsMemory {
  Secret<std::string> made_of = {};  // the texts of the files
  std::shared_ptr<const net::TlsContext> context = {};
};

/// Connects to the master. Throws Failure: disconnected (nobody answers, no master there now, it
/// loads its data), overloaded (too many clients), denied (password, certificate, ACL), invalid
/// (files, several shards, not Redis). Each text names the peer and what to do. The clock must
/// outlive the connection, and `tls` the call.
awaitable<std::unique_ptr<Connection>> connect(boost::asio::any_io_executor executor,
                                               const Clock& clock, Upstream upstream,
                                               TlsMemory& tls, Deadline until);

/// The same for a single connect.
awaitable<std::unique_ptr<Connection>> connect(boost::asio::any_io_executor executor,
                                               const Clock& clock, Upstream upstream,
                                               Deadline until);

/// Asks the server for its facts, as connect() does. Throws Failure as that: the server may not be
/// the master any more. `tls` says whether the connection is encrypted, for the remedy.
awaitable<void> look_at(Connection& connection, bool tls, Deadline until);

/// The Failure for an error reply to `doing` ("SET of the lease") from `peer`, with its remedy
/// where there is one.
Failure refusal(const Reply& reply, const std::string& doing, const std::string& peer);

/// Who has the store, of the scripts' error "FENCED holder".
std::string fenced_by(const Reply& reply);

/// True for errors that say "not now" or "not here": the same request may succeed later or
/// elsewhere, and nothing was applied. By an error's first word: LOADING, READONLY, OOM,
/// MASTERDOWN, ...
bool is_passing(std::string_view code);

}  // namespace raykeep::redis
