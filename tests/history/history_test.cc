#include "history.h"

#include <gtest/gtest.h>

#include "redis/resp.h"

namespace raykeep::history {
namespace {

using Commands = std::vector<std::vector<std::string_view>>;

History read(const Commands& commands) {
  std::string bytes;
  for (const auto& command : commands) bytes += redis::encode(command);
  return read_history(bytes);
}

const Commands good{
    {"SELECT", "0"},
    {"SET", "RAYn@RAYKEEP:EPOCH", "1:a:x"},
    {"MULTI"},
    {"HSET", "RAYn@KV", "f", "a:1"},
    {"HSET", "RAYn@RAYKEEP:DONE:1", "0:1", "1:.."},
    {"EXEC"},
    {"INCRBY", "RAYn@Ca", "1"},
    {"HSET", "RAYn@KV", "f", "a:2"},
    {"SET", "RAYn@RAYKEEP:EPOCH", "2:b:x"},
    {"HSET", "RAYn@KV", "f", "b:1"},
    {"SET", "RAYm@RAYKEEP:EPOCH", "1:c:x"},
    {"INCRBY", "RAYm@Cc", "1"},
};

TEST(History, CountsWhatHeadsWrote) {
  auto history = read(good);
  EXPECT_EQ(history.faults, std::vector<std::string>{});
  EXPECT_EQ(history.heads["a"].sets, 2U);
  EXPECT_EQ(history.heads["a"].increments, 1U);
  EXPECT_EQ(history.heads["b"].sets, 1U);
  EXPECT_EQ(history.epochs, 3U);
}

TEST(History, FindsWhatMustNotBe) {
  const std::pair<Commands, std::string> cases[] = {
      {{{"HSET", "RAYn@KV", "f", "a:3"}}, "HSET by a while b holds epoch 2"},
      {{{"INCRBY", "RAYn@Ca", "1"}}, "INCRBY by a while b holds epoch 2"},
      {{{"HSET", "RAYn@KV", "f", "b:1"}}, "write 1 of b is applied after its write 1"},
      {{{"HSET", "RAYn@KV", "f", "b:3"}}, "write 3 of b is applied after its write 1"},
      {{{"SET", "RAYn@RAYKEEP:EPOCH", "2:d:x"}}, "epoch 2 follows epoch 2"},
      {{{"HSET", "RAYo@KV", "f", "z:1"}}, "HSET by z while  holds epoch 0"},
  };
  for (const auto& [more, fault] : cases) {
    auto commands = good;
    commands.insert(commands.end(), more.begin(), more.end());
    auto history = read(commands);
    ASSERT_EQ(history.faults.size(), 1U) << fault;
    EXPECT_TRUE(history.faults[0].contains(fault)) << history.faults[0];
  }
  EXPECT_EQ(read_history("*2\r\n$6\r\nSELECT\r\n$1\r\n").faults.size(), 1U);
  EXPECT_FALSE(read_history("nonsense").faults.empty());
}

}  // namespace
}  // namespace raykeep::history
