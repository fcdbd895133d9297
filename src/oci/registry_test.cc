#include "oci/registry.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::oci {
namespace {

using net::testing::Dialogue;
using net::testing::http_answer;
using net::testing::Line;
using net::testing::ScriptedServer;
using Kind = Failure::Kind;

/// A registry that says what a script says, each line to one request, each on a connection of its
/// own or, in one Dialogue, one after the other.
struct Scene {
  explicit Scene(std::deque<Dialogue> dialogues, Login login = {})
      : server(loop.get_executor(), std::move(dialogues)),
        registry(loop.get_executor(),
                 {.host = server.url().substr(7),
                  .plain_http = true,
                  .login = std::move(login),
                  .patience = std::chrono::seconds(10),
                  .tries = 4,
                  .first_pause = std::chrono::milliseconds(1)},
                 clock) {}

  template <class T>
  T run(awaitable<T> task) {
    return net::testing::run_until_done(loop, std::move(task));
  }
  template <class T>
  Failure failure(awaitable<T> task) {
    return net::testing::failure_of(loop, std::move(task));
  }
  /// The first lines of all requests: "GET /v2/...".
  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const std::string& each : server.requests())
      lines.push_back(each.substr(0, each.find(" HTTP/1.1")));
    return lines;
  }
  std::uint64_t upload(const std::string& bytes, UploadOptions options = {}) {
    return run(registry.upload("a/b", Digest::of(bytes), bytes.size(), reader_of(bytes), options));
  }
  static BlobReader reader_of(std::string bytes) {
    return [bytes = std::move(bytes)](std::uint64_t offset, char* data, std::size_t size) {
      bytes.copy(data, size, offset);
    };
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server;
  Registry registry;
};

const std::string manifest = R"({"schemaVersion":2})";
const std::string typed =
    "Content-Type: application/vnd.oci.image.manifest.v1+json; charset=utf-8\r\n";
const std::string began = "Location: /v2/a/b/blobs/uploads/1?state=x\r\n";

TEST(Registry, GivesAManifestWithItsDigest) {
  Scene scene({{{.answer = http_answer(200, manifest, typed), .bytewise = true}}});
  auto found = scene.run(scene.registry.find_manifest("a/b", "1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, manifest);
  EXPECT_EQ(found->digest, Digest::of(manifest));
  EXPECT_EQ(found->media_type, "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(scene.asked()[0], "GET /v2/a/b/manifests/1");
}

TEST(Registry, RefusesBytesOfAnotherDigest) {
  const std::string wanted = Digest::of("else").text();
  Scene scene({{{.answer = http_answer(200, manifest, typed)}},
               {{.answer = http_answer(200, manifest,
                                       typed + "Docker-Content-Digest: " + wanted + "\r\n")}}});
  EXPECT_EQ(scene.failure(scene.registry.find_manifest("a/b", wanted)).kind(), Kind::invalid);
  EXPECT_EQ(scene.failure(scene.registry.find_manifest("a/b", "1")).kind(), Kind::invalid);
}

TEST(Registry, WhatIsNotThereIsNoFailure) {
  Scene scene({{{.answer = http_answer(404, "")},
                {.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"},
                {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}}});
  EXPECT_FALSE(scene.run(scene.registry.find_manifest("a/b", "1")));
  EXPECT_FALSE(scene.run(scene.registry.find_blob("a/b", Digest::of("x"))));
  EXPECT_EQ(scene.run(scene.registry.find_blob("a/b", Digest::of("x"))), 9u);
}

TEST(Registry, WaitsForWhatPasses) {
  Scene scene(
      {{{.answer = http_answer(503, "")}, {.answer = http_answer(429, "", "Retry-After: 0\r\n")}},
       {},
       {{.answer = http_answer(200, manifest, typed).substr(0, 40), .close = true}},
       {{.answer = http_answer(200, manifest, typed)}}});
  EXPECT_THROW(scene.run(scene.registry.find_manifest("a/b", "1")), Failure);  // four tries
  EXPECT_TRUE(scene.run(scene.registry.find_manifest("a/b", "1")));
}

TEST(Registry, SaysWhoMayNot) {
  Scene scene(
      {{{.answer = http_answer(401, R"({"errors":[{"code":"UNAUTHORIZED","message":"no"}]})",
                               "WWW-Authenticate: Basic realm=x\r\n")}}});
  Failure failure = scene.failure(scene.registry.find_manifest("a/b", "1"));
  EXPECT_EQ(failure.kind(), Kind::denied);
  EXPECT_TRUE(std::string_view(failure.what()).contains("UNAUTHORIZED: no; log in"))
      << failure.what();
}

TEST(Registry, GivesUserAndPasswordWhereTheyAreAskedFor) {
  const std::string who = "WWW-Authenticate: Basic realm=\"x\"\r\n";
  Scene scene({{{.answer = http_answer(401, "", who)},
                {.answer = http_answer(200, manifest, typed)},
                {.answer = http_answer(200, manifest, typed)}}},
              {.user = "u", .password = Secret<std::string>("p")});
  EXPECT_TRUE(scene.run(scene.registry.find_manifest("a/b", "1")));
  EXPECT_TRUE(scene.run(scene.registry.find_manifest("a/b", "1")));
  EXPECT_FALSE(scene.server.requests()[0].contains("Authorization"));
  EXPECT_TRUE(scene.server.requests()[1].contains("Authorization: Basic dTpw\r\n"));
  EXPECT_TRUE(scene.server.requests()[2].contains("Authorization: Basic dTpw\r\n"));
}

TEST(Registry, FetchesATokenForEachScope) {
  boost::asio::io_context tokens_loop;
  Scene scene({}, {.user = "u", .password = Secret<std::string>("p")});
  ScriptedServer tokens(scene.loop.get_executor(),
                        {{{.answer = http_answer(200, R"({"token":"T1"})")},
                          {.answer = http_answer(200, R"({"access_token":"T2"})")}}});
  const std::string who =
      fmt::format("WWW-Authenticate: Bearer realm=\"{}/t?x=1\",service=\"s\"\r\n", tokens.url());
  ScriptedServer server(scene.loop.get_executor(), {{{.answer = http_answer(401, "", who)},
                                                     {.answer = http_answer(200, manifest, typed)},
                                                     {.answer = http_answer(200, manifest, typed)},
                                                     {.answer = http_answer(401, "", who)},
                                                     {.answer = http_answer(201, "")}}});
  Registry registry(scene.loop.get_executor(),
                    {.host = server.url().substr(7),
                     .plain_http = true,
                     .login = {.user = "u", .password = Secret<std::string>("p")}},
                    scene.clock);
  EXPECT_TRUE(scene.run(registry.find_manifest("a/b", "1")));
  EXPECT_TRUE(scene.run(registry.find_manifest("a/b", "2")));
  EXPECT_TRUE(scene.run(registry.mount("a/b", Digest::of("x"), "c/d")));
  ASSERT_EQ(tokens.requests().size(), 2u);
  EXPECT_TRUE(tokens.requests()[0].starts_with(
      "GET /t?x=1&service=s&scope=repository%3Aa%2Fb%3Apull&client_id=raykeep"))
      << tokens.requests()[0];
  EXPECT_TRUE(tokens.requests()[1].contains(
      "scope=repository%3Aa%2Fb%3Apull%2Cpush&scope=repository%3Ac%2Fd%3Apull"));
  EXPECT_TRUE(tokens.requests()[0].contains("Authorization: Basic dTpw"));
  EXPECT_TRUE(server.requests()[2].contains("Authorization: Bearer T1\r\n"));
  EXPECT_TRUE(server.requests()[4].contains("Authorization: Bearer T2\r\n"));
}

TEST(Registry, FollowsARedirectWithoutItsCredentials) {
  Scene scene({});
  ScriptedServer store(scene.loop.get_executor(), {{{.answer = http_answer(200, "the blob")}}});
  ScriptedServer server(
      scene.loop.get_executor(),
      {{{.answer = http_answer(401, "", "WWW-Authenticate: Basic realm=x\r\n")},
        {.answer = http_answer(307, "", fmt::format("Location: {}/s?sig=1\r\n", store.url()))}}});
  Registry registry(scene.loop.get_executor(),
                    {.host = server.url().substr(7),
                     .plain_http = true,
                     .login = {.user = "u", .password = Secret<std::string>("p")}},
                    scene.clock);
  auto blob = scene.run(registry.open_blob("a/b", Digest::of("the blob"), 0));
  EXPECT_EQ(scene.run(blob->read()), "the blob");
  EXPECT_FALSE(scene.run(blob->read()));
  EXPECT_TRUE(store.requests()[0].starts_with("GET /s?sig=1 HTTP"));
  EXPECT_FALSE(store.requests()[0].contains("Authorization"));
}

TEST(Registry, GoesOnInTheMiddleOfABlob) {
  Scene scene({{{.answer = http_answer(206, "cde", "Content-Range: bytes 2-4/5\r\n")},
                {.answer = http_answer(200, "abcde")}}});
  auto rest = scene.run(scene.registry.open_blob("a/b", Digest::of("abcde"), 2));
  EXPECT_EQ(rest->offset(), 2u);
  EXPECT_EQ(scene.run(rest->read()), "cde");
  EXPECT_TRUE(scene.server.requests()[0].contains("Range: bytes=2-\r\n"));
  EXPECT_FALSE(scene.run(rest->read()));
  auto whole = scene.run(scene.registry.open_blob("a/b", Digest::of("abcde"), 2));
  EXPECT_EQ(whole->offset(), 0u);
}

TEST(Registry, UploadsInOneRequest) {
  const std::string bytes(1000, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)},
                {.answer = http_answer(202, "", "Location: /v2/up?state=y\r\nRange: 0-999\r\n")},
                {.answer = http_answer(201, "")}}});
  EXPECT_EQ(scene.upload(bytes), 0u);
  const auto asked = scene.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0], "POST /v2/a/b/blobs/uploads/");
  EXPECT_EQ(asked[1], "PATCH /v2/a/b/blobs/uploads/1?state=x");
  EXPECT_EQ(asked[2], "PUT /v2/up?state=y&digest=sha256%3A" + std::string(Digest::of(bytes).hex()));
  EXPECT_FALSE(scene.server.requests()[1].contains("Content-Range"));
}

TEST(Registry, GoesOnWithAnUploadThatBroke) {
  const std::string bytes(1000, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)}, {.answer = "", .close = true}},
               {{.answer = http_answer(204, "", "Location: /v2/up2\r\nRange: 0-599\r\n")},
                {.answer = http_answer(202, "", "Location: /v2/up3\r\n")},
                {.answer = http_answer(201, "")}}});
  EXPECT_EQ(scene.upload(bytes), 400u);  // of 1000, 600 had arrived
  const auto asked = scene.asked();
  ASSERT_EQ(asked.size(), 5u);
  EXPECT_EQ(asked[2], "GET /v2/a/b/blobs/uploads/1?state=x");
  EXPECT_EQ(asked[3], "PATCH /v2/up2");
  EXPECT_TRUE(scene.server.requests()[3].contains("Content-Range: 600-999\r\n"));
  EXPECT_TRUE(scene.server.requests()[3].contains("Content-Length: 400\r\n"));
}

TEST(Registry, BeginsAgainWhereTheSessionIsGone) {
  const std::string bytes(1000, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)}, {.answer = http_answer(500, "")}},
               {{.answer = http_answer(404, "")},
                {.answer = http_answer(202, "", began)},
                {.answer = http_answer(202, "", began)},
                {.answer = http_answer(201, "")}}});
  // The first connection goes on after its 500.
  EXPECT_NO_THROW(scene.upload(bytes));
}

TEST(Registry, SendsPiecesWhereABodyIsTooLarge) {
  const std::string bytes(6u << 20, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)},
                {.answer = http_answer(413, "<html>too large</html>")},
                {.answer = http_answer(202, "", began)},
                {.answer = http_answer(202, "", "Location: /v2/two\r\n")},
                {.answer = http_answer(202, "", "Location: /v2/three\r\n")},
                {.answer = http_answer(201, "")}}});
  EXPECT_EQ(scene.upload(bytes), bytes.size());
  EXPECT_TRUE(scene.server.requests()[3].contains("Content-Range: 0-4194303\r\n"));
  EXPECT_TRUE(scene.server.requests()[4].contains("Content-Range: 4194304-6291455\r\n"));
}

TEST(Registry, PutsEverythingWhereThereIsNoPatch) {
  const std::string bytes(1000, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)},
                {.answer = http_answer(405, "")},
                {.answer = http_answer(202, "", began)},
                {.answer = http_answer(201, "")}}});
  EXPECT_EQ(scene.upload(bytes), 1000u);
  EXPECT_TRUE(scene.asked()[3].starts_with("PUT /v2/a/b/blobs/uploads/1?state=x&digest="));
}

TEST(Registry, DoesNotCompleteWhatIsDamaged) {
  const std::string bytes(1000, 'u');
  Scene scene({{{.answer = http_answer(202, "", began)}, {.answer = http_answer(202, "", began)}}});
  Failure failure = scene.failure(
      scene.registry.upload("a/b", Digest::of("else"), bytes.size(), Scene::reader_of(bytes)));
  EXPECT_EQ(failure.kind(), Kind::invalid);
  EXPECT_TRUE(std::string_view(failure.what()).contains("damaged")) << failure.what();
  EXPECT_EQ(scene.asked().size(), 2u);
}

TEST(Registry, DoesNotLeaveTls) {
  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server(loop.get_executor(), {});
  EXPECT_THROW(Session(loop.get_executor(), {.host = "a b"}, clock), Failure);
}

}  // namespace
}  // namespace raykeep::oci
