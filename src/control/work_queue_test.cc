#include "control/work_queue.h"

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

const Instant start = Instant(1h);

TEST(WorkQueue, GivesAKeyOnceHoweverOftenItWasAdded) {
  WorkQueue queue;
  for (int i = 0; i < 5; ++i) queue.add("a", start);
  EXPECT_EQ(queue.take(start), std::nullopt) << "a burst settles first";
  EXPECT_EQ(queue.next(), start + 50ms);
  EXPECT_EQ(queue.take(start + 50ms), "a");
  EXPECT_EQ(queue.take(start + 1h), std::nullopt);
}

TEST(WorkQueue, NeverGivesAKeyToTwo) {
  WorkQueue queue;
  queue.add("a", start);
  EXPECT_EQ(queue.take(start + 1s), "a");
  queue.add("a", start + 1s);
  EXPECT_EQ(queue.take(start + 2s), std::nullopt);
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.done("a", start + 3s, true);
  EXPECT_EQ(queue.take(start + 3s), "a") << "it changed while it was looked at";
}

TEST(WorkQueue, GivesWhatHasWaitedLongest) {
  WorkQueue queue;
  queue.add_after("late", start, 10s);
  queue.add_after("early", start, 5s);
  EXPECT_EQ(queue.take(start + 20s), "early");
  EXPECT_EQ(queue.take(start + 20s), "late");
}

TEST(WorkQueue, TheSoonerCallWins) {
  WorkQueue queue;
  queue.add_after("a", start, 10s);
  queue.add("a", start + 1s);
  queue.add_after("a", start + 1s, 30s);
  EXPECT_EQ(queue.next(), start + 1s + 50ms);
}

TEST(WorkQueue, WaitsLongerAfterEachFailureUpToALimit) {
  WorkQueue queue;
  Instant now = start;
  queue.add("a", now);
  std::vector<Duration> waits;
  for (int i = 0; i < 10; ++i) {
    now = *queue.next();
    ASSERT_EQ(queue.take(now), "a");
    queue.done("a", now, false);
    waits.push_back(*queue.next() - now);
  }
  EXPECT_EQ(waits, (std::vector<Duration>{250ms, 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}));
  EXPECT_EQ(queue.failures("a"), 10);
}

TEST(WorkQueue, ChangesDoNotShortenABackoff) {
  WorkQueue queue;
  queue.add("a", start);
  queue.take(start + 1s);
  queue.add("a", start + 1s);  // our own write comes back as a change
  queue.done("a", start + 1s, false);
  queue.add("a", start + 1s);
  EXPECT_EQ(queue.next(), start + 1s + 250ms);
}

TEST(WorkQueue, ForgetsFailuresAfterASuccess) {
  WorkQueue queue;
  queue.add("a", start);
  queue.take(start + 1s);
  queue.done("a", start + 1s, false);
  queue.take(start + 2s);
  queue.done("a", start + 2s, true);
  EXPECT_EQ(queue.failures("a"), 0);
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(WorkQueue, OneThatFailsDoesNotHoldTheOthers) {
  WorkQueue queue;
  queue.add("bad", start);
  queue.take(start + 1s);
  queue.done("bad", start + 1s, false);
  queue.add("good", start + 1s);
  EXPECT_EQ(queue.take(start + 1100ms), "good");
}

TEST(WorkQueue, WhatIsUrgentDoesNotWaitForABackoff) {
  WorkQueue queue;
  queue.add("bad", start);
  for (int i = 1; i < 9; ++i) {
    queue.urge("bad", start + std::chrono::minutes(i));
    ASSERT_EQ(queue.take(start + std::chrono::minutes(i)), "bad");
    queue.done("bad", start + std::chrono::minutes(i), false);
  }
  queue.urge("bad", start + 481s);
  EXPECT_EQ(queue.take(start + 481s), "bad");
}

}  // namespace
}  // namespace raykeep::control
