// For tests: what lies between the road and Redis and can go wrong. And a Redis that says what it
// is told to.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "net/listener.h"
#include "redis/testing.h"

namespace raykeep::redis::testing {

/// Carries bytes between its own port and another, until told otherwise.
class Relay {
 public:
  Relay(World& world, int target);
  ~Relay();

  int port() const { return state_->listener.port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

  /// What Redis answers stays here, on all connections.
  void hold_replies(bool on);

  /// From the moment that a piece of a request with all these texts has been let through.
  void hold_replies_after(std::vector<std::string> texts) { state_->trigger = std::move(texts); }

  /// What is sent on the connections of now stays here; what is sent on later ones goes through.
  void hold_requests();

  /// What was held of requests reaches Redis after all, though the sender is gone.
  void deliver_requests();

  /// Neither direction, on connections of now and later: the network swallows everything.
  void swallow(bool on);

  /// Ends all connections of now; replies held are lost, requests held are kept for
  /// deliver_requests().
  void cut();

  /// Cuts, and refuses new connections.
  void refuse(bool on);

  int connections() const { return state_->count; }

 private:
  struct Pair {
    std::unique_ptr<net::Stream> client, server;
    bool hold_requests = false;
    bool client_gone = false;
    std::string held;
  };
  struct State {
    State(World& w, int t)
        : world(w),
          target(t),
          listener(w.loop.get_executor(), "127.0.0.1", 0, w.clock),
          changed(w.loop.get_executor()),
          tasks(w.loop.get_executor()) {}
    World& world;
    int target;
    net::Listener listener;
    net::Event changed;
    std::list<std::shared_ptr<Pair>> pairs = {};
    bool hold_replies = false, swallow = false, refuse = false;
    std::vector<std::string> trigger = {};
    int count = 0;
    net::TaskGroup tasks;
  };
  static boost::asio::awaitable<void> accept(std::shared_ptr<State> state);
  static boost::asio::awaitable<void> serve(std::shared_ptr<State> state,
                                            std::shared_ptr<Pair> pair);
  static boost::asio::awaitable<void> requests(std::shared_ptr<State> state,
                                               std::shared_ptr<Pair> pair);
  static boost::asio::awaitable<void> replies(std::shared_ptr<State> state,
                                              std::shared_ptr<Pair> pair);

  std::shared_ptr<State> state_;
};

/// What a scripted Redis does with one request.
struct Answer {
  std::string bytes = {};
  bool bytewise = false;  // each byte by itself
  bool close = false;     // afterwards
  bool stall = false;     // say nothing more, ever
};

/// Plays answers, one per request, whatever is asked. Each connection takes the next dialogue; the
/// last one serves all that follow.
class ScriptedRedis {
 public:
  ScriptedRedis(World& world, std::vector<std::vector<Answer>> dialogues);
  ~ScriptedRedis();
  std::string address() const { return "127.0.0.1:" + std::to_string(state_->listener.port()); }
  const std::vector<std::string>& requests() const {
    return state_->requests;
  }  // arguments, joined by blanks

 private:
  struct State {
    State(World& w, std::vector<std::vector<Answer>> d)
        : world(w),
          dialogues(std::move(d)),
          listener(w.loop.get_executor(), "127.0.0.1", 0, w.clock),
          tasks(w.loop.get_executor()) {}
    World& world;
    std::vector<std::vector<Answer>> dialogues;
    net::Listener listener;
    std::size_t next = 0;
    std::vector<std::string> requests = {};
    net::TaskGroup tasks;
  };
  static boost::asio::awaitable<void> accept(std::shared_ptr<State> state);
  static boost::asio::awaitable<void> play(std::shared_ptr<State> state,
                                           std::unique_ptr<net::Stream> stream,
                                           std::vector<Answer> dialogue);

  std::shared_ptr<State> state_;
};

/// A text as Redis sends it.
std::string bulk(const std::string& text);

}  // namespace raykeep::redis::testing
