#include "report/layout.h"

#include <gtest/gtest.h>

#include "report/model.h"
#include "report/testing.h"

namespace raykeep::report {
namespace {

TEST(Layout, PutsNoBoxOnAnother) {
  for (std::string_view site : {kBankSite, kManagedSite, kOldEnforcerSite}) {
    const Graph graph = graph_of(model(Sample(kTwoGroups, site).input()));
    const Layout layout(graph);
    for (const Box& one : layout.boxes()) {
      EXPECT_GE(one.y, 0) << one.node->key;
      EXPECT_LE(one.bottom(), layout.height()) << one.node->key;
      EXPECT_LE(one.right(), metric::width) << one.node->key;
      for (const Box& other : layout.boxes()) {
        const bool apart = one.right() <= other.x || other.right() <= one.x ||
                           one.bottom() <= other.y || other.bottom() <= one.y;
        EXPECT_TRUE(&one == &other || apart) << one.node->key << " on " << other.node->key;
      }
    }
  }
}

TEST(Layout, LetsEachArrowBeginAndEndAtItsBoxes) {
  const Graph graph = graph_of(model(Sample(kTwoGroups, kBankSite).input()));
  const Layout layout(graph);
  std::size_t asked = 0;
  for (const Node& node : graph.nodes) {
    for (const Inbound& inbound : node.inbound) asked += inbound.from.size();
  }
  EXPECT_EQ(layout.arrows().size(), asked);
  for (const Arrow& arrow : layout.arrows()) {
    EXPECT_EQ(arrow.end.x, arrow.to->x);
    EXPECT_GT(arrow.end.y, arrow.to->y);
    EXPECT_LT(arrow.end.y, arrow.to->bottom());
    if (layout.is_inside(arrow)) continue;
    const Box& from = layout.box_of(arrow.from);
    const Point start = layout.start_of(arrow);
    EXPECT_EQ(start.x, from.right());
    EXPECT_GT(start.y, from.y);
    EXPECT_LT(start.y, from.bottom());
    EXPECT_LT(start.x, arrow.end.x) << arrow.from;  // all outside arrows go to the right
  }
}

}  // namespace
}  // namespace raykeep::report
