// The command line as values: one struct per subcommand, with the defaults in place. arguments*.cc
// are the only files that know CLI11, so that nobody else pays for compiling it.
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
  std::string images_lock;
};

/// Which API server is asked, as whom, and how long a single request may take.
struct ConnectionArguments {
  kube::ConfigChoice choice;
  Duration request_timeout = std::chrono::seconds(30);
};

enum class Output { text, json, yaml, name, wide, junit, html };

struct CheckArguments {
  InputArguments input;
  std::string ns;
  Output output = Output::text;
  bool strict = false;
  std::vector<std::string> profiles;  // of policies, beside the Site's; "all" is every one
  std::string explain;                // a finding's code; then nothing is read
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

struct ServeArguments {
  std::string action;  // "curl", "logs", "status"
  std::string name;
  ConnectionArguments connection;
  Output output = Output::text;
  std::string path = "/";
  std::string method;  // empty: GET, or POST where there is data
  std::string data;
  std::vector<std::string> headers;
  std::string application;
  int tail = 20;
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
  std::string action = "run";  // or "install", "rotate-ca"
  ConnectionArguments connection;
  Output output = Output::text;  // yaml: install only prints
  bool dry_run = false;          // likewise
  int port = 52371;
  std::string secrets_folder = "/run/raykeep";
  Duration certificate_lifetime = Duration::zero();  // zero: certificates are not signed
  std::vector<std::string> allow_image;
  std::vector<std::string> allow_service_account;
  std::vector<std::string> allow_volume;
  std::string site;
  std::string images_lock;
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

struct VerifyArguments {
  std::string name;
  InputArguments input;  // instead of what is stored
  ConnectionArguments connection;
  Output output = Output::text;
  Duration timeout = std::chrono::seconds(1);  // until silence counts as dropped
  Duration watch = Duration::zero();
  bool speak = false;
  bool tls = false;
  bool no_probes = false;
  std::vector<std::string> accept;
};

struct ReportArguments {
  std::string name;
  InputArguments input;  // files given: what would run
  ConnectionArguments connection;
  Output output = Output::html;
  std::string verified;  // what raykeep verify -o json printed
  std::string file;      // empty: stdout
};

struct SchemaArguments {
  std::string kind;
};

struct SiteArguments {
  std::string action;  // "init", "mesh", "policies", "preflight", "redis-acl"
  InputArguments input;
  ConnectionArguments connection;
  std::string output_word;  // of init: the file; empty: standard output
  Output output = Output::text;
  bool pods = true;
  std::string user;  // of redis-acl; empty: the Site's or the document's
};

struct BundleArguments {
  std::string action;                 // "create", "diff", "extract", "keygen", ...
  std::vector<std::string> paths;     // the bundle; of diff the older and the newer one
  InputArguments input;               // create: what it is for; push: the Site alone
  std::vector<std::string> images;    // beside those of the documents
  std::vector<std::string> archives;  // of images: "FILE" or "NAME=FILE"
  std::vector<std::string> files;
  std::vector<std::string> platforms;  // "all" is every one; none: this machine's
  std::string base;                    // an older bundle: only what it lacks
  std::string base_registry;           // a registry's prefix: only what it lacks
  std::string key;                     // create, diff: the private one; otherwise the public one
  bool unsigned_too = false;           // create without a key; read without a signature
  bool pull_raykeep = false;
  bool program = true;
  bool bills = true;                        // of materials
  std::string split;                        // bytes, as a quantity
  std::string output_file;                  // diff: the difference as a bundle; extract: the folder
  std::string registry;                     // push: the prefix; empty: the Site's
  std::string images_lock = "images.lock";  // push: written
  std::string authfile;
  std::string registry_ca;
  std::string client_certificate, client_key;
  bool plain_http = false;
  std::string chunk;
  int jobs = 8;
  Output output = Output::text;
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
  int metrics_port = 0;
  bool serve_required = false;
  std::vector<std::string> tls_listen;  // "52380:8265"
  Duration tls_idle = std::chrono::hours(1);
  std::string token_file;
  Duration hold = std::chrono::seconds(60);
  Duration drain = std::chrono::seconds(30);
  std::string redis;
  std::string signer;  // "host:port"; empty: Ray has no TLS
  std::string tls_folder = "/run/raykeep/tls";
  std::string identity_folder = "/var/run/secrets/raykeep-identity";
  std::string install;
  std::vector<std::string> command;
};

/// What runs inside a pod for verify and preflight.
struct ProbeArguments {
  std::vector<std::string> targets;  // "tcp/10.0.0.1:80,81", "udp/dns:53"
  Duration timeout = std::chrono::seconds(1);
  int tries = 1;
  bool speak = false;
  bool tls = false;                     // the targets are of tls_probe.h: "http2/10.0.0.1:6379"
  bool listening = false;               // print on which ports this pod can be reached
  Duration sockets = Duration::zero();  // watch the pod's sockets that long
  Duration wait = Duration::zero();     // then stay that long
};

using Command = std::variant<CheckArguments, RenderArguments, DiffArguments, UpArguments,
                             StatusArguments, ServeArguments, DownArguments, ConnectArguments,
                             ControllerArguments, DrillArguments, VerifyArguments, ReportArguments,
                             SchemaArguments, SiteArguments, BundleArguments, CompletionArguments,
                             VersionArguments, NodeArguments, ProbeArguments>;

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
