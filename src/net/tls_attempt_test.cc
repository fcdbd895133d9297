#include "net/tls_attempt.h"

#include <gtest/gtest.h>

#include "net/chain.h"
#include "net/listener.h"
#include "net/refused_offers.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::net {
namespace {

using namespace testing;
using namespace std::string_literals;

const std::string settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"s;

struct World {
  SteadyClock clock;
  boost::asio::io_context loop;
  KeyAndCertificate ca = make_certificate({.common_name = "ca", .is_ca = true});
  KeyAndCertificate foreign_ca = make_certificate({.common_name = "ca", .is_ca = true});
  KeyAndCertificate server = make_certificate({.names = {"IP:127.0.0.1"}}, &ca);

  ServerIdentity mutual() const {
    return {server.certificate_pem, server.key_pem, ca.certificate_pem};
  }
  ServerIdentity one_sided() const { return {server.certificate_pem, server.key_pem, ""}; }

  /// One try of a server of that identity that speaks HTTP/2.
  TlsAttempt at(ServerIdentity identity, TlsOffer offer, Line line = {.answer = settings}) {
    ScriptedServer peer(loop.get_executor(), {{line}}, std::move(identity));
    return at_port(peer.port(), std::move(offer), ample(clock));
  }
  TlsAttempt at_port(int port, TlsOffer offer, Deadline until) {
    return run_until_done(
        loop, attempt_tls(loop.get_executor(), "127.0.0.1", port, std::move(offer), until, clock));
  }
};

TEST(TlsAttempt, IsTakenWithTheRightCertificate) {
  World world;
  const TlsAttempt attempt =
      world.at(world.mutual(), with(make_certificate({.for_clients = true}, &world.ca)));
  EXPECT_EQ(attempt.response, Reception::taken) << attempt.detail;
  EXPECT_EQ(attempt.version, "TLSv1.3");
  EXPECT_TRUE(attempt.asked);
  const auto chain = read_chain(attempt.chain_pem, world.ca.certificate_pem);
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->leaf.names, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(chain->untrusted, "");
}

TEST(TlsAttempt, MutualTlsRefusesWhatIsWrong) {
  World world;
  for (const auto& [what, offer] : offers_to_refuse(world.ca, world.foreign_ca)) {
    const TlsAttempt attempt = world.at(world.mutual(), offer);
    EXPECT_EQ(attempt.response, Reception::refused) << what;
    EXPECT_NE(attempt.detail, "") << what;
  }
}

TEST(TlsAttempt, ARefusalAfterOurHandshakeIsSeen) {
  World world;
  const TlsAttempt attempt = world.at(world.mutual(), {});
  EXPECT_TRUE(attempt.shaken);  // TLS 1.3: the server has not looked yet
  EXPECT_EQ(attempt.response, Reception::refused);
  EXPECT_NE(attempt.chain_pem, "");
}

TEST(TlsAttempt, FindsAServerThatAsksForNoCertificate) {
  World world;
  const KeyAndCertificate foreign = make_certificate({.for_clients = true}, &world.foreign_ca);
  for (const TlsOffer& offer : {TlsOffer{}, with(foreign)}) {
    const TlsAttempt attempt = world.at(world.one_sided(), offer);
    EXPECT_EQ(attempt.response, Reception::taken);
    EXPECT_FALSE(attempt.asked);
  }
  EXPECT_EQ(world.at(world.one_sided(), {.tls = false}).response, Reception::refused);
}

TEST(TlsAttempt, FindsAServerThatTrustsAnotherAuthority) {
  World world;
  ServerIdentity identity = world.mutual();
  identity.client_ca_pem = world.foreign_ca.certificate_pem;
  const KeyAndCertificate foreign = make_certificate({.for_clients = true}, &world.foreign_ca);
  EXPECT_EQ(world.at(identity, with(foreign)).response, Reception::taken);
}

TEST(TlsAttempt, FindsAServerInTheClear) {
  World world;
  EXPECT_EQ(world.at({}, {.tls = false}).response, Reception::taken);
  const TlsOffer http{.tls = false, .words = Words::http1};
  EXPECT_EQ(world.at({}, http, {.answer = http_answer(404, "")}).response, Reception::taken);
}

TEST(TlsAttempt, FindsAServerOfOldVersionsWhateverItThinksOfTheCertificate) {
  World world;
  for (ServerIdentity identity : {world.mutual(), world.one_sided()}) {
    identity.old = true;
    for (int version : {10, 11}) {
      const TlsAttempt attempt = world.at(identity, {.version = version});
      EXPECT_EQ(attempt.response, Reception::taken) << attempt.detail;
      EXPECT_EQ(attempt.version, version == 10 ? "TLSv1" : "TLSv1.1");
    }
    EXPECT_EQ(world.at(identity, {}).response, Reception::refused);
  }
}

TEST(TlsAttempt, TellsSilenceFromRefusal) {
  World world;
  Listener hangs(world.loop.get_executor(), "127.0.0.1", 0, world.clock);
  for (const TlsOffer& offer : {TlsOffer{}, TlsOffer{.tls = false}})
    EXPECT_EQ(world.at_port(hangs.port(), offer, near(world.clock)).response, Reception::silent);
  // TLS is spoken, and then nothing: near() would end before the handshake.
  ScriptedServer mute(world.loop.get_executor(), {{Line{.stall = true}}}, world.one_sided());
  const Deadline soon = Deadline::after(world.clock, std::chrono::milliseconds(300));
  const TlsAttempt attempt = world.at_port(mute.port(), {.words = Words::http1}, soon);
  EXPECT_EQ(attempt.response, Reception::silent);
  EXPECT_TRUE(attempt.shaken);
}

TEST(TlsAttempt, SaysThatNobodyListens) {
  World world;
  const int port = Listener(world.loop.get_executor(), "127.0.0.1", 0, world.clock).port();
  const TlsAttempt attempt = world.at_port(port, {}, ample(world.clock));
  EXPECT_EQ(attempt.response, Reception::no_connection);
  EXPECT_TRUE(attempt.detail.contains("refused")) << attempt.detail;
}

}  // namespace
}  // namespace raykeep::net
