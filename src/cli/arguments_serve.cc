// raykeep serve's command line.
#include "cli/arguments_parts.h"

namespace raykeep::cli {

const std::vector<std::string>& serve_actions() {
  static const std::vector<std::string> actions = {"curl", "logs", "status"};
  return actions;
}

void add_serve(CLI::App& root, ServeArguments& serve) {
  CLI::App& app = *root.add_subcommand(
      "serve", "Look at what Ray Serve runs: its applications, their logs, an answer");
  app.add_option("ACTION", serve.action,
                 "status: applications, deployments and replicas; logs: what replicas and proxies "
                 "wrote; curl: send one request to a proxy that takes them, and print the answer")
      ->required()
      ->check(CLI::IsMember(serve_actions()));
  app.add_option("NAME", serve.name,
                 "The RayService or cluster; needed when the namespace has several");
  app.add_option("--path", serve.path, "curl: path and query [/]")->type_name("PATH");
  app.add_option("-X,--method", serve.method, "curl: the method [GET, POST with --data]")
      ->type_name("METHOD");
  app.add_option("-d,--data", serve.data, "curl: the body, or @FILE")->type_name("TEXT");
  app.add_option("-H,--header", serve.headers, "curl: a header, as in \"Name: value\"")
      ->type_name("HEADER");
  app.add_option("--application", serve.application, "logs: of this one only")->type_name("NAME");
  app.add_option("--tail", serve.tail, "logs: so many lines of each file [20]")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  add_output(app, serve.output, {Output::text, Output::json});
  add_connection(app, serve.connection);
}

}  // namespace raykeep::cli
