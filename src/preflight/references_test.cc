#include "preflight/references.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "doc/base64.h"
#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;
using Kind = Reference::Kind;

TEST(References, AreThoseThatMustBeThere) {
  std::string yaml =
      spec::with(spec::kSmallCluster, "        - name: ray-worker\n", R"(          env:
          - {name: A, valueFrom: {secretKeyRef: {name: db, key: password}}}
          - {name: B, valueFrom: {secretKeyRef: {name: perhaps, key: x, optional: true}}}
          envFrom:
          - configMapRef: {name: settings}
          volumeMounts:
          - {name: data, mountPath: /data}
          - {name: files, mountPath: /files}
)");
  yaml = spec::with(yaml, "      metadata: {}\n      spec:\n", R"(        serviceAccountName: runner
        runtimeClassName: gvisor
        volumes:
        - {name: data, persistentVolumeClaim: {claimName: data}}
        - name: files
          projected: {sources: [{configMap: {name: files, items: [{key: a, path: a}]}}]}
)");
  std::string site = std::string(spec::kSmallSite) +
                     "  images: {pullSecrets: [pull]}\n  pods: {priorityClassName: high}\n";
  std::string text;
  for (const Reference& each : references_of(plan_of(yaml, site))) {
    text += to_string(each) + " [" + join({each.keys.begin(), each.keys.end()}, ",") + "]\n";
  }
  EXPECT_EQ(text, R"(Secret db [password]
ConfigMap files [a]
ConfigMap settings []
Secret pull []
ServiceAccount runner []
PersistentVolumeClaim data []
PriorityClass high []
RuntimeClass gvisor []
)");
}

TEST(References, AreJudgedByWhatIsThere) {
  Reference db{.kind = Kind::secret, .name = "db", .keys = {"password", "user"}};
  EXPECT_EQ(told(judge_reference(db, "bank", refusal(404, ""))), "RK6013 Secret db\n");
  EXPECT_EQ(told(judge_reference(db, "bank", refusal(403, "no"))), "RK6032 Secret db\n");
  EXPECT_EQ(told(judge_reference(db, "bank", answer("data: {user: YQ==}"))),
            "RK6014 Secret db, key password\n");
  EXPECT_EQ(
      told(judge_reference({.kind = Kind::service_account, .name = "a"}, "bank", refusal(404, ""))),
      "RK6011 ServiceAccount a\n");
  EXPECT_EQ(told(judge_reference({.kind = Kind::volume_claim, .name = "a"}, "bank",
                                 answer("status: {phase: Lost}"))),
            "RK6015 PersistentVolumeClaim a\n");
  EXPECT_EQ(
      told(judge_reference({.kind = Kind::storage_class, .name = "a"}, "bank", refusal(404, ""))),
      "RK6018 StorageClass a\n");
}

std::string pull_secret(std::string_view auths) {
  return "data: {.dockerconfigjson: " +
         doc::encode_base64("{\"auths\":" + std::string(auths) + "}") + "}";
}

TEST(PullSecrets, MustHaveACredentialForTheRegistry) {
  Reference pull{.kind = Kind::pull_secret, .name = "pull"};
  pull.registries = {"registry.bank.example", "docker.io"};
  EXPECT_EQ(told(judge_reference(pull, "bank", refusal(404, ""))), "RK6012 Secret pull\n");
  EXPECT_EQ(told(judge_reference(pull, "bank", answer("data: {user: YQ==}"))),
            "RK6012 Secret pull\n");
  EXPECT_EQ(told(judge_reference(pull, "bank",
                                 answer(pull_secret(R"({"other.example":{"auth":"c2VjcmV0"}})")))),
            "RK6012 Secret pull\n");
  for (const char* good :
       {R"({"https://registry.bank.example/v2/":{}})", R"({"https://index.docker.io/v1/":{}})"})
    EXPECT_EQ(told(judge_reference(pull, "bank", answer(pull_secret(good)))), "") << good;
}

TEST(PullSecrets, AreNeverPrinted) {
  Reference pull{.kind = Kind::pull_secret, .name = "pull"};
  pull.registries = {"registry.bank.example"};
  for (const Obstacle& each : judge_reference(
           pull, "bank",
           answer(pull_secret(R"({"other.example":{"auth":"c2VjcmV0","password":"hush"}})")))) {
    std::string all = each.about + each.what + each.why + each.send;
    EXPECT_FALSE(all.contains("c2VjcmV0") || all.contains("hush")) << all;
  }
}

TEST(Registry, IsTheHostOfAnImagesName) {
  EXPECT_EQ(registry_of("rayproject/ray:2"), "docker.io");
  EXPECT_EQ(registry_of("ray"), "docker.io");
  EXPECT_EQ(registry_of("localhost/ray"), "localhost");
  EXPECT_EQ(registry_of("r.bank.example:5000/a/b@sha256:0"), "r.bank.example:5000");
}

}  // namespace
}  // namespace raykeep::preflight
