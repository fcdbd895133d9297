// raykeep controller: runs in the namespace, and is put there by `raykeep controller install`.
#include "control/controller.h"

#include <unistd.h>
#include <cstdlib>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/session.h"
#include "control/authority_record.h"
#include "control/fields.h"
#include "control/install.h"
#include "control/inventory.h"
#include "doc/document.h"
#include "node/log.h"
#include "plan/names.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

std::string identity() {
  const char* pod = std::getenv("RAYKEEP_POD_NAME");
  if (pod != nullptr && *pod != '\0') return pod;
  const char* host = std::getenv("HOSTNAME");
  return fmt::format("{}-{}", host == nullptr ? "controller" : host, getpid());
}

control::Policy policy_of(const ControllerArguments& arguments) {
  control::Policy policy{.image_prefixes = arguments.allow_image,
                         .service_accounts = arguments.allow_service_account};
  if (!arguments.allow_volume.empty()) policy.volume_kinds = arguments.allow_volume;
  return policy;
}

awaitable<int> keep(const Access& access, const ControllerArguments& arguments,
                    const std::string& ns, const node::Log& log) {
  control::ControllerOptions options{.keeper = {.ns = ns,
                                                .identity = identity(),
                                                .secrets_folder = arguments.secrets_folder,
                                                .policy = policy_of(arguments)},
                                     .version = RAYKEEP_VERSION,
                                     .port = arguments.port};
  if (arguments.certificate_lifetime > Duration::zero())
    options.certificate_lifetime =
        std::chrono::duration_cast<std::chrono::seconds>(arguments.certificate_lifetime);
  control::Controller controller(
      co_await boost::asio::this_coro::executor, access, std::move(options),
      [&log](bool warning, std::string_view event, doc::Object fields) {
        log.say(warning ? node::Level::warning : node::Level::info, event, std::move(fields));
      });
  co_await controller.run();
  co_return ExitCode::done;
}

/// Requires: the command line was checked.
std::vector<control::OutsideAddress> addresses_in(const std::vector<std::string>& texts) {
  std::vector<control::OutsideAddress> made;
  for (const std::string& text : texts) made.push_back(*control::parse_outside_address(text));
  return made;
}

control::InstallOptions install_options(const ControllerArguments& arguments,
                                        const spec::Site& site, const std::string& ns) {
  return {.ns = ns,
          .image = arguments.image.empty() ? site.raykeep_image : arguments.image,
          .replicas = arguments.replicas,
          .policy = policy_of(arguments),
          .service_account = arguments.service_account,
          .api_server = addresses_in(arguments.api_server),
          .redis = addresses_in(arguments.redis)};
}

bool grants_rights(const doc::Value& object) {
  return control::kind_of(object) == "Role" || control::kind_of(object) == "RoleBinding";
}

void print_yaml(const std::vector<doc::Value>& objects) {
  for (const doc::Value& object : objects) fmt::print("---\n{}", doc::write_yaml(object));
}

/// Applies what the user's rights reach, and names what they do not.
awaitable<int> install(const Access& access, std::vector<doc::Value> objects, std::string ns) {
  std::vector<std::string> refused;
  for (const doc::Value& object : objects) {
    std::string name = control::label_for_people(object);
    try {
      kube::Applied applied = co_await access.client.apply(
          object, {.field_manager = std::string(plan::field_manager), .force = true},
          access.request());
      fmt::print("{} {}\n", name, applied.created ? "created" : "applied");
      continue;
    } catch (const Failure& failure) {
      if (failure.kind() != Failure::Kind::denied || !grants_rights(object)) throw;
    }
    refused.push_back(name);
  }
  if (refused.empty()) {
    fmt::print("next: kubectl rollout status deployment/raykeep-controller -n {}\n", ns);
    co_return ExitCode::done;
  }
  fmt::print(stderr,
             "{}: your rights in namespace {} do not reach that far, and until then the controller "
             "may do nothing.\nWhoever administers the namespace applies them once; each right is "
             "in them with its reason:\n  raykeep controller install -n {} -o yaml --rights-only | "
             "kubectl apply -f -\nor name a ServiceAccount that has these rights already "
             "(\"edit\" is enough): --service-account NAME\n",
             join(refused, ", "), ns, ns);
  co_return ExitCode::failed;
}

int run_install(const ControllerArguments& arguments) {
  Input input =
      read_input({.files = {}, .site = arguments.site, .images_lock = arguments.images_lock});
  if (!input.usable()) {
    print(stderr, input.findings);
    return ExitCode::findings;
  }
  auto objects_in = [&](const std::string& ns) {
    std::vector<doc::Value> objects =
        control::controller_objects(install_options(arguments, input.site, ns), input.site);
    if (arguments.rights_only)
      std::erase_if(objects, [](const doc::Value& each) {
        return !grants_rights(each) && control::kind_of(each) != "ServiceAccount";
      });
    return objects;
  };
  if (input.site.api_server.administrator && arguments.api_server.empty()) {
    fmt::print(
        stderr,
        "the Site leaves the way to the API server to the administrator: until `raykeep site "
        "policies` is applied, the controller reaches nothing\n");
  }
  const bool only_print = arguments.output == Output::yaml || arguments.dry_run;
  if (only_print && !arguments.connection.choice.ns.empty()) {  // needs no cluster
    print_yaml(objects_in(arguments.connection.choice.ns));
    return ExitCode::done;
  }
  kube::Config config = connection_config(arguments.connection);
  if (only_print) {
    print_yaml(objects_in(config.ns));
    return ExitCode::done;
  }
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return install(access, objects_in(config.ns), config.ns); },
      "what was applied stays, and the same command goes on from here");
}

/// Asks the controller to replace the authority: a note on its Secret.
awaitable<int> rotate(const Access& access, std::string ns) {
  const kube::Ref ref{control::kinds::secret, ns, std::string(plan::authority_name)};
  std::optional<doc::Value> found = co_await access.client.find(ref, access.request());
  if (!found) {
    fmt::print(stderr, "there is no Secret {} in namespace {}: no controller signs there\n",
               plan::authority_name, ns);
    co_return ExitCode::failed;
  }
  if (control::label_of(*found, plan::managed_by_label) != plan::managed_by) {
    fmt::print(stderr, "Secret {}/{} is not Raykeep's: whoever made it renews it\n", ns,
               plan::authority_name);
    co_return ExitCode::failed;
  }
  doc::Object annotations{{control::rotate_annotation, "now"}};
  co_await access.client.merge_patch(
      ref, doc::Object{{"metadata", doc::Object{{"annotations", std::move(annotations)}}}},
      access.request());
  fmt::print(
      "the controller replaces the authority: every Ray node is started again twice, one at a "
      "time; `raykeep status -n {}` shows how far it is\n",
      ns);
  co_return ExitCode::done;
}

}  // namespace

int run(const ControllerArguments& arguments) {
  if (arguments.action == "install") return run_install(arguments);
  if (arguments.action == "rotate-ca") {
    kube::Config config = connection_config(arguments.connection);
    return run_session(
        config, arguments.connection.request_timeout,
        [&](const Access& access) { return rotate(access, config.ns); }, "");
  }
  kube::Config config = connection_config(arguments.connection);
  node::Log log(2, "controller");
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return keep(access, arguments, config.ns, log); }, "");
}

}  // namespace raykeep::cli
