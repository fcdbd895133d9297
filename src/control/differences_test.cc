#include "control/differences.h"

#include <gtest/gtest.h>

#include "control/testing.h"

namespace raykeep::control {
namespace {

doc::Value of(std::string_view yaml) { return comparable(testing::objects(yaml)[0]); }

TEST(Differences, DoNotCountWhatTheServerKeepsForItself) {
  doc::Value live =
      of("kind: Service\nmetadata: {name: a, uid: u, resourceVersion: '7', generation: 2, "
         "creationTimestamp: x, managedFields: []}\nstatus: {a: 1}\n");
  EXPECT_EQ(doc::write_json(live), R"({"kind":"Service","metadata":{"name":"a"}})");
}

TEST(Differences, ShowThatASecretChangedButNotItsValue) {
  doc::Value one = of("kind: Secret\ndata: {auth_token: aGVsbG8=}\n");
  doc::Value other = of("kind: Secret\ndata: {auth_token: aGVsbGE=}\n");
  EXPECT_FALSE(doc::diff(one, other).empty());
  EXPECT_TRUE(doc::diff(one, of("kind: Secret\ndata: {auth_token: aGVsbG8=}\n")).empty());
  EXPECT_EQ(doc::write_json(one).find("aGVsbG8"), std::string::npos);
}

}  // namespace
}  // namespace raykeep::control
