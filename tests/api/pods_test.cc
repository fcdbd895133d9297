// A running pod: its log and its ports.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "cluster.h"
#include "net/task_group.h"

namespace raykeep::kube {
namespace {

using boost::asio::ip::tcp;

class Pods : public ::testing::Test, public Cluster {
 protected:
  static void SetUpTestSuite() {
    Cluster cluster;
    cluster.run(cluster.tenant.create(yaml(fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: {}}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
  - name: web
    image: lab/agnhost:1
    args: [netexec, --http-port=8080, --udp-port=-1]
    securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
)",
                                                       Namespace::name())),
                                      cluster.soon()));
    cluster.wait_until(cluster.tenant, {{"v1", "Pod"}, Namespace::name(), "web"},
                       [](const doc::Value& pod) {
                         return doc::find_string(pod, {"status", "phase"}) == "Running";
                       });
  }
  const std::string ns = Namespace::name();
};

TEST_F(Pods, HaveALog) {
  std::string log;
  run(tenant.follow_logs(
      ns, "web", {.container = "web"},
      [&](std::string_view chunk) { return !(log += chunk).contains('\n'); }, soon()));
  EXPECT_FALSE(log.empty());
  auto whole = run(tenant.logs(ns, "web", {.container = "web"}, soon()));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->starts_with(log.substr(0, 20))) << *whole;
  EXPECT_FALSE(run(tenant.logs(ns, "web", {.container = "web", .previous = true}, soon())));
  EXPECT_FALSE(run(tenant.logs(ns, "gone", {}, soon())));
}

/// port_forward() with its end written down.
awaitable<void> forward(Client& client, std::string ns, int& port, std::string& ended) {
  try {
    co_await port_forward(client, ns, "web", 8080, 0, [&port](int chosen) { port = chosen; });
  } catch (const Failure& failure) {
    ended = failure.what();
  }
}

awaitable<std::string> http_get(int port, std::string path) {
  tcp::socket socket(co_await boost::asio::this_coro::executor);
  co_await socket.async_connect(
      {boost::asio::ip::address_v4::loopback(), static_cast<boost::asio::ip::port_type>(port)},
      boost::asio::use_awaitable);
  auto request = fmt::format("GET {} HTTP/1.0\r\n\r\n", path);
  co_await boost::asio::async_write(socket, boost::asio::buffer(request),
                                    boost::asio::use_awaitable);
  std::string answer;
  boost::system::error_code failed;
  co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(answer),
                                   boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  co_return answer;
}

TEST_F(Pods, HavePortsThatCanBeForwarded) {
  int port = 0;
  std::string ended;
  net::TaskGroup group(loop.get_executor());
  group.spawn(forward(tenant, ns, port, ended));
  while (port == 0 && ended.empty() && loop.run_one() > 0) {
  }
  ASSERT_GT(port, 0) << ended;
  for (int i = 0; i < 3; ++i) {
    auto answer = run(http_get(port, "/hostname"));
    EXPECT_TRUE(answer.ends_with("web")) << answer;
  }
  group.cancel();
  run(group.finish());
  EXPECT_TRUE(ended.ends_with(": cancelled")) << ended;
}

TEST_F(Pods, ThatDoNotExistHaveNoPorts) {
  auto refused = failure(port_forward(tenant, ns, "gone", 8080, 0, [](int) {}));
  EXPECT_TRUE(std::string(refused.what()).contains("pods \"gone\" not found")) << refused.what();
}

}  // namespace
}  // namespace raykeep::kube
