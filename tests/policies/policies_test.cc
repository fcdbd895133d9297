// 1,000 random Sites and clusters: the policies permit exactly the flow table. And the proof that
// the comparison would notice: every rule of 50 more is removed, narrowed and widened in turn.
//
// POLICIES_SEED=n begins with another seed; POLICIES_CASES=n makes another number of cases. What
// fails prints its seed and its documents.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "comparison.h"
#include "mutations.h"
#include "random_case.h"

namespace raykeep::policies {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string documents(const Scene& scene) {
  std::string text = scene.site_text;
  for (const std::string& each : scene.cluster_texts) text += "---\n" + each;
  return text;
}

TEST(Policies, OfAThousandRandomSitesAndClustersPermitExactlyTheFlowTable) {
  const std::uint64_t seed = number_from("POLICIES_SEED", 20261127);
  const std::uint64_t cases = number_from("POLICIES_CASES", 1000);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::size_t looked_at = 0, rows = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const Scene scene = random_scene(seed + i, Taste::wild);
    const Comparison comparison(scene);
    looked_at += comparison.pairs();
    for (const Table& table : scene.tables) rows += table.rows.size();
    const Difference found = comparison.with(Policies(scene.policies));
    ASSERT_FALSE(found) << "seed " << seed + i << ": " << found.text << '\n' << documents(scene);
  }
  std::printf("%llu cases, %zu rows, %zu pairs, every port of each\n",
              static_cast<unsigned long long>(cases), rows, looked_at);
  EXPECT_GT(looked_at, 1000 * cases);
}

TEST(Policies, AreSeenToBeWrongWhicheverRuleIsRemovedNarrowedOrWidened) {
  const std::uint64_t seed = number_from("POLICIES_SEED", 20261127);
  std::size_t tried = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Scene scene = random_scene(seed + i, Taste::tidy);
    const Comparison comparison(scene);
    const Policies policies(scene.policies);
    const Difference before = comparison.with(policies);
    ASSERT_FALSE(before) << before.text << '\n' << documents(scene);
    for (const Mutation& mutation : mutations(scene.policies)) {
      ++tried;
      EXPECT_TRUE(comparison.with(policies.with(mutation.policy, mutation.changed)))
          << "seed " << seed + i << ", not noticed: " << mutation.what << '\n'
          << documents(scene);
    }
  }
  std::printf("%zu mutations\n", tried);
  EXPECT_GT(tried, 5000u);
}

}  // namespace
}  // namespace raykeep::policies
