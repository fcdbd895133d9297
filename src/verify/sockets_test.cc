#include "verify/sockets.h"

#include <gtest/gtest.h>

namespace raykeep::verify {
namespace {

using spec::Protocol;

// As /proc/net/tcp and tcp6 print them on a little-endian machine.
constexpr std::string_view tcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 00000000:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n"
    "   1: 0501F40A:18EB 0702F40A:C350 01 00000000:00000000 00:00000000 00000000  1000\n"
    "   2: 0501F40A:C351 0702F40A:1F8D 06 00000000:00000000 00:00000000 00000000  1000\n"
    "   3: 0501F40A:C352 0702F40A:1F90 02 00000000:00000000 00:00000000 00000000  1000\n"
    "   4: 0100007F:C353 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000\n"
    "   5: 0501F40A:C354 0501F40A:1F90 01 00000000:00000000 00:00000000 00000000  1000\n"
    "nonsense\n   6: xyz\n";
constexpr std::string_view tcp6 =
    "   0: 0000000000000000FFFF00000501F40A:18EB 0000000000000000FFFF00000902F40A:0050 01 0:0\n"
    "   1: 000000FD000000000000000001000000:1F90 000000FD000000000000000002000000:C350 01 0:0\n";

TEST(Sockets, AreReadFromTheKernelsTable) {
  std::vector<Socket> sockets = parse_sockets(tcp, Protocol::tcp);
  ASSERT_EQ(sockets.size(), 6u);
  EXPECT_EQ(sockets[1], (Socket{Protocol::tcp, "10.244.1.5", 6379, "10.244.2.7", 50000, 1}));
  EXPECT_EQ(parse_sockets(tcp6, Protocol::tcp)[0].remote, "10.244.2.9");
  EXPECT_EQ(parse_sockets(tcp6, Protocol::tcp)[1].remote, "fd00:0:0:0:0:0:0:2");
}

TEST(Sockets, AreToldByThePortThatWasCalled) {
  Seen seen;
  seen.add(parse_sockets(tcp, Protocol::tcp));
  seen.add(parse_sockets(tcp6, Protocol::tcp));
  EXPECT_EQ(seen.talks(),
            (std::vector<Talk>{{false, Protocol::tcp, "10.244.2.7", 8077, true},
                               {false, Protocol::tcp, "10.244.2.7", 8080, false},
                               {false, Protocol::tcp, "fd00:0:0:0:0:0:0:2", 50000, true},
                               {true, Protocol::tcp, "10.244.2.7", 6379, true},
                               {true, Protocol::tcp, "10.244.2.9", 6379, true}}));
}

TEST(Sockets, OneAnswerIsEnough) {
  Seen seen;
  Socket waiting{Protocol::tcp, "10.0.0.1", 40000, "10.0.0.2", 80, 2};
  seen.add({waiting});
  EXPECT_FALSE(seen.talks()[0].answered);
  waiting.state = 1;
  seen.add({waiting});
  EXPECT_TRUE(seen.talks()[0].answered);
}

TEST(Sockets, TravelAsJson) {
  Seen seen;
  seen.add(parse_sockets(tcp, Protocol::tcp));
  EXPECT_EQ(*parse_talks(doc::write_json(to_json(seen))), seen.talks());
  EXPECT_FALSE(parse_talks("{}"));
  EXPECT_FALSE(parse_talks(""));
}

}  // namespace
}  // namespace raykeep::verify
