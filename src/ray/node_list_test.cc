#include "ray/node_list.h"

#include "gcs.pb.h"

namespace raykeep::ray {
namespace {

namespace rpc = ::ray::rpc;

const std::string id_a(28, '\xab'), id_b(28, '\x01');

std::string reply_with(const std::vector<rpc::GcsNodeInfo>& nodes) {
  rpc::GetAllNodeInfoReply reply;
  for (const auto& node : nodes) *reply.add_node_info_list() = node;
  return reply.SerializeAsString();
}

rpc::GcsNodeInfo info(std::string id, std::string address, rpc::GcsNodeInfo::GcsNodeState state) {
  rpc::GcsNodeInfo out;
  out.set_node_id(id);
  out.set_node_manager_address(address);
  out.set_node_manager_port(8077);
  out.set_state(state);
  return out;
}

TEST(NodeList, ReadsWhatTheGcsTells) {
  auto node = info(id_a, "10.0.0.1", rpc::GcsNodeInfo::ALIVE);
  node.set_node_name("head");
  node.set_is_head_node(true);
  node.set_start_time_ms(1000);
  node.mutable_state_snapshot()->set_state(rpc::NodeSnapshot::DRAINING);
  auto nodes = parse_nodes(reply_with({node}), {});
  ASSERT_TRUE(nodes && nodes->size() == 1);
  std::string hex;
  for (int i = 0; i < 28; ++i) hex += "ab";
  EXPECT_EQ(nodes->front(), (Node{.id = hex,
                                  .address = "10.0.0.1",
                                  .name = "head",
                                  .node_manager_port = 8077,
                                  .alive = true,
                                  .is_head = true,
                                  .draining = true,
                                  .started_ms = 1000}));
}

TEST(NodeList, SaysWhyANodeIsDead) {
  struct Case {
    rpc::NodeDeathInfo::Reason reason;
    const char* message;
    const char* text;
  };
  const Case cases[] = {
      {rpc::NodeDeathInfo::UNSPECIFIED, "", ""},
      {rpc::NodeDeathInfo::UNSPECIFIED, "why", "why"},
      {rpc::NodeDeathInfo::EXPECTED_TERMINATION, "received SIGTERM", "expected: received SIGTERM"},
      {rpc::NodeDeathInfo::UNEXPECTED_TERMINATION, "health check failed",
       "unexpected: health check failed"},
      {rpc::NodeDeathInfo::AUTOSCALER_DRAIN_PREEMPTED, "", "drained"},
      {rpc::NodeDeathInfo::AUTOSCALER_DRAIN_IDLE, "x", "drained while idle: x"},
      {rpc::NodeDeathInfo::EXPECTED_TERMINATION, "two\nlines\x1b[2J", "expected: two"},
  };
  for (const auto& c : cases) {
    auto node = info(id_a, "10.0.0.1", rpc::GcsNodeInfo::DEAD);
    node.mutable_state_snapshot()->set_state(rpc::NodeSnapshot::DRAINING);
    node.mutable_death_info()->set_reason(c.reason);
    node.mutable_death_info()->set_reason_message(c.message);
    auto nodes = parse_nodes(reply_with({node}), {});
    ASSERT_TRUE(nodes && nodes->size() == 1);
    EXPECT_TRUE(nodes->front().death_text.starts_with(c.text)) << nodes->front().death_text;
    EXPECT_FALSE(nodes->front().death_text.contains('\n')) << nodes->front().death_text;
    EXPECT_FALSE(nodes->front().death_text.contains('\x1b')) << nodes->front().death_text;
    EXPECT_FALSE(nodes->front().draining);
    EXPECT_FALSE(nodes->front().alive);
  }
}

TEST(NodeList, FiltersByItselfBecauseOldServersSendEverything) {
  auto reply = reply_with({info(id_a, "10.0.0.1", rpc::GcsNodeInfo::ALIVE),
                           info(id_b, "10.0.0.1", rpc::GcsNodeInfo::DEAD),
                           info(id_b, "10.0.0.2", rpc::GcsNodeInfo::ALIVE)});
  EXPECT_EQ(parse_nodes(reply, {})->size(), 3u);
  EXPECT_EQ(parse_nodes(reply, {.address = "10.0.0.1"})->size(), 2u);
  EXPECT_EQ(parse_nodes(reply, {.alive_only = true})->size(), 2u);
  EXPECT_EQ(parse_nodes(reply, {.address = "10.0.0.1", .alive_only = true})->size(), 1u);
  EXPECT_EQ(parse_nodes(reply, {.address = "10.0.0.3"})->size(), 0u);
}

TEST(NodeList, RefusesGarbageAndRefusals) {
  EXPECT_FALSE(parse_nodes("\xff\xff\xff", {}));
  EXPECT_TRUE(parse_nodes("", {}));  // no field is a list without nodes
  rpc::GetAllNodeInfoReply reply;
  reply.mutable_status()->set_code(5);
  reply.mutable_status()->set_message("not now");
  auto refused = parse_nodes(reply.SerializeAsString(), {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().text.contains("not now")) << refused.error().text;
}

TEST(NodeList, SurvivesEveryCutOfARealReply) {
  auto node = info(id_a, "10.0.0.1", rpc::GcsNodeInfo::DEAD);
  node.mutable_death_info()->set_reason_message("why");
  auto reply = reply_with({node, node});
  int whole = 0;
  for (std::size_t length = 0; length <= reply.size(); ++length) {
    auto nodes = parse_nodes(reply.substr(0, length), {});
    whole += nodes && nodes->size() == 2;
  }
  EXPECT_EQ(whole, 1);
}

TEST(NodeIds, GoFromHexToBytesAndBack) {
  std::string hex = "812da2a94af3bbe49903057713c136e7fbaddf9ce28a6181d368557b";
  auto binary = to_binary_id(hex);
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->size(), 28u);
  EXPECT_EQ(to_hex_id(*binary), hex);
}

TEST(NodeIds, OfAnyOtherFormAreNotSent) {
  std::string hex(56, 'a');
  EXPECT_TRUE(to_binary_id(hex));
  for (const auto& bad : {std::string(), std::string("ab"), std::string(54, 'a'),
                          std::string(58, 'a'), std::string(55, 'a'), hex.substr(0, 55) + "g",
                          hex.substr(0, 55) + "A", "x" + hex.substr(1)}) {
    EXPECT_FALSE(to_binary_id(bad)) << bad;
  }
}

TEST(NewestNode, IsTheLastStartedAtThatAddressAndPort) {
  auto node = [](std::string id, std::string address, int port, bool alive, std::int64_t started) {
    return Node{.id = id,
                .address = address,
                .node_manager_port = port,
                .alive = alive,
                .started_ms = started};
  };
  std::vector<Node> nodes = {
      node("old", "10.0.0.1", 8077, false, 100), node("new", "10.0.0.1", 8077, false, 200),
      node("other port", "10.0.0.1", 9077, true, 300), node("other", "10.0.0.2", 8077, true, 50)};
  EXPECT_EQ(find_newest(nodes, "10.0.0.1", 8077)->id, "new");
  EXPECT_EQ(find_newest(nodes, "10.0.0.2", 8077)->id, "other");
  EXPECT_FALSE(find_newest(nodes, "10.0.0.3", 8077));
  EXPECT_FALSE(find_newest({}, "10.0.0.1", 8077));
  // Started within one millisecond: the living one is the newer one.
  nodes = {node("living", "a", 1, true, 7), node("dead", "a", 1, false, 7)};
  EXPECT_EQ(find_newest(nodes, "a", 1)->id, "living");
}

TEST(RayVersion, TellsWhetherCheckAliveAsksByNodeId) {
  for (const char* old : {"2.41.0", "2.48.0", "2.9", "1.13.0", "2.48.0rc1"}) {
    EXPECT_FALSE(checks_by_node_id(old)) << old;
  }
  for (const char* modern :
       {"2.49.0", "2.49.2", "2.50.1", "2.60.0", "3.0.0.dev0", "10.1", "main", "", "2.", "2"}) {
    EXPECT_TRUE(checks_by_node_id(modern)) << modern;
  }
}

}  // namespace
}  // namespace raykeep::ray
