#include "control/pod_http.h"

#include <boost/asio/this_coro.hpp>

#include "net/http_client.h"

namespace raykeep::control {

awaitable<net::Response> get_from_pod(const Clock& clock, std::string ip, int port,
                                      std::string path, Deadline until) {
  net::HttpClientOptions options;
  options.server.scheme = "http";
  options.server.host = std::move(ip);
  options.server.port = port;
  net::HttpClient client(co_await boost::asio::this_coro::executor, std::move(options), clock);
  co_return co_await client.send({.target = std::move(path)}, 64 * 1024, until);
}

}  // namespace raykeep::control
