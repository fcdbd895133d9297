#include "verify/probe_in.h"

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;

std::string milliseconds(Duration span) {
  return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

/// What the program printed.
awaitable<std::string> run(const control::Access& access, std::string ns, ProgramIn where,
                           std::vector<std::string> arguments, Deadline until) {
  arguments.insert(arguments.begin(), {where.program, "probe"});
  kube::ExecResult done = co_await kube::exec(access.client, ns, where.pod, where.container,
                                              std::move(arguments), until);
  if (done.code != 0)
    throw Failure(Failure::Kind::invalid, fmt::format("raykeep probe ended with {}: {}", done.code,
                                                      harmless(trim(done.errors.substr(0, 300)))));
  co_return std::string(trim(done.output));
}

template <class T>
T understood(Result<T> answer) {
  if (!answer) throw Failure(Failure::Kind::invalid, answer.error().text);
  return std::move(*answer);
}

}  // namespace

awaitable<ProbeAnswer> probe_in(const control::Access& access, std::string ns, ProgramIn where,
                                ProbeOptions options, Deadline until) {
  std::vector<std::string> arguments = {"--timeout", milliseconds(options.patience), "--tries",
                                        std::to_string(options.tries)};
  if (options.speak == net::Speak::plaintext) arguments.emplace_back("--speak");
  for (std::string& word : words_of(options.targets)) arguments.push_back(std::move(word));
  std::string said = co_await run(access, ns, std::move(where), std::move(arguments), until);
  co_return understood(parse_probe_answer(said));
}

awaitable<TlsAnswer> tls_probe_in(const control::Access& access, std::string ns, ProgramIn where,
                                  TlsProbeOptions options, Deadline until) {
  std::vector<std::string> arguments = {"--tls", "--timeout", milliseconds(options.patience)};
  for (std::string& word : words_of(options.targets)) arguments.push_back(std::move(word));
  std::string said = co_await run(access, ns, std::move(where), std::move(arguments), until);
  co_return understood(parse_tls_answer(said));
}

awaitable<std::vector<int>> listening_in(const control::Access& access, std::string ns,
                                         ProgramIn where, Deadline until) {
  std::string said = co_await run(access, ns, std::move(where), {"--listening"}, until);
  co_return understood(parse_listening(said));
}

awaitable<std::vector<Talk>> watch_in(const control::Access& access, std::string ns,
                                      ProgramIn where, Duration span) {
  std::string said = co_await run(access, ns, std::move(where), {"--sockets", milliseconds(span)},
                                  Deadline::after(access.clock, span + std::chrono::seconds(30)));
  co_return understood(parse_talks(said));
}

}  // namespace raykeep::verify
