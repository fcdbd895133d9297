#include "verify/target.h"

#include <gtest/gtest.h>

namespace raykeep::verify {
namespace {

using spec::Protocol;

TEST(Target, ManyPortsOfOneHostAreOneWord) {
  std::vector<Target> targets = {{Protocol::tcp, "10.0.0.1", 8077},
                                 {Protocol::tcp, "fd00::1", 1},
                                 {Protocol::tcp, "10.0.0.1", 6379},
                                 {Protocol::udp, "", 53},
                                 {Protocol::tcp, "10.0.0.1", 6379}};
  EXPECT_EQ(words_of(targets),
            (std::vector<std::string>{"tcp/10.0.0.1:6379,8077", "tcp/[fd00::1]:1", "udp/dns:53"}));
}

TEST(Target, WordsAreReadBack) {
  EXPECT_EQ(*parse_targets("tcp/10.0.0.1:1,3-4"),
            (std::vector<Target>{{Protocol::tcp, "10.0.0.1", 1},
                                 {Protocol::tcp, "10.0.0.1", 3},
                                 {Protocol::tcp, "10.0.0.1", 4}}));
  EXPECT_EQ(*parse_targets("udp/[fd00::1]:53"),
            (std::vector<Target>{{Protocol::udp, "fd00::1", 53}}));
  EXPECT_EQ(*parse_targets("udp/dns:53"), (std::vector<Target>{{Protocol::udp, "", 53}}));
}

TEST(Target, NonsenseIsRefused) {
  for (const char* word : {"", "tcp", "tcp/", "tcp/10.0.0.1", "tcp/10.0.0.1:", "tcp/:80",
                           "tcp/10.0.0.1:0", "tcp/10.0.0.1:65536", "tcp/10.0.0.1:9-8",
                           "sctp/10.0.0.1:80", "tcp/10.0.0.1:80,", "tcp/10.0.0.1:1-5000"})
    EXPECT_FALSE(parse_targets(word)) << word;
}

}  // namespace
}  // namespace raykeep::verify
