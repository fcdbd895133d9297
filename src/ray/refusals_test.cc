// What a gRPC server such as Ray's does with each thing that `raykeep verify --tls` offers it.
#include <gtest/gtest.h>

#include "net/refused_offers.h"
#include "net/run_until_done.h"
#include "net/tls_attempt.h"
#include "ray/scripted_gcs.h"

namespace raykeep::ray {
namespace {

using net::Reception;
using net::TlsOffer;
using net::testing::KeyAndCertificate;
using net::testing::make_certificate;
using net::testing::with;

struct World {
  KeyAndCertificate ca = make_certificate({.common_name = "ca", .is_ca = true});
  KeyAndCertificate foreign_ca = make_certificate({.common_name = "ca", .is_ca = true});
  KeyAndCertificate node = make_certificate({.names = {"IP:127.0.0.1"}}, &ca);
  SteadyClock clock;
  boost::asio::io_context loop;

  net::TlsAttempt at(const testing::ScriptedGcs& gcs, TlsOffer offer) {
    return net::testing::run_until_done(
        loop, net::attempt_tls(loop.get_executor(), "127.0.0.1", gcs.port(), std::move(offer),
                               net::testing::ample(clock), clock));
  }
};

TEST(GrpcServer, WithMutualTlsTakesTheRightCertificateAndNothingElse) {
  World world;
  testing::ScriptedGcs gcs(
      {}, 0, {world.node.certificate_pem, world.node.key_pem, world.ca.certificate_pem});
  const net::TlsAttempt right =
      world.at(gcs, with(make_certificate({.for_clients = true}, &world.ca)));
  EXPECT_EQ(right.response, Reception::taken) << right.detail;
  for (const auto& [what, offer] : net::testing::offers_to_refuse(world.ca, world.foreign_ca)) {
    const net::TlsAttempt attempt = world.at(gcs, offer);
    EXPECT_EQ(attempt.response, Reception::refused) << what << ": " << attempt.detail;
  }
}

TEST(GrpcServer, InTheClearIsFound) {
  World world;
  testing::ScriptedGcs gcs({});
  EXPECT_EQ(world.at(gcs, {.tls = false}).response, Reception::taken);
  EXPECT_EQ(world.at(gcs, {}).response, Reception::not_tls);
}

}  // namespace
}  // namespace raykeep::ray
