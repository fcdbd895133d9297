#include "kube/status.h"

#include <gtest/gtest.h>

#include "net/test_certificates.h"

namespace raykeep::kube {
namespace {

using FailureKind = Failure::Kind;

const Asked apply_pod{.doing = "apply",
                      .verb = "patch",
                      .object = "Pod ray/p",
                      .resource = "pods",
                      .group = "",
                      .ns = "ray"};

Config with_token() {
  Config config;
  config.server = "https://api:6443";
  config.context = "bank";
  config.user = "me";
  config.origin = "/home/me/.kube/config";
  config.token = Secret(std::string("t0psecret"));
  return config;
}

std::string text(int code, const std::string& message, const Config& config = with_token(),
                 const Asked& asked = apply_pod) {
  Status status{.code = code,
                .reason = "",
                .message = message,
                .kind = "pods",
                .name = "p",
                .uid = "",
                .causes = {}};
  return refusal(asked, status, config).what();
}

#define EXPECT_HAS(whole, part) EXPECT_TRUE((whole).contains(part)) << (whole)

TEST(Refusal, NamesTheKubeconfigEntryWhoseTokenIsRefused) {
  auto said = text(401, "Unauthorized");
  EXPECT_HAS(said,
             "apply Pod ray/p: the token of user \"me\" of context \"bank\" "
             "(/home/me/.kube/config) is not accepted");
  EXPECT_FALSE(said.contains("t0psecret"));
}

TEST(Refusal, NamesTheDayOnWhichOurCertificateExpired) {
  auto config = with_token();
  config.token = {};
  config.client_certificate_pem =
      net::testing::make_certificate({.names = {}, .valid_from_days = -3, .valid_until_days = -1})
          .certificate_pem;
  EXPECT_HAS(text(401, "Unauthorized", config), "expired on 20");
}

TEST(Refusal, SaysThatThereIsNoCredential) {
  auto config = with_token();
  config.token = {};
  EXPECT_HAS(text(401, "Unauthorized", config), "has no credential");
}

TEST(Refusal, SaysWhichRightToAskFor) {
  Asked asked{.doing = "list",
              .verb = "list",
              .object = "roles in namespace ray",
              .resource = "roles",
              .group = "rbac.authorization.k8s.io",
              .ns = "ray"};
  auto said = text(403, "roles.rbac is forbidden: User \"me\" cannot list resource \"roles\"",
                   with_token(), asked);
  EXPECT_HAS(said, "User \"me\" cannot list resource \"roles\"");
  EXPECT_HAS(said,
             "ask for a RoleBinding in namespace ray that allows: verb \"list\", resource "
             "\"roles\", API group \"rbac.authorization.k8s.io\"");
}

TEST(Refusal, SaysWhatPodSecurityAndQuotaWant) {
  EXPECT_HAS(text(403,
                  "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": "
                  "runAsNonRoot != true"),
             "runAsNonRoot != true; the namespace's Pod Security standard refuses");
  EXPECT_HAS(text(403,
                  "pods \"p\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=9, "
                  "limited: pods=9"),
             "ask for a larger ResourceQuota in namespace ray");
}

TEST(Refusal, ListsTheFieldsThatAreInvalid) {
  Status status{.code = 422,
                .reason = "Invalid",
                .message = "long text",
                .kind = "pods",
                .name = "p",
                .uid = "",
                .causes = {{"FieldValueInvalid", "Invalid value: -1", "spec.replicas"},
                           {"FieldValueRequired", "Required value", "spec.selector"}}};
  auto failure = refusal(apply_pod, status, with_token());
  EXPECT_EQ(failure.kind(), FailureKind::invalid);
  EXPECT_EQ(
      std::string(failure.what()),
      "apply Pod ray/p: invalid: spec.replicas: Invalid value: -1; spec.selector: Required value");
}

TEST(Refusal, NamesAMissingNamespace) {
  Status status{.code = 404,
                .reason = "NotFound",
                .message = "x",
                .kind = "namespaces",
                .name = "rai",
                .uid = "",
                .causes = {}};
  EXPECT_HAS(std::string(refusal(apply_pod, status, with_token()).what()),
             "namespace \"rai\" does not exist");
}

TEST(Refusal, HasTheKindThatTellsTheCatcherWhatToDo) {
  const std::pair<int, FailureKind> cases[] = {
      {400, FailureKind::invalid},    {401, FailureKind::denied},
      {403, FailureKind::denied},     {404, FailureKind::invalid},
      {409, FailureKind::invalid},    {413, FailureKind::invalid},
      {422, FailureKind::invalid},    {429, FailureKind::overloaded},
      {500, FailureKind::overloaded}, {503, FailureKind::overloaded},
      {302, FailureKind::invalid},
  };
  for (auto [code, kind] : cases) {
    Status status{.code = code,
                  .reason = "",
                  .message = "m",
                  .kind = "",
                  .name = "n",
                  .uid = "",
                  .causes = {}};
    EXPECT_EQ(refusal(apply_pod, status, with_token()).kind(), kind) << code;
  }
}

TEST(Refusal, DoesNotLetTheServerWriteToTheTerminal) {
  EXPECT_FALSE(text(400, "a\x1b[31mb\nc").contains('\x1b'));
  EXPECT_FALSE(text(400, "a\x1b[31mb\nc").contains('\n'));
}

TEST(ReadStatus, TakesTheBeginningOfWhatIsNoStatus) {
  auto status = read_status(502, "<html>" + std::string(10'000, 'x'));
  EXPECT_EQ(status.code, 502);
  EXPECT_HAS(status.message, "<html>");
  EXPECT_LT(status.message.size(), 300u);
}

}  // namespace
}  // namespace raykeep::kube
