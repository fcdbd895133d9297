#include "ray/serve_traffic.h"

#include <gtest/gtest.h>

namespace raykeep::ray {
namespace {

TEST(ServeTraffic, SumsRoutesAndTellsErrors) {
  const char* text =
      "# HELP ray_serve_num_http_requests_total The number of HTTP requests processed.\n"
      "# TYPE ray_serve_num_http_requests_total counter\n"
      "ray_serve_num_http_requests_total{application=\"app\",method=\"GET\",route=\"/\","
      "status_code=\"200\"} 40.0\n"
      "ray_serve_num_http_requests_total{application=\"app\",method=\"GET\",route=\"/{x} y\","
      "status_code=\"500\"} 2.0\n"
      "ray_serve_num_http_requests_total{application=\"\",route=\"/-/healthz\",status_code="
      "\"503\"} 7.0\n"
      "ray_serve_num_http_requests_created{application=\"app\",status_code=\"500\"} 1.7e+09\n"
      "ray_serve_num_ongoing_http_requests{node_id=\"a\"} 3.0\n"
      "ray_node_cpu_utilization{ip=\"10.0.0.1\"} 12.5\n";
  EXPECT_EQ(read_serve_traffic(text), (ServeTraffic{42, 2}));
}

TEST(ServeTraffic, NothingOfServeIsNothing) {
  EXPECT_EQ(read_serve_traffic(""), ServeTraffic{});
  EXPECT_EQ(read_serve_traffic("ray_serve_num_http_requests"), ServeTraffic{});
  EXPECT_EQ(read_serve_traffic("ray_serve_num_http_requests_total{} x\n"), ServeTraffic{});
}

}  // namespace
}  // namespace raykeep::ray
