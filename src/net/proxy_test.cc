#include "net/proxy.h"

#include <gtest/gtest.h>

namespace raykeep::net {
namespace {

std::string chosen(const std::string& server, const std::string& no_proxy) {
  return choose_proxy(
      *parse_url(server),
      {.https_proxy = "http://p:3128", .http_proxy = "plain:80", .no_proxy = no_proxy});
}

// The cases of golang.org/x/net/http/httpproxy's UseProxyTests, as far as they concern hosts with a
// dot or an address.
TEST(ChooseProxy, FollowsGosRulesForNoProxy) {
  struct {
    const char* server;
    const char* no_proxy;
    bool proxied;
  } cases[] = {
      {"https://example.com", "", true},
      {"https://example.com", "*", false},
      {"https://example.com", "example.com", false},
      {"https://api.example.com", "example.com", false},
      {"https://api.example.com", ".example.com", false},
      {"https://api.example.com", "*.example.com", false},
      {"https://example.com", ".example.com", true},
      {"https://notexample.com", "example.com", true},
      {"https://EXAMPLE.com", "example.COM", false},
      {"https://example.com", "other.com, example.com ", false},
      {"https://example.com:8443", "example.com:8443", false},
      {"https://example.com:8443", "example.com:9443", true},
      {"https://192.168.1.1:6443", "192.168.1.1", false},
      {"https://192.168.1.1:6443", "192.168.1.1:6443", false},
      {"https://192.168.1.1:6443", "192.168.1.1:443", true},
      {"https://192.168.1.1", "192.168.0.0/16", false},
      {"https://192.169.1.1", "192.168.0.0/16", true},
      {"https://192.168.1.1", "192.168.0.0/99", true},
      {"https://[fd00::1]", "fd00::/8", false},
      {"https://[fd00::1]:6443", "[fd00::1]:6443", false},
      {"https://[fd00::1]", "fd00::1", false},
      {"https://[fe00::1]", "fd00::/8", true},
      {"https://localhost:6443", "", false},
      {"https://127.0.0.1:6443", "", false},
      {"https://127.1.2.3:6443", "", false},
      {"https://[::1]:6443", "", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(!chosen(c.server, c.no_proxy).empty(), c.proxied)
        << c.server << " with NO_PROXY=" << c.no_proxy;
  }
}

TEST(ChooseProxy, GoesByTheServersScheme) {
  EXPECT_EQ(chosen("https://example.com", ""), "http://p:3128");
  EXPECT_EQ(chosen("http://example.com", ""), "http://plain:80");
}

TEST(ChooseProxy, IsNothingWithoutSettings) {
  EXPECT_EQ(choose_proxy(*parse_url("https://example.com"), {}), "");
}

}  // namespace
}  // namespace raykeep::net
