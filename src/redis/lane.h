// One of Ray's connections to the road, and the connection to Redis that serves it. Requests are
// answered in the order in which they came. When Redis goes, what is unanswered waits, and goes
// again to the next connection. Internal to redis.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "net/event.h"
#include "redis/fence.h"
#include "redis/unit.h"

namespace raykeep::redis {

/// What all lanes share.
struct LaneContext {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  Upstream upstream;
  TlsMemory& tls;
  Keyspace keys;
  Duration hold;
  Fence& fence;
  RoadCounters& counters;
  std::function<void(const std::string&)> log;
};

class Lane {
 public:
  /// `number` tells lanes apart in the done hash; `sequence` is the last one used under that
  /// number, and counted up.
  Lane(std::shared_ptr<LaneContext> context, int number, std::uint64_t& sequence,
       std::unique_ptr<net::Stream> ray);

  /// Until Ray leaves, close() or cancellation.
  static awaitable<void> run(std::shared_ptr<Lane> lane);

  /// Something changed in the fence.
  void look() { wake_.notify(); }

  /// Called now and then: closes connections on which nothing comes, and the lane whose oldest
  /// request waited too long.
  void tick(Instant now);

  /// Closes the connection to Redis; another is made, and what is unanswered goes there.
  void drop();

  void close();

 private:
  // From and to Ray.
  static awaitable<void> read_ray(std::shared_ptr<Lane> lane);
  static awaitable<void> write_ray(std::shared_ptr<Lane> lane);
  void take(Request request);
  void flush();

  // From and to Redis.
  static awaitable<void> send(std::shared_ptr<Lane> lane, std::shared_ptr<Connection> connection);
  static awaitable<void> receive(std::shared_ptr<Lane> lane,
                                 std::shared_ptr<Connection> connection);
  static awaitable<void> carry(std::shared_ptr<Lane> lane, std::shared_ptr<Connection> connection);
  static awaitable<void> carry_by_transactions(std::shared_ptr<Lane> lane,
                                               std::shared_ptr<Connection> connection);
  void pull(std::size_t most_writes);
  void flush_answers();
  bool may_send(const Unit& unit) const;
  std::string collect();
  void mark_sent(Unit& unit);
  void on_reply(std::string_view reply, const std::string& peer);
  void finish_front(std::string_view replies);

  std::shared_ptr<LaneContext> context_;
  const int number_;
  std::uint64_t& sequence_;
  std::unique_ptr<net::Stream> ray_;
  net::Event wake_;     // there may be something to send
  net::Event drained_;  // there is room for more of Ray's requests
  net::Event output_;   // out_ has something

  RequestReader requests_;
  Instant arrived_ = {};         // when Ray's latest bytes came
  std::deque<Unit> fresh_ = {};  // not pulled yet, one request each
  std::deque<Unit> units_ = {};  // in flight or about to be; the front one is answered next
  std::size_t sent_ = 0;         // how many at the front of units_ were sent on this connection
  std::size_t weight_ = 0;       // bytes of all requests not answered yet
  std::string out_ = {};         // replies for Ray
  bool writing_ = false;         // write_ray() is at it
  std::shared_ptr<Connection> connection_ = {};
  std::uint64_t finished_ = 0;  // units answered, ever
  Instant progress_ = {};       // when Redis last took or gave something
  bool closed_ = false;
};

}  // namespace raykeep::redis
