#include "verify/tls_verdict.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "net/test_certificates.h"
#include "verify/planned.h"

namespace raykeep::verify {
namespace {

using net::Reception;
using net::testing::CertificateWish;
using net::testing::KeyAndCertificate;
using net::testing::make_certificate;

/// A head and one worker, whose GCS and Serve are tried and as they should be.
struct World {
  testing::Planned planned = testing::planned();
  KeyAndCertificate ca = make_certificate({.common_name = "raykeep-ca", .is_ca = true});
  std::vector<Place> places = places_of({testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                                         testing::pod("a", "worker", "cpu", "10.1.0.2")},
                                        "demo");
  TlsMatrix made = {};
  TlsOutcomes outcomes = {};
  std::optional<std::string> authority = ca.certificate_pem;
  std::string no_expired = {};
  std::map<std::size_t, std::string> not_run = {};

  explicit World(Guard guard = Guard::mutual) {
    const bool mutual = guard != Guard::server;
    made.tries.push_back({.from = 1,
                          .to = 0,
                          .target = {net::Words::http2, "10.1.0.1", 6379},
                          .guard = guard,
                          .encryption = guard == Guard::mesh ? "mutual TLS (mesh)"
                                        : mutual             ? "mutual TLS (Ray)"
                                                             : "TLS (agent)",
                          .port_name = "gcs-server",
                          .flows = {"worker(cpu)->head gcs-server"}});
    for (Offer offer : {Offer::plaintext, Offer::no_certificate, Offer::foreign, Offer::expired,
                        Offer::old_1_0, Offer::old_1_1, Offer::own})
      set(offer, Reception::refused);
    if (guard == Guard::mutual) set(Offer::own, Reception::taken);
    if (guard == Guard::server) set(Offer::no_certificate, Reception::taken);
    show({.names = {"IP:10.1.0.1", "DNS:demo-head-svc.test.svc",
                    "DNS:demo-head-svc.test.svc.cluster.local"},
          .valid_until_days = 30});
  }

  net::TlsAttempt& at(Offer offer) { return outcomes[0][offer]; }
  void set(Offer offer, Reception response) { at(offer).response = response; }
  void show(const CertificateWish& wish) { show(make_certificate(wish, &ca)); }
  void show(const KeyAndCertificate& certificate) {
    for (auto& [offer, attempt] : outcomes[0]) attempt.chain_pem = certificate.certificate_pem;
  }

  Verification judged() {
    planned.plan.ns = "test";
    Verification result;
    judge_tls({.plan = planned.plan,
               .site = planned.site,
               .places = places,
               .matrix = made,
               .outcomes = outcomes,
               .not_run = not_run,
               .authority_pem = authority,
               .no_expired = no_expired,
               .now = std::chrono::system_clock::now()},
              result);
    return result;
  }

  std::string codes() {
    std::string text;
    for (const Fault& fault : judged().faults) text += (text.empty() ? "" : " ") + fault.code;
    return text;
  }
};

TEST(TlsJudge, IsContentWhenAllIsAsItShouldBe) {
  for (Guard guard : {Guard::mutual, Guard::server, Guard::mesh}) {
    World world(guard);
    const Verification result = world.judged();
    EXPECT_EQ(world.codes(), "");
    ASSERT_EQ(result.tls.size(), 1u);
    EXPECT_EQ(result.tls[0].result, "encrypted");
    EXPECT_EQ(result.tls[0].note, "");
    EXPECT_TRUE(result.good());
  }
}

TEST(TlsJudge, NamesWhatWasLetIn) {
  const std::pair<Offer, const char*> cases[] = {
      {Offer::plaintext, "RK7010"}, {Offer::no_certificate, "RK7017"}, {Offer::foreign, "RK7018"},
      {Offer::expired, "RK7019"},   {Offer::old_1_0, "RK7020"},        {Offer::old_1_1, "RK7020"}};
  for (const auto& [offer, code] : cases) {
    World world;
    world.set(offer, Reception::taken);
    EXPECT_EQ(world.codes(), code) << to_string(offer);
    const Verification result = world.judged();
    EXPECT_FALSE(result.good());
    EXPECT_EQ(result.tls[0].result, "faulty");
    EXPECT_EQ(result.faults[0].object, "demo-head-0:6379 gcs-server");
  }
}

TEST(TlsJudge, WhoAsksForNoCertificateIsOneFault) {
  World world;
  for (Offer offer : {Offer::no_certificate, Offer::foreign, Offer::expired})
    world.set(offer, Reception::taken);
  EXPECT_EQ(world.codes(), "RK7017");
}

TEST(TlsJudge, APortInTheClearIsOneFault) {
  World world;
  for (auto& [offer, attempt] : world.outcomes[0]) attempt.response = Reception::not_tls;
  world.set(Offer::plaintext, Reception::taken);
  EXPECT_EQ(world.codes(), "RK7010");
}

TEST(TlsJudge, AsksOfAServersCertificateOnlyWhatItOwes) {
  World world(Guard::server);
  world.set(Offer::foreign, Reception::taken);
  world.set(Offer::expired, Reception::taken);
  EXPECT_EQ(world.codes(), "");
  // What lies behind the listener is down; TLS itself was done.
  world.set(Offer::no_certificate, Reception::refused);
  EXPECT_EQ(world.codes(), "RK7026");
  world.at(Offer::no_certificate).shaken = true;
  EXPECT_EQ(world.codes(), "");
}

TEST(TlsJudge, NamesWhatIsWrongWithTheServersCertificate) {
  const CertificateWish good{.names = {"IP:10.1.0.1", "DNS:demo-head-svc.test.svc",
                                       "DNS:demo-head-svc.test.svc.cluster.local"},
                             .valid_until_days = 30};
  auto with = [&](auto change) {
    CertificateWish wish = good;
    change(wish);
    World world;
    world.show(wish);
    return world.codes();
  };
  EXPECT_EQ(with([](CertificateWish&) {}), "");
  EXPECT_EQ(with([](CertificateWish& w) { w.names[0] = "IP:10.1.0.7"; }), "RK7022");
  EXPECT_EQ(with([](CertificateWish& w) { w.names.pop_back(); }), "RK7022");
  EXPECT_EQ(with([](CertificateWish& w) {
              w.common_name = "10.1.0.1";
              w.names.clear();
            }),
            "RK7022");
  EXPECT_EQ(with([](CertificateWish& w) {
              w.valid_from_days = -9;
              w.valid_until_days = -1;
            }),
            "RK7023");
  EXPECT_EQ(with([](CertificateWish& w) { w.valid_from_days = 1; }), "RK7023");
  EXPECT_EQ(with([](CertificateWish& w) { w.valid_from_days = -200; }), "RK7024");
  EXPECT_EQ(with([](CertificateWish& w) { w.rsa_bits = 1024; }), "RK7025");
  World foreign;
  const KeyAndCertificate other = make_certificate({.common_name = "raykeep-ca", .is_ca = true});
  foreign.show(make_certificate(good, &other));
  EXPECT_EQ(foreign.codes(), "RK7021");
}

TEST(TlsJudge, LeavesNamesAndAuthorityOfTheSitesOwnCertificateToTheSite) {
  World world(Guard::server);
  const KeyAndCertificate other = make_certificate({.common_name = "bank", .is_ca = true});
  world.show(make_certificate({.names = {"DNS:ray.bank.example"}}, &other));
  world.made.tries[0].port_name = "https-serve";
  EXPECT_EQ(world.codes(), "RK7021 RK7022");
  world.planned.site.tls_http_secret = "ray-outside";
  EXPECT_EQ(world.codes(), "");
  world.made.tries[0].port_name = "https-metrics";
  EXPECT_EQ(world.codes(), "RK7021 RK7022");
}

TEST(TlsJudge, ACertificateThatEndsSoonIsAWarning) {
  World world;
  world.show({.names = {"IP:10.1.0.1", "DNS:demo-head-svc.test.svc",
                        "DNS:demo-head-svc.test.svc.cluster.local"},
              .valid_from_days = -29,
              .valid_until_days = 1});
  EXPECT_EQ(world.codes(), "RK7024");
  EXPECT_TRUE(world.judged().good());
}

TEST(TlsJudge, NamesANodeThatIsNotLetIn) {
  World world;
  world.set(Offer::own, Reception::refused);
  EXPECT_EQ(world.codes(), "RK7026");
  world.set(Offer::own, Reception::not_tls);
  EXPECT_EQ(world.codes(), "RK7026");
}

TEST(TlsJudge, TakesSilenceForNeither) {
  for (Offer offer : {Offer::plaintext, Offer::foreign, Offer::own}) {
    World world;
    world.set(offer, Reception::silent);
    EXPECT_EQ(world.codes(), "RK7027") << to_string(offer);
    EXPECT_FALSE(world.judged().good());
  }
}

TEST(TlsJudge, WithinAMeshPlaintextMustPass) {
  World world(Guard::mesh);
  world.made.tries[0].within_mesh = true;
  EXPECT_EQ(world.codes(), "RK7029");
  world.set(Offer::plaintext, Reception::taken);
  EXPECT_EQ(world.codes(), "");
  World outside(Guard::mesh);
  outside.set(Offer::plaintext, Reception::taken);
  EXPECT_EQ(outside.codes(), "RK7010");
}

TEST(TlsJudge, SaysWhatCouldNotBeTried) {
  World world;
  world.no_expired = "secrets is forbidden";
  world.outcomes[0].erase(Offer::expired);
  EXPECT_EQ(world.judged().tls[0].note, "no expired certificate was offered: secrets is forbidden");
  EXPECT_TRUE(world.judged().good());
  world.authority.reset();
  EXPECT_EQ(world.codes(), "RK7030");
  world.outcomes.clear();
  world.not_run[1] = "exec is forbidden";
  const Verification result = world.judged();
  EXPECT_EQ(result.tls[0].result, "untested");
  EXPECT_EQ(result.tls[0].note, "exec is forbidden");
  EXPECT_TRUE(result.good());
}

TEST(TlsJudge, APortOnWhichNobodyListensIsNotTested) {
  World world;
  for (auto& [offer, attempt] : world.outcomes[0]) attempt.response = Reception::no_connection;
  world.at(Offer::plaintext).detail = "connection refused";
  EXPECT_EQ(world.codes(), "");
  EXPECT_EQ(world.judged().tls[0].result, "untested");
  EXPECT_EQ(world.judged().tls[0].note, "connection refused");
}

TEST(TlsJudge, TellsWhatIsInTheClear) {
  World world;
  world.made = tls_matrix(world.planned.plan.flows, world.places, {});
  world.outcomes.clear();
  const Verification meant = world.judged();
  EXPECT_EQ(meant.faults.size(), 1u);
  EXPECT_EQ(meant.faults[0].code, "RK7028");
  EXPECT_TRUE(meant.good());
  EXPECT_GT(meant.tls.size(), 10u);
  for (const TlsResult& row : meant.tls) {
    if (row.encryption == "none") EXPECT_EQ(row.result, "in the clear") << row.flows[0];
  }
  world.planned.site.tls_mode_written = false;
  EXPECT_FALSE(world.judged().good());
}

TEST(TlsJudge, EachRowIsPrintedForMachines) {
  World world;
  world.set(Offer::foreign, Reception::taken);
  const Verification result = world.judged();
  const std::string xml = to_junit(result);
  EXPECT_TRUE(xml.contains("classname=\"tls\" name=\"demo-head-0:6379 gcs-server\"><failure"))
      << xml;
  const doc::Object json = to_json(result);
  const doc::Value& row = json.at("tls").as_array().at(0);
  EXPECT_EQ(doc::find_string(row, {"offers", "foreign certificate"}), "taken");
  EXPECT_TRUE(summary(result).contains("0 ports encrypted, 1 are not as they should be"))
      << summary(result);
}

}  // namespace
}  // namespace raykeep::verify
