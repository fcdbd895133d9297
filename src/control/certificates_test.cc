#include "control/certificates.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "control/facts.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = *parse_time("2026-11-27T12:00:00Z");

doc::Value pod(std::chrono::seconds age, bool has_one = true) {
  return *doc::parse_json(fmt::format(
      R"({{"metadata":{{"name":"p"}},"spec":{{"volumes":[{{"name":"{}"}}]}},"status":{{"startTime":"{}"}}}})",
      has_one ? "raykeep-tls" : "tmp", time_text(kNow - age)));
}

Observed cluster(std::vector<doc::Value> pods) {
  Observed made;
  made.cluster = "demo";
  made.at = kNow;
  doc::Object data{
      {plan::document_key,
       "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: demo}\nspec:\n  "
       "headGroupSpec: {rayStartParams: {}, template: {spec: {containers: [{name: a, image: "
       "ray:1}]}}}\n"},
      {plan::site_key,
       "apiVersion: raykeep.io/v1\nkind: Site\nspec: {tls: {mode: native, certificateLifetime: "
       "24h}}\n"}};
  made.objects.push_back(doc::Object{{"kind", "ConfigMap"},
                                     {"metadata", doc::Object{{"name", plan::owner_name("demo")}}},
                                     {"data", std::move(data)}});
  made.pods = std::move(pods);
  return made;
}

TEST(Certificates, AreAsOldAsTheirPods) {
  using decide::Certificate;
  const CertificateTimes times{.lifetime = 24h, .renew_before = {}};
  EXPECT_EQ(certificate_of(pod(100h, false), times, kNow), Certificate::none);
  EXPECT_EQ(certificate_of(pod(15h), times, kNow), Certificate::fresh);
  EXPECT_EQ(certificate_of(pod(16h), times, kNow), Certificate::due);
  EXPECT_EQ(certificate_of(pod(20h), times, kNow), Certificate::urgent);
  EXPECT_EQ(certificate_of(pod(24h), times, kNow), Certificate::over);
  const CertificateTimes hurry{.lifetime = 24h, .renew_before = kNow - 1h};
  EXPECT_EQ(certificate_of(pod(2h), hurry, kNow), Certificate::due);
  EXPECT_EQ(certificate_of(pod(30min), hurry, kNow), Certificate::fresh);
}

TEST(Certificates, AreToldByTheOldestNode) {
  EXPECT_EQ(certificate_status(cluster({pod(1h, false)})).line, "");
  const CertificateStatus fresh = certificate_status(cluster({pod(1h), pod(4h), pod(0s)}));
  EXPECT_EQ(fresh.line, "3 nodes, the first ends in 20h");
  EXPECT_TRUE(fresh.warnings.empty());
}

TEST(Certificates, ThatEndAreExplained) {
  const CertificateStatus told = certificate_status(cluster({pod(25h), pod(21h), pod(1h)}));
  EXPECT_EQ(told.line, "3 nodes, the first ended 60m ago");
  ASSERT_EQ(told.warnings.size(), 2u);
  EXPECT_TRUE(told.warnings[0].starts_with("the certificates of 1 of 3 nodes have ended"));
  EXPECT_TRUE(told.warnings[1].starts_with("the certificates of 1 of 3 nodes end within 4h"));
}

}  // namespace
}  // namespace raykeep::control
