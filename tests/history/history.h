// The store's history, read from Redis' append-only file: who wrote what, in the order in which it
// was applied. For the test that two heads never write at once and that no write is applied twice.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace raykeep::history {

/// What one head did, as the store has it. Heads write "HSET RAY<ns>@KV <field> <uid>:<n>" with n =
/// 1, 2, ... and "INCRBY RAY<ns>@C<uid> 1".
struct Writes {
  std::uint64_t sets = 0;
  std::uint64_t increments = 0;
};

struct History {
  std::map<std::string, Writes> heads = {};  // by pod uid
  std::uint64_t epochs = 0;                  // take-overs, in all namespaces
  std::uint64_t commands = 0;
  std::vector<std::string> faults = {};  // what must not be
};

/// Reads the file's bytes. Faults: a write by a head that does not hold the epoch, an epoch that
/// does not grow, a number n that is missing, comes twice or comes late, bytes that are no
/// commands.
History read_history(std::string_view append_only_file);

}  // namespace raykeep::history
