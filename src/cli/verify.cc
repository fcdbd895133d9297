// raykeep verify: the flow table against the live cluster, rule by rule and packet by packet.
#include "verify/verify.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "control/ray_pod.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

std::string verdict(const verify::FlowResult& flow) {
  if (!flow.good) return coloured(stdout, Colour::red, "FAILED: " + flow.result);
  if (flow.result == "untested") return coloured(stdout, Colour::yellow, "not tested");
  return coloured(stdout, Colour::green,
                  flow.result == "refused" ? "passes (nobody listens)" : "passes");
}

std::string verdict(const verify::PairResult& pair) {
  if (!pair.good) return coloured(stdout, Colour::red, "FAILED: " + harmless(pair.note));
  if (pair.untried == 0) return coloured(stdout, Colour::green, "blocked");
  return coloured(stdout, Colour::yellow,
                  fmt::format("{} not tried: {}", pair.untried, harmless(pair.note)));
}

std::string flow_table(const verify::Verification& result) {
  std::vector<Row> rows = {{"FLOW", "PORTS", "PROTOCOL", "RESULT", "PERMITTED BY"}};
  for (const verify::FlowResult& flow : result.flows)
    rows.push_back({flow.id, flow.ports, flow.protocol, verdict(flow),
                    fmt::format("{}", fmt::join(flow.permitted_by, "; "))});
  return table(rows);
}

std::string pair_table(const verify::Verification& result) {
  std::vector<Row> rows = {{"MUST NOT PASS", "TRIED", "BLOCKED", "RESULT"}};
  for (const verify::PairResult& pair : result.pairs)
    rows.push_back({fmt::format("{}->{}", pair.from, pair.to), std::to_string(pair.tried),
                    std::to_string(pair.blocked), verdict(pair)});
  return table(rows);
}

std::string verdict(const verify::TlsResult& port) {
  if (!port.good) return coloured(stdout, Colour::red, "FAILED");
  if (port.result == "encrypted") return coloured(stdout, Colour::green, "encrypted");
  return coloured(stdout, port.result == "in the clear" ? Colour::red : Colour::yellow,
                  port.result == "untested" ? "not tested" : port.result);
}

/// Ports that were tried, then flows that were not.
std::string tls_table(const verify::Verification& result) {
  std::vector<Row> rows = {{"ENCRYPTED PORT", "HOW", "RESULT", "OFFERS", "CERTIFICATE"}};
  for (const verify::TlsResult& port : result.tls) {
    std::map<std::string, int> responses;
    for (const auto& [offer, response] : port.offers) ++responses[response];
    std::vector<std::string> offers;
    for (const auto& [response, count] : responses)
      offers.push_back(fmt::format("{} {}", count, response));
    rows.push_back({verify::tls_name(port), port.encryption, verdict(port),
                    fmt::format("{}", fmt::join(offers, ", ")), harmless(port.certificate)});
  }
  return table(rows);
}

std::string fault_text(const verify::Fault& fault) {
  const bool bad = fault.severity == Severity::error;
  const Colour colour = bad ? Colour::red : Colour::yellow;
  std::string text =
      fmt::format("{} {} {}: {}\n", coloured(stdout, colour, to_string(fault.severity)), fault.code,
                  harmless(fault.object), harmless(fault.what));
  if (!fault.remedy.empty()) text += fmt::format("  next: {}\n", harmless(fault.remedy));
  return text;
}

void print_text(const verify::Verification& result) {
  fmt::print("\n{}", flow_table(result));
  if (!result.pairs.empty()) fmt::print("\n{}", pair_table(result));
  if (!result.tls.empty()) fmt::print("\n{}", tls_table(result));
  std::string untested;
  for (const verify::FlowResult& flow : result.flows) {
    if (flow.result == "untested" && !flow.note.empty())
      untested += fmt::format("not tested: {}: {}\n", flow.id, harmless(flow.note));
  }
  for (const verify::TlsResult& port : result.tls) {
    if (port.result == "untested" && !port.note.empty())
      untested += fmt::format("not tested: {}: {}\n", verify::tls_name(port), harmless(port.note));
  }
  if (!untested.empty()) fmt::print("\n{}", untested);
  if (!result.faults.empty()) fmt::print("\n");
  for (const verify::Fault& fault : result.faults) fmt::print("{}", fault_text(fault));
  fmt::print("\n{}: {} ({:.1f} s)\n",
             result.good() ? coloured(stdout, Colour::green, "good")
                           : coloured(stdout, Colour::red, "NOT GOOD"),
             verify::summary(result), result.seconds);
}

awaitable<verify::Stood> wanted(const Access& access, const VerifyArguments& arguments,
                                const std::string& ns, Input& input) {
  if (!arguments.input.files.empty()) {
    std::vector<plan::Plan> plans = plans_of(input, ns, ns);
    if (plans.size() != 1)
      throw Failure(
          Failure::Kind::invalid,
          fmt::format("verify takes one RayCluster, and the files hold {}", plans.size()));
    co_return verify::Stood{std::move(plans.front()), input.site};
  }
  std::string name = arguments.name;
  if (name.empty()) name = co_await control::only_cluster(access, ns);
  verify::Stood stood = co_await verify::standing_plan(access, ns, name);
  co_return stood;
}

awaitable<int> work(const Access& access, const VerifyArguments& arguments, const std::string& ns,
                    Input& input) {
  verify::Stood stood = co_await wanted(access, arguments, ns, input);
  std::FILE* aside = arguments.output == Output::text ? stdout : stderr;
  verify::VerifyOptions options{.program = RAYKEEP_VERSION,
                                .patience = arguments.timeout,
                                .speak = arguments.speak,
                                .tls = arguments.tls,
                                .probes = !arguments.no_probes,
                                .accepted = arguments.accept,
                                .watch = arguments.watch};
  verify::Verification result =
      co_await verify::verify(access, std::move(stood.plan), std::move(stood.site),
                              std::move(options), [aside](const std::string& line) {
                                fmt::print(aside, "{}\n", harmless(line));
                                std::fflush(aside);
                              });
  if (arguments.output == Output::json) {
    fmt::print("{}", doc::write_json_pretty(verify::to_json(result)));
  } else if (arguments.output == Output::junit) {
    fmt::print("{}", verify::to_junit(result));
  } else {
    print_text(result);
  }
  co_return result.good() ? ExitCode::done : ExitCode::findings;
}

}  // namespace

int run(const VerifyArguments& arguments) {
  Input input;
  if (!arguments.input.files.empty()) {
    input = read_input(arguments.input);
    print(stderr, input.findings);
    if (!input.usable()) return ExitCode::findings;
  }
  kube::Config config = connection_config(arguments.connection);
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return work(access, arguments, config.ns, input); },
      "what was started was removed; nothing else was changed");
}

}  // namespace raykeep::cli
