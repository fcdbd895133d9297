// States of a RayService and what is decided on them, and whole upgrades played through in a world
// that carries decisions out.
#include "control/decide/service.h"

#include <algorithm>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace raykeep::decide {
namespace {

using std::chrono::seconds;
using Verb = ServiceAction::Verb;

const Time start = Time(std::chrono::hours(1));

ServiceCluster good(std::string name, std::string config = "c1") {
  ServiceCluster made{.name = std::move(name), .settled = true, .serve = ServeSays::running};
  made.config = config;
  made.put = config + " 100";
  made.good = config;
  made.proxies = 2;
  made.workers = 2;
  return made;
}

ServiceCluster young(std::string name) { return {.name = std::move(name)}; }

ServiceDesired want(std::string cluster, std::string config = "c1") {
  return {.cluster = std::move(cluster), .config = std::move(config)};
}

/// "make s-b 50; point s-a+; ...".
std::string text(const ServiceDecision& decision) {
  std::string out;
  for (const ServiceAction& each : decision.actions) {
    if (!out.empty()) out += "; ";
    out += fmt::format("{} {}", to_string(each.verb), each.cluster);
    if (each.verb == Verb::make && each.capacity != 100) out += fmt::format(" {}", each.capacity);
    if (each.mixed) out += '+';
  }
  return out;
}

std::string reason_of(const ServiceDecision& decision, std::string_view type) {
  auto found = std::ranges::find(decision.conditions, type, &Condition::type);
  return found == decision.conditions.end() ? "" : found->reason;
}

struct Case {
  ServiceObserved seen;
  ServiceDesired desired;
  ServiceMemory memory = {};

  /// Looks after so much time in which nothing changed.
  ServiceDecision after(Duration span) {
    remember(memory, seen, start);
    remember(memory, seen, start + span);
    return decide_service(seen, desired, start + span);
  }
};

TEST(DecideService, MakesTheFirstClusterAndPointsToIt) {
  Case c{{}, want("s-a")};
  EXPECT_EQ(text(c.after(seconds(0))), "make cluster s-a; point Services to s-a");
}

TEST(DecideService, TellsServeOnceTheDashboardAnswers) {
  Case c{{.clusters = {young("s-a")}, .points_to = "s-a"}, want("s-a")};
  EXPECT_EQ(text(c.after(seconds(9))), "configure s-a");
  c.seen.clusters[0].config = "c1";
  EXPECT_EQ(text(c.after(seconds(9))), "");
  c.seen.clusters[0].serve = ServeSays::nothing;
  EXPECT_EQ(text(c.after(seconds(0))), "deploy s-a");
  c.seen.clusters[0].put = "c1 100";
  c.seen.clusters[0].serve = ServeSays::deploying;
  EXPECT_EQ(text(c.after(seconds(9))), "");
}

TEST(DecideService, DoesNothingWhereAllIsAsItShouldBe) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-a")};
  const ServiceDecision decision = c.after(seconds(100));
  EXPECT_EQ(text(decision), "");
  EXPECT_EQ(reason_of(decision, "Ready"), "Serving");
  EXPECT_EQ(reason_of(decision, "UpgradeInProgress"), "NoPendingCluster");
  EXPECT_EQ(reason_of(decision, "Deployed"), "Deployed");
}

TEST(DecideService, AnotherConfigurationIsCarriedOutInPlace) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-a", "c2")};
  const ServiceDecision first = c.after(seconds(1));
  EXPECT_EQ(text(first), "configure s-a");
  EXPECT_EQ(reason_of(first, "Deployed"), "Changing");
  c.seen.clusters[0].config = "c2";
  EXPECT_EQ(text(c.after(seconds(1))), "deploy s-a");
  c.seen.clusters[0].put = "c2 100";
  EXPECT_EQ(text(c.after(seconds(1))), "commend s-a");
}

TEST(DecideService, AConfigurationThatDoesNotRunIsTakenBack) {
  ServiceCluster bad = good("s-a");
  bad.config = "c2";
  bad.put = "c2 100";
  bad.serve = ServeSays::failed;
  Case c{{.clusters = {bad}, .points_to = "s-a"}, want("s-a", "c2")};
  EXPECT_EQ(text(c.after(seconds(5))), "");
  EXPECT_EQ(text(c.after(seconds(30))), "give up s-a; restore configuration of s-a");
  c.seen.given_up = "s-a c2";
  c.seen.clusters[0].config = "c1";
  const ServiceDecision decision = c.after(seconds(1));
  EXPECT_EQ(text(decision), "deploy s-a");
  EXPECT_EQ(reason_of(decision, "UpgradeInProgress"), "RolledBack");
}

TEST(DecideService, AConfigurationThatServeRefusesIsTakenBack) {
  ServiceCluster bad = good("s-a");
  bad.config = "c2";
  bad.serve = ServeSays::failed;
  Case c{{.clusters = {bad}, .points_to = "s-a"}, want("s-a", "c2")};
  // It failed before, and was not told yet.
  EXPECT_EQ(text(c.after(seconds(30))), "deploy s-a");
  c.seen.clusters[0].refused = true;
  EXPECT_EQ(text(c.after(seconds(30))), "give up s-a; restore configuration of s-a");
}

TEST(DecideService, AServeThatForgotIsToldAgain) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-a")};
  c.seen.clusters[0].serve = ServeSays::nothing;
  EXPECT_EQ(text(c.after(seconds(2))), "");
  EXPECT_EQ(text(c.after(seconds(6))), "deploy s-a");
}

TEST(DecideService, OtherPodsAreAnotherCluster) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-b")};
  const ServiceDecision first = c.after(seconds(1));
  EXPECT_EQ(text(first), "make cluster s-b");
  EXPECT_EQ(reason_of(first, "UpgradeInProgress"), "Preparing");
  c.seen.clusters.push_back(young("s-b"));
  const ServiceDecision preparing = c.after(seconds(1));
  EXPECT_EQ(text(preparing), "configure s-b");
  EXPECT_EQ(reason_of(preparing, "UpgradeInProgress"), "Preparing");
  EXPECT_EQ(reason_of(preparing, "Ready"), "Serving");
  c.seen.clusters[1] = good("s-b");
  c.seen.clusters[1].good.clear();
  EXPECT_EQ(text(c.after(seconds(1))), "commend s-b; point Services to s-a+");
  c.seen.mixed = true;
  c.seen.clusters[1].good = "c1";
  const ServiceDecision both = c.after(seconds(59));
  EXPECT_EQ(text(both), "");
  EXPECT_EQ(reason_of(both, "UpgradeInProgress"), "Moving");
  EXPECT_EQ(text(c.after(seconds(61))), "point Services to s-b+");
  c.seen.points_to = "s-b";
  EXPECT_EQ(text(c.after(seconds(1))), "make cluster s-a 0");
  c.seen.clusters[0].capacity = 0;
  EXPECT_EQ(text(c.after(seconds(100))), "");
  c.seen.clusters[0].workers = 0;
  EXPECT_EQ(text(c.after(seconds(1))), "remove cluster s-a");
  c.seen.clusters.erase(c.seen.clusters.begin());
  EXPECT_EQ(text(c.after(seconds(1))), "point Services to s-b");
}

TEST(DecideService, NoneMeansThatPodsNeverChange) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-b", "c2")};
  c.desired.way = UpgradeWay::none;
  const ServiceDecision decision = c.after(seconds(1));
  EXPECT_EQ(text(decision), "configure s-a");
  EXPECT_EQ(reason_of(decision, "UpgradeInProgress"), "NotWanted");
}

struct Failing {
  const char* name;
  void (*harm)(ServiceCluster&);
  Duration still_waits;
  Duration gives_up;
};

void PrintTo(const Failing& failing, std::ostream* out) { *out << failing.name; }

class ANewCluster : public testing::TestWithParam<Failing> {};

TEST_P(ANewCluster, ThatDoesNotComeToServeIsGivenUpAndRemoved) {
  Case c{{.clusters = {good("s-a"), young("s-b")}, .points_to = "s-a"}, want("s-b")};
  c.seen.clusters[1].config = "c1";
  GetParam().harm(c.seen.clusters[1]);
  EXPECT_EQ(text(c.after(GetParam().still_waits)).find("give up"), std::string::npos);
  EXPECT_EQ(text(c.after(GetParam().gives_up)), "give up s-b");
  c.seen.given_up = "s-b c1";
  c.seen.given_up_why = "no quota";
  const ServiceDecision decision = c.after(seconds(1));
  EXPECT_EQ(text(decision), "remove cluster s-b");
  EXPECT_EQ(reason_of(decision, "Ready"), "Serving");
  EXPECT_EQ(reason_of(decision, "UpgradeInProgress"), "RolledBack");
}

INSTANTIATE_TEST_SUITE_P(
    Ways, ANewCluster,
    testing::Values(
        Failing{"pods are refused", [](ServiceCluster& c) { c.hopeless = true; }, seconds(50),
                seconds(61)},
        Failing{"an application fails", [](ServiceCluster& c) { c.serve = ServeSays::failed; },
                seconds(9), seconds(11)},
        Failing{"it takes too long", [](ServiceCluster&) {}, seconds(890), seconds(901)}));

TEST(DecideService, AClusterThatNeverServedIsNotKept) {
  Case c{{.clusters = {young("s-a"), young("s-b")}, .points_to = "s-a"}, want("s-b")};
  EXPECT_EQ(text(c.after(seconds(1))), "point Services to s-b");
  c.seen.points_to = "s-b";
  EXPECT_EQ(text(c.after(seconds(1))), "configure s-b; remove cluster s-a");
}

TEST(DecideService, AThirdDocumentMeanwhileRemovesTheSecondOnesCluster) {
  Case c{{.clusters = {good("s-a"), young("s-b"), young("s-c")}, .points_to = "s-a"}, want("s-c")};
  EXPECT_EQ(text(c.after(seconds(1))), "configure s-c; remove cluster s-b");
}

TEST(DecideService, TheFormerDocumentAgainRemovesTheNewCluster) {
  Case c{{.clusters = {good("s-a"), young("s-b")}, .points_to = "s-a"}, want("s-a")};
  EXPECT_EQ(text(c.after(seconds(1))), "remove cluster s-b");
}

TEST(DecideService, MoreErrorsThanOfTheFormerClusterEndTheUpgrade) {
  Case c{{.clusters = {good("s-a"), good("s-b")}, .points_to = "s-a", .mixed = true}, want("s-b")};
  c.seen.clusters[0].answered = {1000, 500};  // of before
  c.after(seconds(0));
  c.seen.clusters[0].answered = {1100, 501};
  c.seen.clusters[1].answered = {10, 10};
  EXPECT_EQ(text(c.after(seconds(5))), "");
  c.seen.clusters[1].answered = {100, 2};
  EXPECT_EQ(text(c.after(seconds(5))), "");
  c.seen.clusters[1].answered = {100, 20};
  EXPECT_EQ(text(c.after(seconds(5))), "give up s-b");
  c.seen.given_up = "s-b c1";
  EXPECT_EQ(text(c.after(seconds(5))), "make cluster s-b 0");
  c.seen.clusters[1].workers = 0;
  EXPECT_EQ(text(c.after(seconds(5))), "remove cluster s-b");
  c.seen.clusters.pop_back();
  EXPECT_EQ(text(c.after(seconds(5))), "point Services to s-a");
}

TEST(DecideService, StepsMoveTheCapacity) {
  Case c{{.clusters = {good("s-a")}, .points_to = "s-a"}, want("s-b")};
  c.desired.way = UpgradeWay::incremental;
  c.desired.surge = 50;
  EXPECT_EQ(text(c.after(seconds(1))), "make cluster s-b 50");
  c.seen.clusters.push_back(good("s-b"));
  ServiceCluster& next = c.seen.clusters[1];
  next.capacity = 50;
  next.put = "c1 50";
  EXPECT_EQ(text(c.after(seconds(5))), "point Services to s-a+");
  c.seen.mixed = true;
  EXPECT_EQ(text(c.after(seconds(5))), "make cluster s-a 50");
  c.seen.clusters[0].capacity = 50;
  EXPECT_EQ(text(c.after(seconds(5))), "deploy s-a");
  c.seen.clusters[0].put = "c1 50";
  EXPECT_EQ(text(c.after(seconds(5))), "make cluster s-b");
  next.capacity = 100;
  next.put = "c1 100";
  EXPECT_EQ(text(c.after(seconds(70))), "point Services to s-b+");
}

TEST(DecideService, AStepThatFailsGoesBackToTheWholeFormerCluster) {
  Case c{{.clusters = {good("s-a"), good("s-b")}, .points_to = "s-a", .mixed = true}, want("s-b")};
  c.desired.way = UpgradeWay::incremental;
  c.seen.clusters[0].capacity = 50;
  c.seen.clusters[0].put = "c1 50";
  c.seen.clusters[1].serve = ServeSays::failed;
  EXPECT_EQ(text(c.after(seconds(30))), "give up s-b");
  c.seen.given_up = "s-b c1";
  EXPECT_EQ(text(c.after(seconds(1))), "make cluster s-a; make cluster s-b 0");
}

TEST(DecideService, AnotherDocumentInAMoveGoesBackFirst) {
  Case c{{.clusters = {good("s-a"), good("s-b")}, .points_to = "s-a", .mixed = true}, want("s-c")};
  EXPECT_EQ(text(c.after(seconds(1))), "make cluster s-b 0");
  c.seen.clusters.pop_back();
  EXPECT_EQ(text(c.after(seconds(1))), "point Services to s-a");
  c.seen.mixed = false;
  EXPECT_EQ(text(c.after(seconds(1))), "make cluster s-c");
}

TEST(DecideService, ADocumentThatCannotBeUsedTouchesNothing) {
  Case c{{.clusters = {good("s-a"), young("s-b")}, .points_to = "s-a"}, {}};
  c.desired.usable = false;
  const ServiceDecision decision = c.after(seconds(3000));
  EXPECT_EQ(text(decision), "");
  EXPECT_EQ(reason_of(decision, "Ready"), "Serving");
  EXPECT_EQ(reason_of(decision, "Accepted"), "Unusable");
}

/// Carries decisions out, and lets clusters grow, fail and vanish at random. The promises are held
/// up to it at every look.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) { desired_.config = "c1"; }

  void play(int looks) {
    for (int i = 0; i < looks && !testing::Test::HasFailure(); ++i) {
      now_ += seconds(1 + below(5));
      happen();
      if (below(40) == 0) memory_ = {};  // another controller
      remember(memory_, seen_, now_);
      const ServiceDecision decision = decide_service(seen_, desired_, now_);
      const std::size_t done = below(8) == 0 ? below(3) : decision.actions.size();
      for (std::size_t at = 0; at < std::min(done, decision.actions.size()); ++at)
        carry_out(decision.actions[at]);
    }
  }

  /// With nothing going wrong any more it comes to rest where the document says.
  void settle() {
    quiet_ = true;
    seen_.given_up.clear();
    for (ServiceCluster& each : seen_.clusters) doomed_.erase(each.name);
    doomed_.clear();
    for (int i = 0; i < 1200; ++i) {
      now_ += seconds(2);
      if (i % 300 == 0) seen_.given_up.clear();  // somebody says `up` again
      happen();
      remember(memory_, seen_, now_);
      for (const ServiceAction& each : decide_service(seen_, desired_, now_).actions)
        carry_out(each);
    }
    EXPECT_EQ(seen_.points_to, desired_.cluster);
    EXPECT_FALSE(seen_.mixed);
    ASSERT_EQ(seen_.clusters.size(), 1u);
    EXPECT_EQ(seen_.clusters[0].name, desired_.cluster);
    EXPECT_EQ(seen_.clusters[0].capacity, 100);
    EXPECT_EQ(seen_.clusters[0].put, desired_.config + " 100");
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  ServiceCluster* find(const std::string& name) {
    auto found = std::ranges::find(seen_.clusters, name, &ServiceCluster::name);
    return found == seen_.clusters.end() ? nullptr : &*found;
  }

  void happen() {
    std::erase_if(seen_.clusters,
                  [&](const ServiceCluster& each) { return each.going && below(3) == 0; });
    for (ServiceCluster& each : seen_.clusters) grow(each);
    if (quiet_) return;
    if (desired_.cluster.empty() || below(60) == 0) {
      desired_.cluster = fmt::format("s-{}", below(4));
      desired_.config = fmt::format("c{}", below(3));
      desired_.way = below(2) == 0 ? UpgradeWay::new_cluster : UpgradeWay::incremental;
      desired_.surge = static_cast<int>(10 + below(91));
      for (ServiceCluster& each : seen_.clusters) each.stale = each.name == desired_.cluster;
      doomed_.clear();
      if (below(3) == 0) doomed_.insert(desired_.cluster);
    }
  }

  void grow(ServiceCluster& each) {
    if (each.going || below(3) == 0) return;
    const bool bad = doomed_.contains(each.name) && seen_.points_to != each.name;
    each.settled = !bad || below(2) == 0;
    each.hopeless = bad && !each.settled;
    if (each.serve == ServeSays::unasked) each.serve = ServeSays::nothing;
    if (each.serve == ServeSays::deploying)
      each.serve = bad ? ServeSays::failed : ServeSays::running;
    each.workers = each.capacity == 0 ? 0 : 2;
    each.proxies = each.serve == ServeSays::running ? each.workers : 0;
  }

  void carry_out(const ServiceAction& action) {
    ServiceCluster* cluster = find(action.cluster);
    switch (action.verb) {
      case Verb::make:
        if (cluster == nullptr) {
          seen_.clusters.push_back({.name = action.cluster});
          cluster = &seen_.clusters.back();
        }
        cluster->capacity = action.capacity;
        cluster->stale = false;
        cluster->settled = false;
        break;
      case Verb::configure:
        ASSERT_NE(cluster, nullptr);
        cluster->config = desired_.config;
        break;
      case Verb::deploy:
        ASSERT_NE(cluster, nullptr);
        cluster->put = fmt::format("{} {}", cluster->config, cluster->capacity);
        if (cluster->serve != ServeSays::running) cluster->serve = ServeSays::deploying;
        break;
      case Verb::commend:
        cluster->good = cluster->config;
        break;
      case Verb::restore:
        cluster->config = cluster->good;
        break;
      case Verb::point: {
        // Nobody who takes requests leaves by being taken out.
        for (const ServiceCluster& each : seen_.clusters) {
          const bool took = seen_.mixed || each.name == seen_.points_to;
          const bool takes = action.mixed || each.name == action.cluster;
          if (took && !takes) EXPECT_EQ(each.proxies, 0) << each.name << " is taken out";
        }
        seen_.points_to = action.cluster;
        seen_.mixed = action.mixed;
        break;
      }
      case Verb::remove:
        EXPECT_NE(action.cluster, seen_.points_to) << "removed the cluster that serves";
        if (cluster != nullptr && seen_.mixed) EXPECT_EQ(cluster->workers, 0);
        if (cluster != nullptr) cluster->going = true;
        break;
      case Verb::give_up:
        seen_.given_up = fmt::format("{} {}", desired_.cluster, desired_.config);
        break;
    }
  }

  std::mt19937 random_;
  Time now_ = start;
  bool quiet_ = false;
  ServiceObserved seen_;
  ServiceDesired desired_;
  ServiceMemory memory_;
  std::set<std::string> doomed_;
};

#if __has_feature(address_sanitizer)
constexpr unsigned histories = 300;
#else
constexpr unsigned histories = 3000;
#endif

TEST(DecideService, KeepsItsPromisesInThousandsOfHistories) {
  for (unsigned seed = 0; seed < histories && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    world.play(300);
    world.settle();
  }
}

}  // namespace
}  // namespace raykeep::decide
