#include "verify/mesh_proxy.h"

#include <gtest/gtest.h>

namespace raykeep::verify {
namespace {

using net::Fate;
using net::Spoken;

TEST(MeshProxy, IsFoundAsAContainerOrANativeSidecar) {
  auto has = [](const char* pod) { return has_sidecar(*doc::parse_json(pod)); };
  EXPECT_TRUE(has(R"({"spec":{"containers":[{"name":"ray"},{"name":"istio-proxy"}]}})"));
  EXPECT_TRUE(has(R"({"spec":{"initContainers":[{"name":"linkerd-proxy"}]}})"));
  EXPECT_FALSE(has(R"({"spec":{"containers":[{"name":"ray"}],"initContainers":[{"name":"a"}]}})"));
}

TEST(MeshProxy, OnlyAnAnswerShowsThatItPassed) {
  auto fate = [](Spoken spoken, bool wanted, Fate before = Fate::open) {
    return through_sidecar({.fate = before, .spoken = spoken}, wanted).fate;
  };
  EXPECT_EQ(fate(Spoken::answered, true), Fate::open);
  EXPECT_EQ(fate(Spoken::answered, false), Fate::open);
  EXPECT_EQ(fate(Spoken::silent, true), Fate::dropped);
  EXPECT_EQ(fate(Spoken::silent, false), Fate::dropped);
  EXPECT_EQ(fate(Spoken::reset, true), Fate::refused);
  EXPECT_EQ(fate(Spoken::reset, false), Fate::dropped);
  EXPECT_EQ(fate(Spoken::not_tried, false, Fate::refused), Fate::refused);
}

}  // namespace
}  // namespace raykeep::verify
