#include "control/work_queue.h"

#include <algorithm>

namespace raykeep::control {

void WorkQueue::schedule(const std::string& key, Instant at) {
  if (auto trouble = troubles_.find(key); trouble != troubles_.end())
    at = std::max(at, trouble->second.not_before);
  auto [entry, is_new] = due_.try_emplace(key, at);
  if (!is_new) entry->second = std::min(entry->second, at);
}

void WorkQueue::add(const std::string& key, Instant now) { schedule(key, now + options_.settle); }

void WorkQueue::urge(const std::string& key, Instant now) { due_[key] = now; }

void WorkQueue::add_after(const std::string& key, Instant now, Duration delay) {
  schedule(key, now + delay);
}

std::optional<std::string> WorkQueue::take(Instant now) {
  auto best = due_.end();
  for (auto it = due_.begin(); it != due_.end(); ++it) {
    if (it->second > now || working_.contains(it->first)) continue;
    if (best == due_.end() || it->second < best->second) best = it;
  }
  if (best == due_.end()) return std::nullopt;
  std::string key = best->first;
  due_.erase(best);
  working_.insert(key);
  return key;
}

void WorkQueue::done(const std::string& key, Instant now, bool good) {
  working_.erase(key);
  if (good) {
    troubles_.erase(key);
    return;
  }
  Trouble& trouble = troubles_[key];
  Duration wait = options_.first_backoff;
  for (int i = 0; i < trouble.failures && wait < options_.longest_backoff; ++i) wait *= 2;
  ++trouble.failures;
  trouble.not_before = now + std::min(wait, options_.longest_backoff);
  if (auto entry = due_.find(key); entry != due_.end())
    entry->second = std::max(entry->second, trouble.not_before);
  schedule(key, trouble.not_before);
}

std::optional<Instant> WorkQueue::next() const {
  std::optional<Instant> first;
  for (const auto& [key, at] : due_) {
    if (!working_.contains(key) && (!first || at < *first)) first = at;
  }
  return first;
}

int WorkQueue::failures(const std::string& key) const {
  auto trouble = troubles_.find(key);
  return trouble == troubles_.end() ? 0 : trouble->second.failures;
}

void WorkQueue::clear() {
  due_.clear();
  troubles_.clear();
}

}  // namespace raykeep::control
