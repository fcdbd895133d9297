#include "spec/start_way.h"

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(StartWay, IsWhatTheCommandSays) {
  using enum StartWay;
  struct Case {
    std::vector<std::string> command, args;
    bool overwrites;
    StartWay expected;
  };
  const Case table[] = {
      {{}, {}, false, generated},
      {{"/prepare.sh"}, {"now"}, false, generated},
      {{}, {"--verbose"}, false, generated},
      {{"/bin/bash", "-c"}, {"ulimit -n 65536; ray start --head"}, false, users},
      {{"/bin/bash", "-c"}, {"ray start --head --block"}, false, unsupervised},
      {{}, {"ray start --head"}, false, unsupervised},  // the entrypoint is in the image
      {{"/start.sh"}, {}, true, users},
      {{"/bin/bash", "-c"}, {"$KUBERAY_GEN_RAY_START_CMD"}, true, users},
      {{"/bin/bash", "-c"}, {"$KUBERAY_GEN_RAY_START_CMD --block"}, true, unsupervised},
      {{}, {}, true, unsupervised},
  };
  for (const Case& each : table) {
    EXPECT_EQ(start_way(each.command, each.args, each.overwrites), each.expected)
        << joined_words(each.command, each.args) << each.overwrites;
  }
}

TEST(StartWay, JoinsWordsAsKubeRayDoes) {
  EXPECT_EQ(joined_words({"echo"}, {"a", "b"}), " echo  a  b ");
}

}  // namespace
}  // namespace raykeep::spec
