// The command line as values: one struct per subcommand, with the defaults in place. arguments.cc
// is the only file that knows CLI11, so that nobody else pays for compiling it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "kube/config.h"

namespace raykeep::cli {

/// Which files are read. "-" is standard input.
struct InputArguments {
  std::vector<std::string> files;
  std::string site;
};

/// Which API server is asked, as whom, and how long a single request may take.
struct ConnectionArguments {
  kube::ConfigChoice choice;
  Duration request_timeout = std::chrono::seconds(30);
};

enum class Output { text, json, yaml, name, wide };

struct CheckArguments {
  InputArguments input;
  std::string ns;
  Output output = Output::text;
  bool strict = false;
  std::string explain;  // a finding's code; then nothing is read
};

struct RenderArguments {
  InputArguments input;
  std::string ns;
  Output output = Output::yaml;
  std::string token_file;
};

struct DiffArguments {
  InputArguments input;
  ConnectionArguments connection;
  Output output = Output::text;
};

struct UpArguments {
  InputArguments input;
  ConnectionArguments connection;
  Output output = Output::text;
  bool wait = true;
  bool dry_run = false;
  Duration timeout = std::chrono::minutes(10);
};

struct StatusArguments {
  std::string name;
  ConnectionArguments connection;
  Output output = Output::text;
  bool watch = false;
};

struct DownArguments {
  std::string name;
  InputArguments input;
  ConnectionArguments connection;
  Output output = Output::text;
  bool dry_run = false;
  Duration timeout = std::chrono::minutes(5);
};

struct ConnectArguments {
  std::string name;
  ConnectionArguments connection;
  std::optional<int> dashboard, client,
      serve;  // local ports; none given: all three at Ray's own numbers
  bool print_token = false;
};

struct ControllerArguments {
  std::string action = "run";  // or "install"
  ConnectionArguments connection;
  Output output = Output::text;  // yaml: install only prints
  bool dry_run = false;          // likewise
  int port = 52371;
  std::string secrets_folder = "/run/raykeep";
  std::vector<std::string> allow_image;
  std::vector<std::string> allow_service_account;
  std::vector<std::string> allow_volume;
  std::string site;
  std::string image;  // empty: the Site's
  int replicas = 2;
  std::string service_account;
  std::vector<std::string> api_server;
  std::vector<std::string> redis;
  bool rights_only = false;
};

struct DrillArguments {
  std::string name;
  ConnectionArguments connection;
  Output output = Output::text;
  std::vector<std::string> only;  // names of drills; empty: all
  std::string serve_path;         // empty: no load
  int serve_port = 8000;
  int rate = 50;
  Duration timeout = std::chrono::minutes(3);
  bool yes = false;
};

struct SchemaArguments {
  std::string kind;
};

struct SiteArguments {
  std::string action;  // "redis-acl"
  InputArguments input;
  std::string ns;
  std::string user;  // empty: the Site's or the document's
};

struct CompletionArguments {
  std::string shell;
};

struct VersionArguments {
  Output output = Output::text;
};

/// Words as they came: node reads them itself, so that this file need not know it.
struct NodeArguments {
  std::string role = "worker";
  int port = 52370;
  std::string ray_version;
  std::string gcs;
  int node_manager_port = 8077;
  int agent_port = 52365;
  int dashboard_port = 0;
  int serve_port = 0;
  bool serve_required = false;
  std::string token_file;
  Duration hold = std::chrono::seconds(60);
  Duration drain = std::chrono::seconds(30);
  std::string redis;
  std::string install;
  std::vector<std::string> command;
};

using Command = std::variant<CheckArguments, RenderArguments, DiffArguments, UpArguments,
                             StatusArguments, DownArguments, ConnectArguments, ControllerArguments,
                             DrillArguments, SchemaArguments, SiteArguments, CompletionArguments,
                             VersionArguments, NodeArguments>;

/// The command line ends here: help was asked for, or it makes no sense.
struct Stop {
  int exit_code;
  std::string text;  // for stdout when exit_code is 0, else for stderr
};

/// One subcommand or flag, for shell completion.
struct Shape {
  struct Flag {
    std::vector<std::string> names;  // "-o", "--output"
    std::string description;
    bool takes_value;
    std::vector<std::string> values;  // empty: any
    bool is_file;
  };
  std::string name;
  std::string description;
  std::vector<Flag> flags;
  std::vector<std::string> words;  // what may stand as an argument
};

/// What the program is called in usage texts: "raykeep", or "kubectl raykeep" for a binary or link
/// of that name.
std::string program_name(std::string_view argv0);

std::expected<Command, Stop> parse_arguments(int argc, const char* const* argv);

std::vector<Shape> command_shapes();

}  // namespace raykeep::cli
