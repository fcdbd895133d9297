// pods/exec over WebSocket, in the kubelet's own v4.channel.k8s.io: each message begins with its
// channel. 1 and 2 are the command's output and errors; on 3 comes, at the end, a metav1.Status
// that says how it went (client-go, tools/remotecommand/v4.go).
#include <charconv>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "doc/json.h"
#include "kube/client.h"
#include "kube/query.h"
#include "kube/session.h"
#include "net/task_group.h"

namespace raykeep::kube {
namespace {

constexpr char subprotocol[] = "v4.channel.k8s.io";
constexpr std::size_t most_output = 1u << 20;
// The verdict is there, and the API server takes two seconds to answer a farewell.
constexpr auto goodbye = std::chrono::milliseconds(100);

Call call_for(const std::string& ns, const std::string& pod, const std::string& container,
              const std::vector<std::string>& command) {
  Query query;
  for (const std::string& word : command) query.add("command", word);
  query.add("container", container).add("stdout", "true").add("stderr", "true");
  return {.asked = {.doing = "run a command in",
                    .verb = "get",  // a WebSocket begins with GET; servers from 1.35 want "create"
                    .object = fmt::format("Pod {}/{} container {}", ns, pod, container),
                    .resource = "pods/exec",
                    .group = "",
                    .ns = ns},
          .target = fmt::format("/api/v1/namespaces/{}/pods/{}/exec", net::percent_encode(ns),
                                net::percent_encode(pod)) +
                    query.text()};
}

/// The exit code that a Status tells: Success, or a cause of type ExitCode.
std::optional<int> code_of(const doc::Value& status) {
  if (doc::find_string(status, {"status"}) == "Success") return 0;
  const doc::Array* causes = doc::find_array(status, {"details", "causes"});
  if (causes == nullptr) return std::nullopt;
  for (const doc::Value& cause : *causes) {
    if (doc::find_string(cause, {"reason"}) != "ExitCode") continue;
    std::string_view text = doc::find_string(cause, {"message"});
    int code = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), code).ec == std::errc())
      return code;
  }
  return std::nullopt;
}

Failure broken(const Call& call, std::string_view why) {
  return Failure(Failure::Kind::disconnected,
                 fmt::format("{} {}: {}", call.asked.doing, call.asked.object, why));
}

/// Ends the connection when the time is over: a WebSocket's receive() has no deadline of its own.
awaitable<void> end_in_time(std::shared_ptr<net::WebSocket> socket, const Clock& clock,
                            Deadline until) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, until.left(clock));
  auto [failed] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (!failed) co_await socket->close(Deadline::after(clock, goodbye));
}

/// socket.receive(); says so when it was the deadline that ended it.
awaitable<std::optional<std::string>> receive(net::WebSocket& socket, const Call& call,
                                              const Clock& clock, Deadline until) {
  std::exception_ptr problem;
  try {
    auto message = co_await socket.receive();
    co_return message;
  } catch (...) {
    problem = std::current_exception();
  }
  auto state = co_await boost::asio::this_coro::cancellation_state;
  if (until.passed(clock) && state.cancelled() == boost::asio::cancellation_type::none)
    throw broken(call, "it took too long");
  std::rethrow_exception(problem);
}

}  // namespace

awaitable<ExecResult> exec(Client& client, std::string ns, std::string pod, std::string container,
                           std::vector<std::string> command, Deadline until) {
  auto& session = client.session();
  Call call = call_for(ns, pod, container, command);
  std::shared_ptr<net::WebSocket> socket =
      co_await session.open_websocket(call, subprotocol, until);
  net::TaskGroup watch(session.executor());
  watch.spawn(end_in_time(socket, session.clock(), until));
  ExecResult result;
  std::optional<int> code;
  std::string why = "the connection ended before the command did";
  while (auto message = co_await receive(*socket, call, session.clock(), until)) {
    if (message->empty()) continue;
    std::string_view bytes = std::string_view(*message).substr(1);
    if (message->front() == 1) result.output += bytes;
    if (message->front() == 2) result.errors += bytes;
    if (result.output.size() + result.errors.size() > most_output)
      throw Failure(Failure::Kind::invalid,
                    fmt::format("{} {}: it writes more than {} bytes", call.asked.doing,
                                call.asked.object, most_output));
    if (message->front() != 3) continue;
    auto status = doc::parse_json(bytes);
    if (!status) throw broken(call, "the kubelet's verdict cannot be read");
    code = code_of(*status);
    if (!code) why = doc::find_string(*status, {"message"});
    break;
  }
  watch.cancel();
  co_await watch.finish();
  if (!code) throw broken(call, until.passed(session.clock()) ? "it took too long" : why);
  co_await socket->close(Deadline::after(session.clock(), goodbye));
  result.code = *code;
  co_return result;
}

}  // namespace raykeep::kube
