#include "control/signing.h"

#include <gtest/gtest.h>

#include "control/testing.h"

namespace raykeep::control {
namespace {

doc::Value parsed(const std::string& text) { return *doc::parse_json(text); }

doc::Value review(const std::string& user, const std::string& pod, const std::string& uid) {
  std::string extra;
  if (!pod.empty())
    extra = R"(,"extra":{"authentication.kubernetes.io/pod-name":[")" + pod +
            R"("],"authentication.kubernetes.io/pod-uid":[")" + uid + R"("]})";
  return parsed(R"({"status":{"userInfo":{"username":")" + user + '"' + extra + "}}}");
}

const std::string kAccount = "system:serviceaccount:ray:default";

doc::Value head() {
  return parsed(R"({
    "metadata": {"name": "demo-head-0", "namespace": "ray", "uid": "u1", "labels": {
      "app.kubernetes.io/managed-by": "raykeep", "raykeep.io/cluster": "demo",
      "ray.io/is-ray-node": "yes", "ray.io/node-type": "head"}},
    "spec": {"serviceAccountName": "default"},
    "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}]}})");
}

TEST(Signing, KnowsTheCallerByWhatTheApiServerSays) {
  Result<Caller> caller = caller_of(review(kAccount, "demo-head-0", "u1"), "ray");
  ASSERT_TRUE(caller) << caller.error().text;
  EXPECT_EQ(caller->pod, "demo-head-0");
  EXPECT_EQ(caller->pod_uid, "u1");
  EXPECT_EQ(caller->service_account, "default");
}

TEST(Signing, RefusesTokensThatAreNoPodsOfThisNamespace) {
  struct {
    doc::Value review;
    std::string reason;
  } cases[] = {
      {parsed("{}"), "the token is \"\"'s, and not a service account's"},
      {review("alice", "", ""), "the token is \"alice\"'s, and not a service account's"},
      {review("system:node:n1", "", ""),
       "the token is \"system:node:n1\"'s, and not a service account's"},
      {review("system:serviceaccount:ray:default:x", "p", "u"),
       "the token is \"system:serviceaccount:ray:default:x\"'s, and not a service account's"},
      {review("system:serviceaccount:other:default", "p", "u"),
       "the token is of namespace \"other\", and this is ray"},
      {review(kAccount, "", ""), "the token of service account \"default\" is bound to no pod"},
  };
  for (const auto& each : cases) {
    Result<Caller> caller = caller_of(each.review, "ray");
    ASSERT_FALSE(caller) << each.reason;
    EXPECT_EQ(caller.error().text, each.reason);
  }
}

TEST(Signing, RefusesPodsThatAreNotTheCallers) {
  const Caller caller{"ray", "default", "demo-head-0", "u1"};
  EXPECT_EQ(refusal_of(caller, head(), "10.0.0.7"), std::nullopt);
  EXPECT_EQ(refusal_of(caller, head(), "::ffff:10.0.0.7"), std::nullopt);
  EXPECT_EQ(refusal_of(caller, head(), "fd00::7"), std::nullopt);
  using Change = void (*)(doc::Object&);
  struct {
    Change change;
    std::string peer, reason;
  } cases[] = {
      {[](doc::Object& pod) { pod["metadata"].get_object()["uid"] = "u2"; }, "10.0.0.7",
       "the token is bound to another pod of the name"},
      {[](doc::Object& pod) { pod["spec"].get_object()["serviceAccountName"] = "x"; }, "10.0.0.7",
       "runs as service account \"x\""},
      {[](doc::Object& pod) {
         pod["metadata"].get_object()["deletionTimestamp"] = "2026-11-27T12:00:00Z";
       },
       "10.0.0.7", "is being removed"},
      {[](doc::Object& pod) { pod["status"].get_object()["phase"] = "Failed"; }, "10.0.0.7",
       "has ended"},
      {[](doc::Object& pod) { pod["status"].get_object().erase("podIPs"); }, "10.0.0.7",
       "has no address yet"},
      {[](doc::Object& pod) { pod["metadata"].get_object().erase("labels"); }, "10.0.0.7",
       "is not a Ray node of Raykeep's"},
      {[](doc::Object&) {}, "10.0.0.8", "the request came from 10.0.0.8"},
      {[](doc::Object&) {}, "", "the request came from "},
  };
  for (const auto& each : cases) {
    doc::Value pod = head();
    each.change(pod.get_object());
    const auto refused = refusal_of(caller, pod, each.peer);
    ASSERT_TRUE(refused) << each.reason;
    EXPECT_NE(refused->find(each.reason), std::string::npos) << *refused;
  }
}

TEST(Signing, GivesANodeTheNamesOfItsServicesAlone) {
  EXPECT_EQ(names_of(head(), {"demo-head-svc"}, "cluster.local"),
            (pki::Names{{"localhost", "demo-head-0", "demo-head-svc", "demo-head-svc.ray",
                         "demo-head-svc.ray.svc", "demo-head-svc.ray.svc.cluster.local"},
                        {"10.0.0.7", "fd00::7", "127.0.0.1", "::1"}}));
  EXPECT_EQ(
      names_of(head(), {}, "cluster.local"),
      (pki::Names{{"localhost", "demo-head-0"}, {"10.0.0.7", "fd00::7", "127.0.0.1", "::1"}}));
}

TEST(Signing, RefusesRequestsForAnothersNames) {
  const pki::Names own = names_of(head(), {}, "cluster.local");
  EXPECT_EQ(excess_of({"demo-head-0", {}}, "demo-head-0", own), std::nullopt);
  EXPECT_EQ(excess_of({"", own}, "demo-head-0", own), std::nullopt);
  EXPECT_EQ(excess_of({"other", {}}, "demo-head-0", own),
            "it asks for the name \"other\", and is pod \"demo-head-0\"");
  EXPECT_EQ(excess_of({"", {{"demo-head-svc"}, {}}}, "demo-head-0", own),
            "it asks for the name \"demo-head-svc\", which is not pod \"demo-head-0\"'s");
  EXPECT_EQ(excess_of({"", {{}, {"10.0.0.8"}}}, "demo-head-0", own),
            "it asks for the address \"10.0.0.8\", which is not pod \"demo-head-0\"'s");
}

}  // namespace
}  // namespace raykeep::control
