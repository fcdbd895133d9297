// raykeep render: the plan's objects in the order to apply them, for those who apply with other
// tools.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "plan/generation.h"

namespace raykeep::cli {
namespace {

/// The token in a file, without the white space editors put at its end.
Secret<std::string> read_token(const std::string& path) {
  constexpr std::size_t most = 4096;
  std::ifstream file(path, std::ios::binary);
  std::string text(most + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && file.gcount() == 0) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("read the token in {}: {}", quoted(path),
                              file.is_open() ? "the file is empty" : std::strerror(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  Secret<std::string> token{std::string(trim(text))};
  if (text.size() > most || token.empty() ||
      token.reveal().find_first_of(" \t\r\n") != std::string::npos) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("read the token in {}: it must hold one word of at most {} bytes",
                              quoted(path), most));
  }
  return token;
}

/// How to make the Secret that the pods expect, for a plan that does not hold it.
std::string token_hint(const plan::Plan& plan) {
  if (plan.token_secret.empty() || plan.token_secret_is_users) return "";
  for (const doc::Value& object : plan.objects) {
    if (doc::find_string(object, {"kind"}) == "Secret" &&
        doc::find_string(object, {"metadata", "name"}) == plan.token_secret)
      return "";
  }
  return fmt::format(
      "# The pods wait for Ray's token in Secret {0}. Make it once, before applying this:\n"
      "#   openssl rand -base64 32 | tr -d '\\n' > token && kubectl create secret generic {0} -n "
      "{1} --from-file={2}=token\n"
      "# or give a token with --token-file, and this output holds the Secret.\n",
      plan.token_secret, plan.ns, plan::token_key);
}

/// What else a plan only names, and how to make it. A password is not printed, nor asked for on a
/// command line.
std::string secrets_hint(const plan::Plan& plan) {
  std::string text;
  for (const plan::PlannedSecret& planned : plan.secrets) {
    if (planned.kind == plan::PlannedSecret::Kind::document_password) {
      text += fmt::format(
          "# The head waits for the document's Redis password in Secret {0}. Make it once:\n"
          "#   kubectl create secret generic {0} -n {1} --from-file={2}=FILE\n",
          planned.name, plan.ns, spec::redis_password_key);
    } else {
      text += fmt::format(
          "# Redis and the head wait for Secret {0}, which raykeep up makes: a password, and an "
          "ACL "
          "file with it.\n",
          planned.name);
    }
  }
  return text;
}

void print_yaml(const std::vector<plan::Plan>& plans) {
  for (const plan::Plan& plan : plans) {
    fmt::print("{}{}", token_hint(plan), secrets_hint(plan));
    for (const doc::Value& object : plan.objects) fmt::print("---\n{}", doc::write_yaml(object));
  }
}

void print_json(const std::vector<plan::Plan>& plans) {
  doc::Array items;
  for (const plan::Plan& plan : plans)
    items.insert(items.end(), plan.objects.begin(), plan.objects.end());
  fmt::print("{}", doc::write_json_pretty(doc::Object{
                       {"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}));
}

/// The Services above a RayService's cluster join its objects. What Serve is to run is in none.
void add_services(const Input& input, const std::string& ns, std::vector<plan::Plan>& plans) {
  const std::vector<plan::ServicePlan> services = service_plans_of(input, ns, "default");
  for (std::size_t i = 0; i < services.size(); ++i) {
    const plan::ServicePlan& service = services[i];
    auto of = std::ranges::find_if(plans, [&](const plan::Plan& plan) {
      return plan.cluster == service.cluster && plan.ns == service.ns;
    });
    if (of == plans.end()) continue;
    for (doc::Value& each : plan::front_services(input.services[i].service, input.site, service.ns,
                                                 service.cluster, false))
      of->objects.push_back(std::move(each));
    fmt::print(stderr,
               "serveConfigV2 of {} is in no object: raykeep up tells Serve, or PUT it to the "
               "dashboard's /api/serve/applications/\n",
               service.service);
  }
}

}  // namespace

int run(const RenderArguments& arguments) {
  Secret<std::string> token;
  if (!arguments.token_file.empty()) token = read_token(arguments.token_file);
  Input input = read_input(arguments.input);
  std::vector<plan::Plan> plans = plans_of(
      input, arguments.ns, "default",
      {.ns = "", .generation = std::string(plan::static_generation), .token = token.reveal()});
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  add_services(input, arguments.ns, plans);
  if (arguments.output == Output::json) {
    print_json(plans);
  } else {
    print_yaml(plans);
  }
  return ExitCode::done;
}

}  // namespace raykeep::cli
