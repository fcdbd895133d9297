#include "node/connections.h"

#include <gtest/gtest.h>

namespace raykeep::node {
namespace {

TEST(Connections, AreCountedByPortWhereSomebodyElseIsConnected) {
  const char* text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
      "   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n"
      "   1: 0C02F40A:1F40 7B01F40A:D2F0 01 00000000:00000000 00:00000000 00000000  1000\n"
      "   2: 0100007F:1F40 0100007F:D2F2 01 00000000:00000000 00:00000000 00000000  1000\n"
      "   3: 0C02F40A:1F40 7B01F40A:D2F4 06 00000000:00000000 00:00000000 00000000  1000\n"
      "   4: 0C02F40A:2050 7B01F40A:D2F6 01 00000000:00000000 00:00000000 00000000  1000\n";
  EXPECT_EQ(connections_to(8000, text), 1);
  EXPECT_EQ(connections_to(8272, text), 1);
  EXPECT_EQ(connections_to(8001, text), 0);
  const char* six =
      "   1: 0000000000000000FFFF00000C02F40A:1F40 0000000000000000FFFF00007B01F40A:D2F0 01 0\n"
      "   2: 0000000000000000FFFF00000100007F:1F40 0000000000000000FFFF00000100007F:D2F0 01 0\n"
      "   3: 00000000000000000000000001000000:1F40 00000000000000000000000001000000:D2F0 01 0\n";
  EXPECT_EQ(connections_to(8000, six), 1);
  EXPECT_EQ(connections_to(8000, ""), 0);
  EXPECT_EQ(connections_to(8000, "1: x"), 0);
}

}  // namespace
}  // namespace raykeep::node
