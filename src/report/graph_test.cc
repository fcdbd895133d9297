#include "report/graph.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "report/model.h"
#include "report/picture.h"
#include "report/testing.h"

namespace raykeep::report {
namespace {

std::string document_with(std::size_t groups, bool alike) {
  std::string text(kTwoGroups.substr(0, kTwoGroups.find("  - groupName: cpu")));
  for (std::size_t i = 0; i < groups; ++i) {
    text += fmt::format(
        "  - groupName: g{0:02}\n    replicas: 2\n    maxReplicas: 4\n    rayStartParams: {{{1}}}\n"
        "    template:\n      spec:\n        containers:\n        - name: ray-worker\n"
        "          image: rayproject/ray:2.60.0\n"
        "          resources: {{limits: {{cpu: \"1\", memory: 4Gi}}}}\n",
        i, alike ? "" : fmt::format("object-manager-port: \"{}\"", 9000 + i));
  }
  return text;
}

Graph graph_with(std::size_t groups, bool alike = true) {
  return graph_of(model(Sample(document_with(groups, alike), kBankSite).input()));
}

TEST(Graph, HasCallersOnOneSideAndBackendsOnTheOther) {
  Graph graph = graph_of(model(Sample(kTwoGroups, kBankSite).input()));
  std::string text;
  for (const Node& node : graph.nodes)
    text += fmt::format("{} {}\n", static_cast<int>(node.column), node.key);
  EXPECT_EQ(text,
            "0 controller\n0 submitter\n0 client\n0 ingress\n0 monitoring\n1 head\n1 workers\n"
            "2 outside/models\n2 dns\n");
  const Node& dns = *graph.find("dns");
  ASSERT_EQ(dns.inbound.size(), 1u);  // head and workers ask the same of it
  EXPECT_EQ(dns.inbound[0].from, (std::vector<std::string>{"head", "workers"}));
}

TEST(Graph, PutsARedisOfOursAmongThePods) {
  Graph graph = graph_of(model(Sample(kTwoGroups, kManagedSite).input()));
  EXPECT_EQ(graph.find("redis")->column, Column::ours);
  EXPECT_EQ(graph.find("redis")->inbound[0].encrypted(), "yes");
}

TEST(Graph, DrawsFewGroupsAloneAndManyAsStacksOfTheSame) {
  EXPECT_EQ(graph_with(8).stacks.size(), 8u);
  Graph many = graph_with(50);
  ASSERT_EQ(many.stacks.size(), 1u);
  EXPECT_EQ(many.stacks[0].groups.size(), 50u);
  EXPECT_EQ(many.stacks[0].pods, 100);
  Graph different = graph_with(20, false);
  EXPECT_EQ(different.stacks.size(), most_stacks);
  std::size_t groups = 0;
  for (const Stack& stack : different.stacks) groups += stack.groups.size();
  EXPECT_EQ(groups, 20u);
}

TEST(Graph, TellsPortsOfOneNameInOneLine) {
  Graph graph = graph_of(model(Sample(kTwoGroups, kBankSite).input()));
  const Node& workers = *graph.find("workers");
  for (const Inbound& inbound : workers.inbound) {
    if (inbound.from != std::vector<std::string>{"head"}) continue;
    auto line = std::ranges::find(inbound.lines, "object-manager", &PortLine::name);
    EXPECT_EQ(line->ports, (std::vector<std::string>{"8076", "9076"}));
    return;
  }
  FAIL() << "the head asks nothing of the workers";
}

TEST(Picture, IsNoLargerForFiftyGroupsThanForTwenty) {
  std::string twenty = picture(graph_with(20), "ray").take();
  std::string fifty = picture(graph_with(50), "ray").take();
  EXPECT_LT(fifty.size(), twenty.size() + 500);  // the names in the stack's title
}

TEST(Picture, OfACollectionOfEgressStaysBounded) {
  std::string site(kBankSite);
  for (int i = 0; i < 30; ++i)
    site += fmt::format(
        "  - name: e{0}\n    reason: r\n    to: [{{cidr: 10.40.{0}.0/24}}]\n    ports: [443]\n", i);
  Graph graph = graph_of(model(Sample(kTwoGroups, site).input()));
  auto outside = std::ranges::count_if(
      graph.nodes, [](const Node& node) { return node.key.starts_with("outside/"); });
  EXPECT_EQ(outside, static_cast<std::ptrdiff_t>(most_outside));
  EXPECT_NE(graph.find("outside/24 more destinations"), nullptr);
}

}  // namespace
}  // namespace raykeep::report
