#include "control/decide/memory.h"

#include <gtest/gtest.h>

#include "control/decide/decide.h"

namespace raykeep::decide {
namespace {

const Time start = Time(std::chrono::hours(1));

Observed silent(const char* uid = "h1") {
  Observed made;
  made.head = Pod{.name = "demo-head-0", .uid = uid, .node = "n1"};
  made.answer = Answer::silent;
  made.fence = {.storage = Storage::redis, .on_road = true, .lease = Fence::Lease::free};
  return made;
}

Observed look(Memory& memory, Observed seen, seconds at) {
  remember(memory, seen, start + at);
  return seen;
}

TEST(Memory, CountsFromTheFirstLookThatSawIt) {
  Memory memory;
  EXPECT_EQ(look(memory, silent(), seconds(0)).silent_since, start);
  Observed later = look(memory, silent(), seconds(7));
  EXPECT_EQ(later.silent_since, start);
  EXPECT_EQ(later.free_since, start);
  EXPECT_EQ(later.head_says_since, start);
}

TEST(Memory, BeginsAnewWhenItWasDifferentInBetween) {
  Memory memory;
  look(memory, silent(), seconds(0));
  Observed answered = silent();
  answered.answer = Answer::answers;
  answered.fence.lease = Fence::Lease::held;
  answered.head->says = PodSays::not_ready;
  EXPECT_EQ(look(memory, answered, seconds(1)).silent_since, std::nullopt);
  Observed again = look(memory, silent(), seconds(2));
  EXPECT_EQ(again.silent_since, start + seconds(2));
  EXPECT_EQ(again.free_since, start + seconds(2));
  EXPECT_EQ(again.head_says_since, start + seconds(2));
}

TEST(Memory, ALeaseThatCannotBeAskedForIsNotFree) {
  Memory memory;
  look(memory, silent(), seconds(0));
  Observed unknown = silent();
  unknown.fence.lease = Fence::Lease::unknown;
  EXPECT_EQ(look(memory, unknown, seconds(1)).free_since, std::nullopt);
  EXPECT_EQ(look(memory, silent(), seconds(2)).free_since, start + seconds(2));
}

TEST(Memory, ANewPodOfTheSameNameIsAnotherHead) {
  Memory memory;
  Observed going = silent();
  going.head->going = true;
  EXPECT_EQ(look(memory, going, seconds(0)).head_going_since, start);
  Observed next = look(memory, silent("h2"), seconds(9));
  EXPECT_EQ(next.silent_since, start + seconds(9));
  EXPECT_EQ(next.head_going_since, std::nullopt);
  EXPECT_EQ(next.free_since, start) << "the lease is the store's, not the pod's";
}

TEST(Memory, KnowsSinceWhenEachWorkerIsLost) {
  Memory memory;
  Observed seen;
  seen.workers = {{.name = "a", .uid = "a", .node = "n", .says = PodSays::node_lost},
                  {.name = "b", .uid = "b", .node = "n"}};
  look(memory, seen, seconds(0));
  std::swap(seen.workers[0], seen.workers[1]);
  Observed later = look(memory, seen, seconds(5));
  EXPECT_EQ(later.worker_lost_since, (std::vector<Time>{start + seconds(5), start}));
}

TEST(Memory, ForgetsFailoversAfterTenMinutes) {
  Memory memory;
  Action ask{Action::Verb::ask_to_end, "Pod demo-head-0", "h1", "lost"};
  remember_done(memory, ask, start);
  EXPECT_EQ(look(memory, silent(), seconds(600)).recent_failovers, 1);
  EXPECT_EQ(look(memory, silent(), seconds(601)).recent_failovers, 0);
}

TEST(Memory, CountsCleanUpFromTheFirstAttempt) {
  Memory memory;
  Observed seen;
  seen.notes = {{.name = "raykeep-cleanup-demo", .owner_uid = "o"}};
  seen.owner = Owner::absent;
  const Action clean = decide(seen, {}, start).actions.at(0);
  ASSERT_EQ(clean.verb, Action::Verb::clean_keys);
  EXPECT_EQ(look(memory, seen, seconds(0)).notes[0].tried_since, std::nullopt);
  remember_done(memory, clean, start);
  remember_done(memory, clean, start + seconds(10));
  EXPECT_EQ(look(memory, seen, seconds(11)).notes[0].tried_since, start);
}

TEST(Memory, SaysEachThingOnceWhileItLasts) {
  Memory memory;
  const std::vector<Event> state = {{true, "Pod a", "HeadLost", "x"}};
  EXPECT_EQ(news(memory, state).size(), 1u);
  EXPECT_EQ(news(memory, state).size(), 0u);
  EXPECT_EQ(news(memory, {}).size(), 0u);
  EXPECT_EQ(news(memory, state).size(), 1u) << "it passed, and came back";
}

}  // namespace
}  // namespace raykeep::decide
