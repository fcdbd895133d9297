// The names of keys in Redis: Ray's own, which we only recognise, and the fence's, which lie among
// them so that the same ACL rule covers them and the same clean-up removes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raykeep::redis {

/// One cluster's keys. Persisted: changing what these functions give orphans the stores of running
/// clusters.
class Keyspace {
 public:
  explicit Keyspace(std::string storage_namespace);

  const std::string& storage_namespace() const { return namespace_; }

  /// "RAY<namespace>@": Ray >= 2.38 puts it before every key (redis_store_client.cc).
  const std::string& prefix() const { return prefix_; }

  /// For SCAN MATCH and ACL rules: the prefix with glob characters escaped, then "*".
  std::string pattern() const;

  /// Who may write: "<epoch>:<pod uid>:<random>". Never expires, changed only by a take-over.
  std::string epoch() const { return ours_ + "EPOCH"; }

  /// Who lives: the same token and the holder's name, with a time to live.
  std::string lease() const { return ours_ + "LEASE"; }

  /// The replies of that epoch's latest writes: a hash from "<lane>:<place>" to "<sequence
  /// number>:<replies>".
  std::string done(std::uint64_t epoch) const { return ours_ + "DONE:" + std::to_string(epoch); }

  /// True for Ray's keys in this namespace: not the fence's.
  bool is_rays(std::string_view key) const {
    return key.starts_with(prefix_) && !key.starts_with(ours_);
  }

 private:
  std::string namespace_;
  std::string prefix_;
  std::string ours_;
};

}  // namespace raykeep::redis
