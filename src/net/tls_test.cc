#include "net/tls.h"

#include <gtest/gtest.h>

#include "net/certificate.h"
#include "net/http_client.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"
#include "net/test_certificates.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

const KeyAndCertificate& ca() {
  static const auto made = make_certificate({.common_name = "test-ca", .names = {}, .is_ca = true});
  return made;
}

KeyAndCertificate server_certificate(CertificateWish wish = {
                                         .names = {"IP:127.0.0.1", "DNS:localhost"}}) {
  return make_certificate(wish, &ca());
}

TlsOptions trusting() {
  return {.ca_pem = ca().certificate_pem, .ca_origin = "ca of cluster \"c\" (FILE:3:5)"};
}

/// One HTTPS request to a server with that certificate; the answer's body, or the Failure's kind
/// and text.
struct Outcome {
  std::string body;
  std::optional<Kind> kind;
  std::string text;
};

Outcome ask(const KeyAndCertificate& certificate, TlsOptions options,
            const std::string& client_ca = "", const std::string& host = "127.0.0.1") {
  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server(loop.get_executor(),
                        {{{.answer = http_answer(200, "secure"), .bytewise = true}}},
                        {certificate.certificate_pem, certificate.key_pem, client_ca});
  auto url = *parse_url("https://" + host + ":" + std::to_string(server.port()));
  try {
    HttpClient client(loop.get_executor(), {.server = url, .tls = std::move(options), .proxy = {}},
                      clock);
    return {run_until_done(loop, client.send({.target = "/"}, 100, ample(clock))).body,
            std::nullopt, ""};
  } catch (const Failure& failure) {
    return {"", failure.kind(), failure.what()};
  }
}

#define EXPECT_HAS(text, part) EXPECT_TRUE((text).contains(part)) << (text)

TEST(Tls, AcceptsACertificateForTheAddressFromAKnownCa) {
  auto outcome = ask(server_certificate(), trusting());
  EXPECT_EQ(outcome.body, "secure") << outcome.text;
}

TEST(Tls, AcceptsACertificateForTheName) {
  auto outcome = ask(server_certificate(), trusting(), "", "localhost");
  EXPECT_EQ(outcome.body, "secure") << outcome.text;
}

TEST(Tls, ChecksTlsServerNameInsteadOfTheHostWhenItIsSet) {
  auto certificate = server_certificate({.names = {"DNS:kubernetes.default"}});
  auto options = trusting();
  options.server_name = "kubernetes.default";
  EXPECT_EQ(ask(certificate, options).body, "secure");
}

TEST(Tls, NamesTheNamesOfACertificateForAnother) {
  auto outcome =
      ask(server_certificate({.names = {"DNS:kubernetes.default", "IP:10.96.0.1"}}), trusting());
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "not for \"127.0.0.1\"");
  EXPECT_HAS(outcome.text, "kubernetes.default, 10.96.0.1");
}

TEST(Tls, DoesNotTakeTheCommonNameForAName) {
  auto certificate = server_certificate({.common_name = "localhost", .names = {}});
  auto outcome = ask(certificate, trusting(), "", "localhost");
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "no name at all");
}

TEST(Tls, NamesTheDayOnWhichACertificateExpired) {
  auto certificate = server_certificate(
      {.names = {"IP:127.0.0.1"}, .valid_from_days = -9, .valid_until_days = -2});
  auto outcome = ask(certificate, trusting());
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text,
             "expired on " + to_date(read_certificate(certificate.certificate_pem)->not_after));
}

TEST(Tls, NamesTheDayFromWhichACertificateIsValid) {
  auto certificate =
      server_certificate({.names = {"IP:127.0.0.1"}, .valid_from_days = 3, .valid_until_days = 9});
  auto outcome = ask(certificate, trusting());
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "valid only from");
}

TEST(Tls, NamesTheCaFileThatDoesNotKnowTheIssuer) {
  auto other = make_certificate({.common_name = "other-ca", .names = {}, .is_ca = true});
  auto outcome = ask(make_certificate({.names = {"IP:127.0.0.1"}}, &other), trusting());
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "other-ca");
  EXPECT_HAS(outcome.text, "FILE:3:5");
}

TEST(Tls, RefusesASelfSignedCertificate) {
  EXPECT_EQ(ask(make_certificate({.names = {"IP:127.0.0.1"}}), trusting()).kind, Kind::denied);
}

TEST(Tls, RefusesAClientsCertificateFromAServer) {
  auto outcome =
      ask(server_certificate({.names = {"IP:127.0.0.1"}, .for_clients = true}), trusting());
  EXPECT_EQ(outcome.kind, Kind::denied);
}

TEST(Tls, ChecksNothingWhenToldSo) {
  auto options = trusting();
  options.verify = false;
  EXPECT_EQ(ask(make_certificate({.names = {"DNS:x"}, .valid_until_days = 0}), options).body,
            "secure");
}

TEST(Tls, ShowsAClientCertificate) {
  auto identity = make_certificate({.common_name = "me", .names = {}, .for_clients = true}, &ca());
  auto options = trusting();
  options.client_certificate_pem = identity.certificate_pem;
  options.client_key_pem = Secret(identity.key_pem);
  EXPECT_EQ(ask(server_certificate(), options, ca().certificate_pem).body, "secure");
}

TEST(Tls, SaysThatTheServerWantsACertificate) {
  auto outcome = ask(server_certificate(), trusting(), ca().certificate_pem);
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "none is configured");
}

TEST(Tls, SaysWhichOfOurCertificatesTheServerRefusesAndThatItExpired) {
  auto identity = make_certificate({.common_name = "me",
                                    .names = {},
                                    .valid_from_days = -9,
                                    .valid_until_days = -1,
                                    .for_clients = true},
                                   &ca());
  auto options = trusting();
  options.client_certificate_pem = identity.certificate_pem;
  options.client_key_pem = Secret(identity.key_pem);
  auto outcome = ask(server_certificate(), options, ca().certificate_pem);
  EXPECT_EQ(outcome.kind, Kind::denied);
  EXPECT_HAS(outcome.text, "CN=me");
  EXPECT_HAS(outcome.text, "expired on");
}

TEST(Tls, SaysThatThePeerDoesNotSpeakIt) {
  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server(loop.get_executor(),
                        {{}});  // waits for an HTTP request, never answers a handshake
  auto url = *parse_url("https://127.0.0.1:" + std::to_string(server.port()));
  HttpClient client(loop.get_executor(), {.server = url, .tls = trusting(), .proxy = {}}, clock);
  auto failure = failure_of(loop, client.send({.target = "/"}, 100, near(clock)));
  EXPECT_HAS(std::string(failure.what()), "TLS handshake");
}

TEST(TlsContext, RefusesMaterialThatCannotBeUsed) {
  auto one = make_certificate({});
  auto two = make_certificate({});
  const std::pair<TlsOptions, std::string> cases[] = {
      {{.ca_pem = "no pem", .ca_origin = "FILE"}, "FILE: no certificate"},
      {{.client_certificate_pem = "no pem", .client_key_pem = Secret(one.key_pem)}, "not PEM"},
      {{.client_certificate_pem = one.certificate_pem,
        .client_key_pem = Secret(std::string("junk"))},
       "client key"},
      {{.client_certificate_pem = one.certificate_pem, .client_key_pem = Secret(two.key_pem)},
       "do not belong together"},
  };
  for (const auto& [options, part] : cases) {
    try {
      TlsContext context(options);
      ADD_FAILURE() << "accepted: " << part;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::invalid);
      EXPECT_HAS(std::string(failure.what()), part);
    }
  }
}

TEST(Certificate, ShowsItsFacts) {
  auto made = make_certificate({.common_name = "x", .names = {"DNS:a.b", "IP:::1"}}, &ca());
  auto facts = read_certificate(made.certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject, "CN=x");
  EXPECT_EQ(facts->issuer, "CN=test-ca");
  EXPECT_EQ(facts->names, (std::vector<std::string>{"a.b", "::1"}));
  EXPECT_FALSE(read_certificate("nothing"));
}

TEST(Certificate, WritesDatesInUtc) {
  EXPECT_EQ(to_date(std::chrono::system_clock::from_time_t(1'740'830'400)), "2025-03-01 12:00 UTC");
}

}  // namespace
}  // namespace raykeep::net
