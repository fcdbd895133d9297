// What is in the namespace of one kind, kept up to date: listed once, then watched from where the
// list ended; listed again when the server no longer knows that version, or a watch broke in a way
// that leaves doubt. Whoever asks gets the objects as last seen, and whether they were seen at all:
// before the first list has succeeded nothing is known, which is not the same as "there is
// nothing".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "kube/client.h"

namespace raykeep::kube {

class Informer {
 public:
  struct Options {
    Kind kind;
    std::string ns;
    Selector selector = {};
    Duration request_timeout = std::chrono::seconds(30);
    Duration longest_pause = std::chrono::seconds(10);  // between attempts; begins at 250 ms
  };
  using Objects = std::map<std::string, std::shared_ptr<const doc::Value>>;  // by name

  /// `client` and `clock` must outlive it.
  Informer(Client& client, const Clock& clock, Options options);

  /// Lists and watches until cancelled; then it throws Failure::cancelled, or Asio's
  /// operation_aborted. `on_change` is called with each
  /// object that is new, changed or gone (its last state), after objects() shows it; `on_trouble`
  /// with what went wrong, once for each outage.
  awaitable<void> run(std::function<void(const doc::Value&)> on_change,
                      std::function<void(const Failure&)> on_trouble);

  bool has_listed() const { return has_listed_; }
  const Objects& objects() const { return objects_; }
  const Kind& kind() const { return options_.kind; }

 private:
  awaitable<void> list(const std::function<void(const doc::Value&)>& on_change);
  awaitable<void> watch(const std::function<void(const doc::Value&)>& on_change);
  void take(Event event, const std::function<void(const doc::Value&)>& on_change);

  Client& client_;
  const Clock& clock_;
  Options options_;
  Objects objects_;
  bool has_listed_ = false;
  bool is_stale_ = true;  // the next step is a list
  std::string version_;
};

}  // namespace raykeep::kube
