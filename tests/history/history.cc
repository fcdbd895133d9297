#include "history.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "redis/lease.h"
#include "redis/resp.h"

namespace raykeep::history {
namespace {

std::uint64_t number_in(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Reader {
  void take(const redis::Request& command) {
    ++history.commands;
    if (command.size() < 3) return;
    auto name = command.argument(0);
    auto key = command.argument(1);
    auto at = key.find('@');
    if (!key.starts_with("RAY") || at == key.npos) return;
    std::string ns(key.substr(3, at - 3));
    auto table = key.substr(at + 1);
    if (name == "SET" && table == "RAYKEEP:EPOCH")
      take_epoch(ns, redis::parse_token(command.argument(2)));
    if (name == "HSET" && table == "KV" && command.size() == 4) {
      auto value = command.argument(3);
      auto colon = value.rfind(':');
      std::string uid(value.substr(0, colon));
      require_owner(ns, uid, "HSET");
      auto n = number_in(value.substr(colon + 1));
      auto& sets = history.heads[uid].sets;
      if (n != sets + 1)
        fault(fmt::format("{}: write {} of {} is applied after its write {}", ns, n, uid, sets));
      sets = n;
    }
    if (name == "INCRBY" && table.starts_with('C')) {
      std::string uid(table.substr(1));
      require_owner(ns, uid, "INCRBY");
      ++history.heads[uid].increments;
    }
  }

  void take_epoch(const std::string& ns, const redis::Token& token) {
    ++history.epochs;
    auto& last = owners[ns];
    if (token.epoch <= last.epoch)
      fault(fmt::format("{}: epoch {} follows epoch {}", ns, token.epoch, last.epoch));
    last = token;
  }

  void require_owner(const std::string& ns, const std::string& uid, std::string_view what) {
    const auto& owner = owners[ns];
    if (owner.pod_uid == uid) return;
    fault(fmt::format("{}: {} by {} while {} holds epoch {}", ns, what, uid, owner.pod_uid,
                      owner.epoch));
  }

  void fault(std::string text) {
    if (history.faults.size() < 100) history.faults.push_back(std::move(text));
  }

  History history;
  std::map<std::string, redis::Token> owners;
};

}  // namespace

History read_history(std::string_view append_only_file) {
  Reader reader;
  redis::RequestReader requests;
  requests.feed(append_only_file);
  for (;;) {
    auto command = requests.next();
    if (!command) {
      reader.fault("the append-only file: " + command.error().text);
      break;
    }
    if (!*command) break;
    reader.take(**command);
  }
  if (requests.pending() > 0) reader.fault(fmt::format("the append-only file ends amid a command"));
  return std::move(reader.history);
}

}  // namespace raykeep::history
