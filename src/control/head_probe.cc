#include "control/head_probe.h"

#include <boost/asio/this_coro.hpp>

#include "net/dial.h"
#include "net/http_client.h"

namespace raykeep::control {

using decide::Answer;

awaitable<Answer> ask_head(const Clock& clock, std::string ip, int port, Deadline until) {
  net::HttpClientOptions options;
  options.server.scheme = "http";
  options.server.host = std::move(ip);
  options.server.port = port;
  net::HttpClient client(co_await boost::asio::this_coro::executor, std::move(options), clock);
  try {
    co_await client.send({.target = "/livez"}, 64 * 1024, until);
    co_return Answer::answers;
  } catch (const net::Refused&) {
    co_return Answer::refused;
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    // Something came back that is no HTTP: whoever sent it lives.
    co_return failure.kind() == Failure::Kind::invalid ? Answer::answers : Answer::silent;
  }
}

}  // namespace raykeep::control
