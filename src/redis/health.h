// What a Redis says of itself, and what of it loses a Ray cluster's state sooner or later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raykeep::redis {

/// From INFO. What an answer does not contain stays as it is here.
struct ServerFacts {
  std::string run_id = {};        // another one after each start of the server
  std::string version = {};       // "7.0.15"
  std::string role = {};          // "master" or "slave"
  bool loading = false;           // its data set is still being read from disk
  bool cluster = false;           // Redis Cluster
  bool append_only = false;       // writes survive a restart
  std::string eviction = {};      // maxmemory-policy: "noeviction", "allkeys-lru"
  std::uint64_t most_memory = 0;  // maxmemory; 0: no limit
  int replicas = 0;
  std::string master_host = {};  // of a replica
  bool operator==(const ServerFacts&) const = default;
};

/// Reads the text of INFO. Unknown lines mean nothing.
ServerFacts parse_info(std::string_view info);

/// Something about a Redis that a person should know.
struct Concern {
  enum class Weight {
    fatal,
    grave,
    notice
  };  // Ray cannot use it; Ray will lose data; worth knowing
  Weight weight = Weight::notice;
  std::string name = {};  // stable, for conditions and metrics: "EvictsKeys"
  std::string what = {};
  std::string remedy = {};
  bool operator==(const Concern&) const = default;
};

/// All of them, gravest first; none for a Redis that is as it should be. `shards` as CLUSTER INFO's
/// cluster_size has it; 0 where it was not asked.
std::vector<Concern> concerns(const ServerFacts& facts, int shards = 0);

}  // namespace raykeep::redis
