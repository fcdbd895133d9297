#include "redis/health.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {
namespace {

template <class Number>
Number to_number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int major(std::string_view version) { return to_number<int>(version.substr(0, version.find('.'))); }

}  // namespace

ServerFacts parse_info(std::string_view info) {
  ServerFacts facts;
  for (auto line : split(info, '\n')) {
    line = trim(line);
    auto colon = line.find(':');
    if (line.starts_with('#') || colon == line.npos) continue;
    auto name = line.substr(0, colon);
    auto value = line.substr(colon + 1);
    if (name == "run_id") facts.run_id = value;
    if (name == "redis_version") facts.version = value;
    if (name == "role") facts.role = value;
    if (name == "loading") facts.loading = value == "1";
    if (name == "cluster_enabled") facts.cluster = value == "1";
    if (name == "aof_enabled") facts.append_only = value == "1";
    if (name == "maxmemory_policy") facts.eviction = value;
    if (name == "maxmemory") facts.most_memory = to_number<std::uint64_t>(value);
    if (name == "connected_slaves") facts.replicas = to_number<int>(value);
    if (name == "master_host") facts.master_host = value;
  }
  return facts;
}

std::vector<Concern> concerns(const ServerFacts& facts, int shards) {
  using enum Concern::Weight;
  std::vector<Concern> found;
  if (facts.cluster && shards > 1) {
    found.push_back(
        {fatal, "SeveralShards",
         fmt::format("it is a Redis Cluster of {} shards, which Ray cannot use", shards),
         "use a Redis Cluster of one shard, Redis with Sentinel, or a single Redis"});
  }
  if (!facts.version.empty() && major(facts.version) < 5) {
    found.push_back(
        {fatal, "TooOld", fmt::format("it is Redis {}", facts.version), "use Redis 6.2 or newer"});
  }
  // A volatile policy can only drop keys with a time to live; of ours that is the lease, which is
  // renewed each second.
  if (facts.eviction.starts_with("allkeys-")) {
    found.push_back(
        {grave, "EvictsKeys",
         fmt::format(
             "its maxmemory-policy is {}: when memory runs out it drops the cluster's state",
             facts.eviction),
         "set maxmemory-policy to noeviction"});
  }
  if (!facts.append_only && facts.replicas == 0) {
    found.push_back({notice, "NoAppendOnlyFile",
                     "it keeps no append-only file and has no replica: a restart loses the latest "
                     "writes, or all",
                     "set appendonly to yes"});
  }
  std::ranges::stable_sort(found, {}, &Concern::weight);
  return found;
}

}  // namespace raykeep::redis
