// The head's hold on the store, kept by a connection of its own: takes the lease, renews it,
// notices when Redis goes and comes, and when another head has taken over. Internal to redis.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/event.h"
#include "redis/lease.h"

namespace raykeep::redis {

struct FenceOptions {
  Upstream upstream = {};
  Keyspace keys{""};
  Claim claim = {};
  std::function<void(const std::string&)> log = {};
  std::function<void()> moved = {};  // another server answers, or it was restarted
  std::function<void()> changed =
      {};  // ready() or fenced() may have changed, or the lease was renewed
};

class Fence {
 public:
  Fence(boost::asio::any_io_executor executor, const Clock& clock, FenceOptions options);

  /// Until fenced, released or cancelled. The Fence must outlive it.
  awaitable<void> run();

  /// Redis answers, and the store is ours: requests may go.
  bool ready() const { return connected_ && !token_.empty() && !over(); }

  /// No other head can have taken the lease yet, by our own clock: writes may go. The store checks
  /// each of them anyway.
  bool may_write() const { return ready() && clock_.now() < valid_until_; }

  /// Something is wrong with Redis, says a lane: look now, not at the next renewal.
  void suspect() { wake_.notify(); }

  /// The store refused a write of ours: another head has it.
  void lose_to(const std::string& holder);

  /// Gives the lease back: waits for run() to end, which this causes. Never throws but for
  /// cancellation.
  awaitable<void> release(Deadline until);

  bool connected() const { return connected_; }
  bool fenced() const { return fenced_; }
  bool over() const { return fenced_ || released_; }
  std::optional<Instant> storage_lost() const { return storage_lost_; }
  std::optional<Instant> away_since() const { return away_since_; }
  const std::string& token() const { return token_; }
  const Scripts& scripts() const { return scripts_; }
  const std::string& last_error() const { return last_error_; }
  bool needs_mending() const { return needs_mending_; }
  const std::string& server() const { return server_; }
  const std::vector<Concern>& concerns() const { return concerns_; }
  TlsMemory& tls() { return tls_; }
  Lease lease() const;
  void note(const Failure& failure);  // becomes last_error()

 private:
  awaitable<void> keep();
  awaitable<void> acquire(Connection& connection);
  awaitable<void> renew(Connection& connection);
  awaitable<void> look(Connection& connection);
  void take_concerns(const Connection& connection);
  void set_connected(bool connected);
  void log(const std::string& text) const;

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  FenceOptions options_;
  TlsMemory tls_ = {};
  net::Event wake_;
  net::Event ended_;

  bool running_ = false;
  bool connected_ = false;
  bool fenced_ = false;
  bool released_ = false;
  std::optional<Instant> storage_lost_ = {};
  std::optional<Instant> away_since_ = {};
  Scripts scripts_ = {};
  std::string token_ = {};  // set once, when the lease is taken
  Instant valid_until_ = {};
  std::string holder_ = {};  // of the lease, when it is not us
  std::string last_error_ = {};
  bool needs_mending_ = false;
  std::string server_ = {};
  std::vector<Concern> concerns_ = {};
  Instant looked_ = {};        // when the server was last asked what it is
  std::string instance_ = {};  // which start of which server we were connected to
};

}  // namespace raykeep::redis
