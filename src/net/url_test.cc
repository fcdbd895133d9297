#include "net/url.h"

#include <gtest/gtest.h>

namespace raykeep::net {
namespace {

TEST(Url, HasThePartsOfAnApiServersAddress) {
  auto url = parse_url("https://10.0.0.1:6443/k8s/clusters/c-1/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "10.0.0.1");
  EXPECT_EQ(url->port, 6443);
  EXPECT_EQ(url->path, "/k8s/clusters/c-1");
}

TEST(Url, TakesTheSchemesPortWhenNoneIsWritten) {
  EXPECT_EQ(parse_url("https://host")->port, 443);
  EXPECT_EQ(parse_url("HTTP://host/")->port, 80);
}

TEST(Url, ReadsIpv6InBrackets) {
  auto url = parse_url("https://[fd00::1]:6443");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "fd00::1");
  EXPECT_EQ(host_and_port(url->host, url->port), "[fd00::1]:6443");
}

TEST(Url, DecodesUserAndPassword) {
  auto url = parse_url("http://me:p%40ss@proxy:3128");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password.reveal(), "p@ss");
  EXPECT_EQ(url->host, "proxy");
}

TEST(Url, RefusesWhatIsNone) {
  for (auto text :
       {"", "host:6443", "https://", "https://host:0", "https://host:65536", "https://host:x",
        "https://[fd00::1", "https://a b", "https://host\r\nX: y", "://host", "https://[::1]x"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, DoesNotRepeatAPasswordInItsErrors) {
  auto url = parse_url("http://me:secret@proxy:x");
  ASSERT_FALSE(url);
  EXPECT_FALSE(url.error().text.contains("secret"));
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(percent_encode("app=x,y in (a)/ü"), "app%3Dx%2Cy%20in%20%28a%29%2F%C3%BC");
}

}  // namespace
}  // namespace raykeep::net
