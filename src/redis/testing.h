// For tests: a real redis-server of the test's own, and a road upon it. Debian's packages
// redis-server and redis-sentinel.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/event.h"
#include "net/run_until_done.h"
#include "net/task_group.h"
#include "redis/connection.h"
#include "redis/road.h"

namespace raykeep::redis::testing {

using net::testing::run_until_done;

/// A port of 127.0.0.1 on which nobody listened just now.
int free_port();

/// A folder of its own, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and gives its path.
  std::string write(const std::string& name, const std::string& text) const;
  void remove(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

/// A process "redis-server --name value ...": started by start(), killed with the object.
class Server {
 public:
  /// `options` are lines of redis.conf, in which {port} stands for port() and {dir} for its folder.
  /// It keeps an append-only file in its folder unless they say otherwise.
  explicit Server(std::vector<std::string> options = {}, std::string program = "redis-server");
  ~Server();
  Server(const Server&) = delete;

  /// Starts it and waits until it accepts connections.
  void start();
  void kill();       // SIGKILL, and waits for its end
  void freeze();     // SIGSTOP
  void thaw();       // SIGCONT
  void lose_data();  // kills it, if it runs, and empties its folder

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  pid_t pid() const { return pid_; }
  const Folder& folder() const { return folder_; }
  std::string log() const;

 private:
  Folder folder_;
  std::vector<std::string> options_;
  std::string program_;
  int port_;
  pid_t pid_ = 0;
};

/// An event loop, and ways to talk to Redis on it.
struct World {
  SteadyClock clock;
  boost::asio::io_context loop;

  Deadline ample() const { return net::testing::ample(clock); }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_until_done(loop, std::move(work));
  }

  /// A connection, straight and without questions, as Ray makes it.
  std::unique_ptr<Connection> dial(int port);

  Reply ask(Connection& connection, std::vector<std::string> arguments) {
    return run(connection.ask(std::move(arguments), ample()));
  }

  std::vector<Reply> ask_all(Connection& connection,
                             std::vector<std::vector<std::string>> requests) {
    return run(connection.ask_all(std::move(requests), ample()));
  }

  /// Runs the loop until the condition holds; false after 30 s.
  bool until(const std::function<bool()>& condition);

  /// Runs the loop for a while.
  void pass(Duration time) { run_until_done(loop, net::pause(time)); }
};

/// Requests under way; they end with the object.
class Asking {
 public:
  Asking(World& world, Connection& connection, std::vector<std::vector<std::string>> requests);
  ~Asking();

  bool done() const { return outcome_->replies || !outcome_->failure.empty(); }
  /// Waits for the end. Empty when it failed.
  std::vector<Reply> replies();
  const std::string& failure() const { return outcome_->failure; }

 private:
  struct Outcome {
    std::optional<std::vector<Reply>> replies;
    std::string failure;
  };
  static boost::asio::awaitable<void> ask(Connection& connection,
                                          std::vector<std::vector<std::string>> requests,
                                          Deadline until, std::shared_ptr<Outcome> outcome);

  World& world_;
  std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
  net::TaskGroup tasks_;
};

/// A road which runs on the world's loop as long as it lives.
class RunningRoad {
 public:
  RunningRoad(World& world, RoadOptions options);
  ~RunningRoad();

  Road& operator*() { return *road_; }
  Road* operator->() { return road_.get(); }
  bool ended() const { return *ended_; }
  /// Everything it logged.
  const std::vector<std::string>& lines() const { return *lines_; }
  bool logged(std::string_view part) const;

 private:
  World& world_;
  std::shared_ptr<std::vector<std::string>> lines_ = std::make_shared<std::vector<std::string>>();
  std::shared_ptr<bool> ended_ = std::make_shared<bool>(false);
  std::unique_ptr<Road> road_;
  net::TaskGroup tasks_;
};

/// Options for a road to `server` in the namespace "test", with a short lease.
RoadOptions road_to(const Server& server, std::string pod_uid = "uid-1");

}  // namespace raykeep::redis::testing
