#include "kube/informer.h"

#include <algorithm>

#include "kube/session.h"

namespace raykeep::kube {
namespace {

constexpr Duration first_pause = std::chrono::milliseconds(250);
// A connection may be dead without anybody having said so (a node that vanished, a NAT that
// forgot), and a watch on it is blind. So none lasts long; the next goes on from the version seen
// last.
constexpr Duration one_watch = std::chrono::minutes(1);

std::string name_of(const doc::Value& object) {
  return std::string(doc::find_string(object, {"metadata", "name"}));
}

std::string_view version_of(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "resourceVersion"});
}

/// Managed fields are half of many objects, and nobody here reads them.
doc::Value slim(doc::Value object) {
  if (doc::Object* top = object.if_object()) {
    if (doc::Value* metadata = top->if_contains("metadata"); metadata && metadata->is_object())
      metadata->get_object().erase("managedFields");
  }
  return object;
}

}  // namespace

Informer::Informer(Client& client, const Clock& clock, Options options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

awaitable<void> Informer::list(const std::function<void(const doc::Value&)>& on_change) {
  List listed = co_await client_.list(options_.kind, options_.ns, options_.selector,
                                      Deadline::after(clock_, options_.request_timeout));
  Objects before = std::move(objects_);
  objects_.clear();
  std::vector<std::shared_ptr<const doc::Value>> changed;
  for (doc::Value& item : listed.items) {
    auto object = std::make_shared<const doc::Value>(slim(std::move(item)));
    std::string name = name_of(*object);
    auto known = before.find(name);
    if (known == before.end() || version_of(*known->second) != version_of(*object))
      changed.push_back(object);
    if (known != before.end()) before.erase(known);
    objects_[std::move(name)] = std::move(object);
  }
  version_ = listed.resource_version;
  has_listed_ = true;
  is_stale_ = false;
  for (const auto& object : changed) on_change(*object);
  for (const auto& [name, object] : before) on_change(*object);  // gone meanwhile
}

void Informer::take(Event event, const std::function<void(const doc::Value&)>& on_change) {
  if (std::string_view version = version_of(event.object); !version.empty()) version_ = version;
  if (event.type == Event::Type::bookmark) return;
  // Events of a watch carry kind and apiVersion themselves.
  auto object = std::make_shared<const doc::Value>(slim(std::move(event.object)));
  if (event.type == Event::Type::deleted) {
    objects_.erase(name_of(*object));
  } else {
    objects_[name_of(*object)] = object;
  }
  on_change(*object);
}

awaitable<void> Informer::watch(const std::function<void(const doc::Value&)>& on_change) {
  bool known = co_await client_.watch(
      options_.kind, options_.ns, options_.selector, version_,
      [&](Event event) {
        take(std::move(event), on_change);
        return true;
      },
      Deadline::after(clock_, one_watch));
  if (!known) is_stale_ = true;
}

awaitable<void> Informer::run(std::function<void(const doc::Value&)> on_change,
                              std::function<void(const Failure&)> on_trouble) {
  Duration wait = first_pause;
  bool well = true;
  for (;;) {
    std::optional<Failure> trouble;
    const bool lists = is_stale_;
    const Instant began = clock_.now();
    try {
      if (lists) {
        co_await list(on_change);
      } else {
        co_await watch(on_change);
      }
      well = true;
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      trouble = failure;
      // A connection that broke lost nothing that the version does not tell; what made no sense
      // may have.
      if (!failure.passes()) is_stale_ = true;
    }
    if (trouble && well) on_trouble(*trouble);
    if (trouble) well = false;
    if (!trouble && lists) continue;
    // A watch that lasted is followed by the next at once. A server that refuses, or ends each
    // watch as soon as it began, is asked ever more rarely.
    const bool lasted = clock_.now() - began > std::chrono::seconds(5);
    if (lasted) wait = first_pause;
    if (lasted && !trouble) continue;
    co_await pause(client_.session().executor(), wait);
    wait = std::min(wait * 2, options_.longest_pause);
  }
}

}  // namespace raykeep::kube
