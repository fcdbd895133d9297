#include "verify/tls_probe.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "net/listener.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"
#include "net/test_certificates.h"

namespace raykeep::verify {
namespace {

using net::Reception;
using net::Words;
using net::testing::make_certificate;

TEST(TlsTarget, ManyPortsOfOneHostAreOneWordAndReadBack) {
  const std::vector<TlsTarget> targets = {{Words::http2, "10.0.0.1", 6379},
                                          {Words::http1, "10.0.0.1", 8000},
                                          {Words::http2, "10.0.0.1", 8077},
                                          {Words::redis, "fd00::1", 6379}};
  EXPECT_EQ(words_of(targets),
            (std::vector<std::string>{"http2/10.0.0.1:6379,8077", "http1/10.0.0.1:8000",
                                      "redis/[fd00::1]:6379"}));
  EXPECT_EQ(*parse_tls_targets("http2/10.0.0.1:6379,8077"),
            (std::vector<TlsTarget>{targets[0], targets[2]}));
  EXPECT_EQ(to_string(targets[3]), "redis/[fd00::1]:6379");
  for (const char* word : {"", "http2", "tcp/10.0.0.1:1", "http2/10.0.0.1", "http3/10.0.0.1:1"})
    EXPECT_FALSE(parse_tls_targets(word)) << word;
}

/// A folder as the agent fills it.
std::string folder_with(const net::testing::KeyAndCertificate& own) {
  const std::string folder = ::testing::TempDir() + "raykeep-tls";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/tls.crt") << own.certificate_pem;
  std::ofstream(folder + "/tls.key") << own.key_pem;
  return folder;
}

TEST(TlsProbe, MakesEveryOfferAndTellsThemApart) {
  SteadyClock clock;
  boost::asio::io_context loop;
  const auto ca = make_certificate({.common_name = "ca", .is_ca = true});
  const auto server = make_certificate({.names = {"IP:127.0.0.1"}}, &ca);
  const net::testing::Line line{.answer = net::testing::http_answer(404, "")};
  net::testing::ScriptedServer mutual(loop.get_executor(), {6, net::testing::Dialogue{line}},
                                      {server.certificate_pem, server.key_pem, ca.certificate_pem});
  net::testing::ScriptedServer clear(loop.get_executor(), {6, net::testing::Dialogue{line}});
  const TlsProbeOptions options{
      .targets = {{Words::http1, "127.0.0.1", mutual.port()},
                  {Words::http1, "127.0.0.1", clear.port()}},
      .patience = std::chrono::milliseconds(500),
      .own_folder = folder_with(make_certificate({.for_clients = true}, &ca))};
  const doc::Value told =
      net::testing::run_until_done(loop, tls_probe(loop.get_executor(), options, clock));
  const Result<TlsAnswer> answer = parse_tls_answer(doc::write_json(told));
  ASSERT_TRUE(answer);
  const Offers& offers = answer->at(to_string(options.targets[0]));
  EXPECT_EQ(offers.size(), 6u);
  for (const auto& [offer, attempt] : offers)
    EXPECT_EQ(attempt.response, offer == Offer::own ? Reception::taken : Reception::refused)
        << to_string(offer) << ": " << attempt.detail;
  EXPECT_TRUE(offers.at(Offer::foreign).asked);
  EXPECT_TRUE(offers.at(Offer::own).chain_pem.contains("BEGIN CERTIFICATE"));
  EXPECT_EQ(offers.at(Offer::own).version, "TLSv1.3");
  EXPECT_EQ(answer->at(to_string(options.targets[1])).at(Offer::plaintext).response,
            Reception::taken);
}

TEST(TlsProbe, WithoutACertificateOfItsOwnShowsNone) {
  SteadyClock clock;
  boost::asio::io_context loop;
  const int port = net::Listener(loop.get_executor(), "127.0.0.1", 0, clock).port();
  const TlsProbeOptions options{.targets = {{Words::http2, "127.0.0.1", port}},
                                .own_folder = "/nowhere"};
  const doc::Value told =
      net::testing::run_until_done(loop, tls_probe(loop.get_executor(), options, clock));
  const Result<TlsAnswer> answer = parse_tls_answer(doc::write_json(told));
  ASSERT_TRUE(answer);
  const Offers& offers = answer->begin()->second;
  EXPECT_FALSE(offers.contains(Offer::own));
  EXPECT_EQ(offers.at(Offer::foreign).response, Reception::no_connection);
}

TEST(TlsProbe, AnswersThatMakeNoSenseAreRefused) {
  for (const char* line : {"", "[]", "{}", "{\"tls\": 1}"})
    EXPECT_FALSE(parse_tls_answer(line)) << line;
  EXPECT_TRUE(parse_tls_answer(R"({"tls":[{"target":"http2/a:1","offers":[{"offer":"odd"}]}]})")
                  ->at("http2/a:1")
                  .empty());
}

}  // namespace
}  // namespace raykeep::verify
