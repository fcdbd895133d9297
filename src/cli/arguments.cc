#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "cli/arguments_parts.h"
#include "cli/exit_code.h"
#include "control/drill_table.h"
#include "control/install.h"
#include "profile/profile.h"

namespace raykeep::cli {
namespace {

const std::vector<std::string> shells = {"bash", "zsh", "fish"};
const std::vector<std::string> schemas = {"raycluster", "site"};
const std::vector<std::string> site_actions = {"init", "mesh", "policies", "preflight",
                                               "redis-acl"};
const std::vector<std::string> controller_actions = {"run", "install", "rotate-ca"};

/// Every subcommand's arguments, filled while CLI11 reads; the one that was named is taken out.
struct All {
  CheckArguments check;
  RenderArguments render;
  DiffArguments diff;
  UpArguments up;
  StatusArguments status;
  ServeArguments serve;
  DownArguments down;
  ConnectArguments connect;
  ControllerArguments controller;
  DrillArguments drill;
  VerifyArguments verify;
  ReportArguments report;
  SchemaArguments schema;
  SiteArguments site;
  BundleArguments bundle;
  CompletionArguments completion;
  VersionArguments version;
  NodeArguments node;
  ProbeArguments probe;
};

void add_duration(CLI::App& app, const std::string& flag, Duration& into,
                  const std::string& description) {
  auto take = [&into, flag](const std::string& text) {
    Result<Duration> duration = parse_duration(text);
    if (!duration) throw CLI::ValidationError(flag, duration.error().text);
    into = *duration;
  };
  app.add_option_function<std::string>(flag, take, description)->type_name("DURATION");
}

void add_namespace(CLI::App& app, std::string& into) {
  app.add_option("-n,--namespace", into, "The namespace")->type_name("NAME");
}

void add_dry_run(CLI::App& app, bool& into, std::vector<std::string> allowed) {
  auto take = [&into](const std::string& text) { into = text != "none"; };
  allowed.push_back("none");
  app.add_option_function<std::string>("--dry-run", take,
                                       "Only say what would be done: " + join(allowed, ", "))
      ->check(CLI::IsMember(allowed))
      ->type_name("HOW");
}

void add_check(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "check", "Say everything that is wrong with documents, without a cluster");
  CLI::Option* files = add_files(app, all.check.input, "-f,--filename,FILE");
  add_namespace(app, all.check.ns);
  add_output(app, all.check.output, {Output::text, Output::json});
  app.add_flag("--strict", all.check.strict, "Warnings fail as errors do");
  std::vector<std::string> profiles{"all"};
  for (const profile::ProfileInfo& each : profile::kProfiles) profiles.emplace_back(each.name);
  app.add_option(
         "--profile", all.check.profiles,
         "Hold the objects against policy profiles, too: " + profile::profile_names() + ", or all")
      ->type_name("NAMES")
      ->delimiter(',')
      ->check(CLI::IsMember(profiles));
  CLI::Option* explain =
      app.add_option("--explain", all.check.explain, "Explain a finding's code instead")
          ->type_name("CODE");
  files->excludes(explain);
  app.callback([&all] {
    if (all.check.input.files.empty() && all.check.explain.empty())
      throw CLI::RequiredError("-f FILE");
  });
}

void add_render(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("render", "Print the Kubernetes objects that documents become");
  add_files(app, all.render.input, "-f,--filename")->required();
  add_namespace(app, all.render.ns);
  add_output(app, all.render.output, {Output::yaml, Output::json});
  app.add_option("--token-file", all.render.token_file,
                 "Put Ray's token from this file into the objects, as a Secret")
      ->type_name("FILE");
}

void add_diff(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand("diff", "Show what up would change in the namespace");
  add_files(app, all.diff.input, "-f,--filename")->required();
  add_output(app, all.diff.output, {Output::text, Output::json});
  add_connection(app, all.diff.connection);
}

void add_up(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "up", "Make the cluster in the namespace what the document says, and wait for it");
  add_files(app, all.up.input, "-f,--filename")->required();
  add_output(app, all.up.output, {Output::text, Output::json, Output::name});
  app.add_flag("--wait,!--no-wait", all.up.wait, "Wait until every pod is ready [yes]");
  add_duration(app, "--timeout", all.up.timeout, "How long to wait; 0 is no limit [10m]");
  add_dry_run(app, all.up.dry_run, {"server"});
  add_connection(app, all.up.connection);
}

void add_status(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("status", "Say how the namespace's clusters are, and what ails them");
  app.add_option("NAME", all.status.name, "The cluster; all of the namespace when not given");
  app.add_flag("-w,--watch", all.status.watch, "Keep watching");
  add_output(app, all.status.output,
             {Output::text, Output::wide, Output::json, Output::yaml, Output::name});
  add_connection(app, all.status.connection);
}

void add_down(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("down", "Remove a cluster: all that up made, and nothing else");
  CLI::Option* name = app.add_option("NAME", all.down.name, "The cluster");
  add_files(app, all.down.input, "-f,--filename")->excludes(name);
  add_output(app, all.down.output, {Output::text, Output::json, Output::name});
  add_duration(app, "--timeout", all.down.timeout,
               "How long to wait until all is gone; 0 is no limit [5m]");
  add_dry_run(app, all.down.dry_run, {"client", "server"});
  add_connection(app, all.down.connection);
  app.callback([&all] {
    if (all.down.input.files.empty() && all.down.name.empty())
      throw CLI::RequiredError("NAME or -f FILE");
  });
}

void add_connect(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("connect", "Open the dashboard, Ray Client and Serve on this machine");
  app.add_option("NAME", all.connect.name, "The cluster; needed when the namespace has several");
  app.add_option("--dashboard", all.connect.dashboard,
                 "Local port for the dashboard and the Jobs API [8265]")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--client", all.connect.client, "Local port for Ray Client [10001]")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--serve", all.connect.serve, "Local port for Serve [8000]")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--print-token", all.connect.print_token, "Print Ray's token, too");
  add_connection(app, all.connect.connection);
}

void add_controller(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "controller", "Keep a namespace's clusters as their documents say, and replace lost heads");
  ControllerArguments& controller = all.controller;
  app.add_option("ACTION", controller.action,
                 "run (in the namespace); install: put it there; rotate-ca: replace the "
                 "authority of Ray's own TLS, with every node started again twice [run]")
      ->check(CLI::IsMember(controller_actions));
  auto list = [&app](const char* name, std::vector<std::string>& into, const char* what,
                     const char* type) {
    return app.add_option(name, into, what)->type_name(type)->delimiter(',');
  };
  app.add_option("--port", controller.port, "run: for /livez, /readyz and /metrics [52371]")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--secrets-folder", controller.secrets_folder,
                 "run: where credentials of Redis stand while they are used [/run/raykeep]")
      ->type_name("DIR");
  add_duration(app, "--certificate-lifetime", controller.certificate_lifetime,
               "run: sign certificates of Ray's nodes that last so long [none are signed]");
  list("--allow-image", controller.allow_image, "Run only images that begin so", "PREFIX");
  list("--allow-service-account", controller.allow_service_account,
       "Let documents run pods as these", "NAME");
  list("--allow-volume", controller.allow_volume,
       "Kinds of volumes [those that \"restricted\" allows]", "KIND");
  app.add_option("--site", controller.site, "install: the Site")->type_name("FILE");
  add_images_lock(app, controller.images_lock);
  app.add_option("--image", controller.image, "install: Raykeep's image [the Site's]")
      ->type_name("IMAGE");
  app.add_option("--replicas", controller.replicas, "install: how many; one acts [2]")
      ->type_name("N")
      ->check(CLI::Range(1, 10));
  app.add_option("--service-account", controller.service_account,
                 "install: run as this one, which has the rights already, and grant none")
      ->type_name("NAME");
  auto address = [](const std::string& text) {
    auto parsed = control::parse_outside_address(text);
    return parsed ? ""
                  : fmt::format("{}; write 10.0.0.1/32 or 10.0.0.1/32:6443", parsed.error().text);
  };
  list("--api-server", controller.api_server,
       "install: where the API server is, for the policy [any address, ports 443 and 6443]", "CIDR")
      ->check(address);
  list("--redis", controller.redis,
       "install: where a Redis outside is, for the policy, beside the Site's own", "CIDR")
      ->check(address);
  app.add_flag("--rights-only", controller.rights_only,
               "install: only ServiceAccount, Role and RoleBinding");
  add_dry_run(app, controller.dry_run, {"client"});
  add_output(app, controller.output, {Output::text, Output::yaml});
  add_connection(app, controller.connection);
}

void add_drill(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("drill", "Harm a cluster on purpose, and measure how it comes back");
  DrillArguments& drill = all.drill;
  app.add_option("NAME", drill.name, "The cluster; needed when the namespace has several");
  std::vector<std::string> names;
  for (const control::Drill& each : control::all_drills()) names.emplace_back(each.name);
  app.add_option("--only", drill.only, "Only these: " + join(names, ", "))
      ->type_name("NAMES")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--serve-path", drill.serve_path,
                 "Send requests for this path to the Serve proxies of all workers, and count those "
                 "that fail")
      ->type_name("PATH");
  app.add_option("--serve-port", drill.serve_port, "The proxies' port [8000]")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535));
  app.add_option("--rate", drill.rate, "Requests a second, in all [50]")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  add_duration(app, "--timeout", drill.timeout, "How long each may take to heal [3m]");
  app.add_flag("--yes", drill.yes, "Yes, harm it");
  add_output(app, drill.output, {Output::text, Output::json});
  add_connection(app, drill.connection);
}

void add_verify(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "verify", "Try on the live cluster that every flow passes and nothing else does");
  VerifyArguments& verify = all.verify;
  CLI::Option* name =
      app.add_option("NAME", verify.name, "The cluster; needed when the namespace has several");
  add_files(app, verify.input, "-f,--filename")->excludes(name);
  add_duration(app, "--timeout", verify.timeout, "Until silence counts as dropped [1s]");
  add_duration(app, "--watch", verify.watch,
               "Also watch the pods' sockets that long: what is used and not in the table [0s]");
  app.add_flag("--speak", verify.speak,
               "Send plaintext on open ports, and look whether it is answered or cut off");
  CLI::Option* tls = app.add_flag(
      "--tls", verify.tls,
      "Offer plaintext, foreign and expired certificates and old TLS to every encrypted port");
  app.add_flag("--no-probes", verify.no_probes, "Start no pods: only judge the policies")
      ->excludes(tls);
  app.add_option("--accept", verify.accept,
                 "NetworkPolicies of others that may permit more than the table")
      ->type_name("NAMES")
      ->delimiter(',');
  add_output(app, verify.output, {Output::text, Output::json, Output::junit});
  add_connection(app, verify.connection);
}

void add_report(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "report", "Write what a security reviewer asks for, as one HTML file or as JSON");
  ReportArguments& report = all.report;
  app.add_option("NAME", report.name, "The cluster; needed when there are several");
  add_files(app, report.input, "-f,--filename");
  add_output(app, report.output, {Output::html, Output::json});
  app.add_option("--verified", report.verified, "What raykeep verify -o json printed")
      ->type_name("FILE");
  app.add_option("--file", report.file, "Write it there and not to standard output")
      ->type_name("FILE");
  add_connection(app, report.connection);
}

void add_site(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "site", "Describe the place: write a Site, try it, and what others are asked for");
  SiteArguments& site = all.site;
  app.add_option("ACTION", site.action,
                 "init: write a Site of what can be found out; preflight: name everything that "
                 "stands in up's way; policies: what the cluster's administrator applies, in the "
                 "enforcer's dialect; mesh: what narrows the service mesh, for whoever may apply "
                 "it; redis-acl: the least rights in Redis for each cluster")
      ->required()
      ->check(CLI::IsMember(site_actions));
  add_files(app, site.input, "-f,--filename,FILE");
  app.add_option("-o,--output", site.output_word,
                 "Output format of preflight, or the file that init writes: text, json")
      ->type_name("FORMAT");
  app.add_flag("--pods,!--no-pods", site.pods,
               "preflight: try with short-lived pods, too, and not by dry runs alone [yes]");
  app.add_option("--user", site.user,
                 "redis-acl: the user's name in Redis; the Site's when not given")
      ->type_name("NAME");
  add_connection(app, site.connection);
  app.callback([&site] {
    const bool of_documents = site.action != "init" && site.action != "preflight";
    if (of_documents && site.input.files.empty()) throw CLI::RequiredError("-f FILE");
    if (site.action != "preflight" || site.output_word.empty()) return;
    if (site.output_word == "json")
      site.output = Output::json;
    else if (site.output_word != "text")
      throw CLI::ValidationError("--output", site.output_word + " is neither text nor json");
  });
}

void add_rest(CLI::App& root, All& all) {
  CLI::App& schema =
      *root.add_subcommand("schema", "Print the JSON Schema of a document, for editors");
  schema.add_option("KIND", all.schema.kind, "raycluster or site")
      ->required()
      ->check(CLI::IsMember(schemas, CLI::ignore_case));
  CLI::App& completion =
      *root.add_subcommand("completion", "Print the completion script for a shell");
  completion.add_option("SHELL", all.completion.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(shells));
  CLI::App& version = *root.add_subcommand(
      "version", "Print the version of this program and the Ray versions it knows");
  version.add_flag("--client")
      ->description("Accepted for kubectl's sake: there is no server to ask");
  add_output(version, all.version.output, {Output::text, Output::json, Output::yaml});
}

void add_probe(CLI::App& root, All& all) {
  CLI::App& app = *root.add_subcommand(
      "probe", "Inside a pod: try ports and say what became of it (verify and preflight run this)");
  ProbeArguments& probe = all.probe;
  app.add_option("TARGET", probe.targets,
                 "tcp/HOST:PORT[,PORT], udp/HOST:PORT, udp/dns:53; with --tls http2/HOST:PORT, "
                 "http1/HOST:PORT, redis/HOST:PORT");
  add_duration(app, "--timeout", probe.timeout, "How long an answer may take [1s]");
  app.add_option("--tries", probe.tries, "How often to try what does not arrive [1]")
      ->type_name("TIMES")
      ->check(CLI::Range(1, 10));
  app.add_flag("--speak", probe.speak, "Send plaintext on what is open, and look what comes back");
  app.add_flag("--tls", probe.tls,
               "Offer what encrypted ports must refuse: plaintext, foreign certificates, old TLS");
  app.add_flag("--listening", probe.listening, "Print on which TCP ports this pod can be reached");
  add_duration(app, "--sockets", probe.sockets, "First watch the pod's sockets that long [0s]");
  add_duration(app, "--wait", probe.wait, "Stay that long at the end [0s]");
}

void add_node(CLI::App& root, All& all) {
  CLI::App& app =
      *root.add_subcommand("node", "Process 1 of a Ray container: keep its Ray running");
  NodeArguments& node = all.node;
  auto port = [&app](const char* name, int& into, const char* what) {
    app.add_option(name, into, what)->type_name("PORT")->check(CLI::Range(0, 65535));
  };
  app.add_option("--role", node.role, "What this node is: head, worker")
      ->type_name("HOW")
      ->check(CLI::IsMember({"head", "worker"}));
  app.add_option("--ray-version", node.ray_version, "The image's Ray, as 2.60.0")
      ->type_name("VERSION");
  app.add_option("--gcs", node.gcs, "Where the GCS is")->type_name("HOST:PORT");
  port("--port", node.port, "For /livez, /readyz, /metrics and /status [52370]");
  port("--node-manager-port", node.node_manager_port, "The raylet's gRPC port [8077]");
  port("--agent-port", node.agent_port, "The dashboard agent's HTTP port [52365]");
  port("--dashboard-port", node.dashboard_port, "Be ready only when the dashboard answers there");
  port("--metrics-port", node.metrics_port,
       "Where Ray tells its metrics: Serve's traffic is counted");
  port("--serve-port", node.serve_port, "Be ready only when a Serve proxy there is well");
  app.add_flag("--serve-required", node.serve_required, "Be ready only with a Serve proxy");
  app.add_option("--tls-listen", node.tls_listen,
                 "End TLS on PORT and carry bytes to PLAINPORT on loopback; h2: for gRPC; FOLDER: "
                 "of tls.crt and tls.key, in place of --tls-folder")
      ->type_name("PORT:PLAINPORT[,h2][,FOLDER]");
  add_duration(app, "--tls-idle", node.tls_idle,
               "Close a connection to a TLS port without a byte for so long [1h]");
  app.add_option("--token-file", node.token_file, "Ray's token")->type_name("FILE");
  app.add_option("--redis", node.redis, "The head's way to Redis, as YAML or JSON")
      ->type_name("FILE");
  app.add_option("--signer", node.signer, "The controller, which signs a certificate for Ray's TLS")
      ->type_name("HOST:PORT");
  app.add_option("--tls-folder", node.tls_folder,
                 "For tls.key, tls.crt and ca.crt, in memory [/run/raykeep/tls]")
      ->type_name("DIR");
  app.add_option("--identity-folder", node.identity_folder,
                 "With token and ca.crt [/var/run/secrets/raykeep-identity]")
      ->type_name("DIR");
  add_duration(app, "--hold", node.hold,
               "How long Redis may be away, where FILE does not say [60s]");
  add_duration(app, "--drain", node.drain, "How long work may take to leave after SIGTERM [30s]");
  app.add_option("--install", node.install, "Only copy this program into DIR, as raykeep")
      ->type_name("DIR");
  app.footer(
      "The command that starts Ray follows after --, without --block:\n"
      "  raykeep node --role=head --gcs=127.0.0.1:6379 -- ray start --head");
  app.callback([&all] {
    if (!all.node.install.empty()) return;
    if (all.node.gcs.empty()) throw CLI::RequiredError("--gcs HOST:PORT");
  });
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// "FORMAT", without the allowed values that CLI11 adds.
std::string type_of(const CLI::Option& option) {
  std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& letter : option.get_snames()) names.push_back("-" + letter);
  for (const std::string& word : option.get_lnames()) names.push_back("--" + word);
  return names;
}

/// Indents as kubectl's help does and leaves CLI11's type notes out.
class Help : public CLI::Formatter {
 public:
  Help() { column_width(34); }
  std::string make_option_opts(const CLI::Option* option) const override {
    return takes_value(*option) ? " " + type_of(*option) : "";
  }
  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    return positional ? option->get_name(true) : join(names_of(*option), ", ");
  }
};

void build(CLI::App& app, All& all, const std::string& name) {
  app.name(name);
  app.formatter(std::make_shared<Help>());
  app.require_subcommand(1);
  app.get_option("--help")->description("Print this help");
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 findings, 130 interrupted.");
  add_check(app, all);
  add_render(app, all);
  add_diff(app, all);
  add_up(app, all);
  add_status(app, all);
  add_serve(app, all.serve);
  add_down(app, all);
  add_connect(app, all);
  add_controller(app, all);
  add_drill(app, all);
  add_verify(app, all);
  add_report(app, all);
  add_site(app, all);
  add_bundle(app, all.bundle);
  add_rest(app, all);
  add_node(app, all);
  add_probe(app, all);
  for (CLI::App* each : app.get_subcommands({}))
    each->get_option("--help")->description("Print this help");
}

Command chosen(const CLI::App& app, All&& all) {
  std::string name = app.get_subcommands().at(0)->get_name();
  if (name == "check") return std::move(all.check);
  if (name == "render") return std::move(all.render);
  if (name == "diff") return std::move(all.diff);
  if (name == "up") return std::move(all.up);
  if (name == "status") return std::move(all.status);
  if (name == "serve") return std::move(all.serve);
  if (name == "down") return std::move(all.down);
  if (name == "connect") return std::move(all.connect);
  if (name == "controller") return std::move(all.controller);
  if (name == "drill") return std::move(all.drill);
  if (name == "verify") return std::move(all.verify);
  if (name == "report") return std::move(all.report);
  if (name == "schema") return std::move(all.schema);
  if (name == "site") return std::move(all.site);
  if (name == "bundle") return std::move(all.bundle);
  if (name == "completion") return std::move(all.completion);
  if (name == "node") return std::move(all.node);
  if (name == "probe") return std::move(all.probe);
  return std::move(all.version);
}

std::vector<std::string> names_of_subcommands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

/// What CLI11 says, in our words where its own do not help.
std::string explain(const CLI::ParseError& problem, const CLI::App& app, int argc,
                    const char* const* argv) {
  bool has_command = !app.get_subcommands().empty();
  if (!has_command && argc > 1 && argv[1][0] != '-') {
    std::string meant = nearest(argv[1], names_of_subcommands(app));
    return fmt::format("there is no command {}{}", quoted(argv[1]),
                       meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
  }
  if (!has_command && argc == 1) return "a command is missing";
  std::string text = problem.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&problem) && text.find(".yaml") != std::string::npos) {
    return text + "; files are given with -f";
  }
  return text;
}

/// The words after the colon of "Output format: text, json".
std::vector<std::string> listed_in(std::string_view description) {
  std::vector<std::string> words;
  for (std::string_view word : split(description.substr(description.find(':') + 1), ','))
    words.emplace_back(trim(word));
  return words;
}

}  // namespace

void add_connection(CLI::App& app, ConnectionArguments& into) {
  add_namespace(app, into.choice.ns);
  app.add_option("--context", into.choice.context, "The kubeconfig context to use")
      ->type_name("NAME");
  app.add_option("--kubeconfig", into.choice.kubeconfig, "The kubeconfig file to use")
      ->type_name("FILE");
  add_duration(app, "--request-timeout", into.request_timeout,
               "How long one request may take; 0 is no limit [30s]");
}

std::string program_name(std::string_view argv0) {
  std::string_view base = argv0.substr(argv0.rfind('/') + 1);
  bool plugin = base.starts_with("kubectl-raykeep") || base.starts_with("kubectl_raykeep");
  return plugin ? "kubectl raykeep" : "raykeep";
}

std::expected<Command, Stop> parse_arguments(int argc, const char* const* argv) {
  All all;
  CLI::App app("Runs Ray clusters from KubeRay's YAML in a namespace that someone else guards.");
  std::string name = program_name(argc > 0 ? argv[0] : "raykeep");
  build(app, all, name);
  // What follows "--" is another program's command line: nothing in it is ours.
  int ours = argc;
  if (argc > 1 && std::string_view(argv[1]) == "node") {
    for (int i = 2; i < argc && ours == argc; ++i) {
      if (std::string_view(argv[i]) == "--") ours = i;
    }
    for (int i = ours + 1; i < argc; ++i) all.node.command.emplace_back(argv[i]);
  }
  try {
    app.parse(ours, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& asked = app.get_subcommands().empty() ? app : *app.get_subcommands()[0];
    return std::unexpected(Stop{ExitCode::done, asked.help(&asked == &app ? "" : name)});
  } catch (const CLI::ParseError& problem) {
    std::string where =
        app.get_subcommands().empty() ? name : name + " " + app.get_subcommands()[0]->get_name();
    return std::unexpected(
        Stop{ExitCode::wrong_usage, fmt::format("{}: {}\nSee \"{} --help\".\n", where,
                                                explain(problem, app, argc, argv), where)});
  }
  return chosen(app, std::move(all));
}

std::vector<Shape> command_shapes() {
  All all;
  CLI::App app;
  build(app, all, "raykeep");
  std::vector<Shape> shapes;
  for (CLI::App* each : app.get_subcommands([](CLI::App*) { return true; })) {
    Shape shape{each->get_name(), each->get_description(), {}, {}};
    for (const CLI::Option* option : each->get_options()) {
      if (option->nonpositional()) {
        std::string type = type_of(*option);
        Shape::Flag flag{
            names_of(*option), option->get_description(), takes_value(*option), {}, type == "FILE"};
        if (type == "FORMAT" || type == "HOW") flag.values = listed_in(flag.description);
        shape.flags.push_back(flag);
      }
    }
    if (shape.name == "schema") shape.words = schemas;
    if (shape.name == "site") shape.words = site_actions;
    if (shape.name == "serve") shape.words = serve_actions();
    if (shape.name == "bundle") shape.words = bundle_actions();
    if (shape.name == "controller") shape.words = controller_actions;
    if (shape.name == "completion") shape.words = shells;
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

}  // namespace raykeep::cli
