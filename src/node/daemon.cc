#include "node/daemon.h"

#include <charconv>

#include "base/text.h"

namespace raykeep::node {
namespace {

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view variable(const std::vector<std::string>& environment, std::string_view name) {
  return option(environment, name);
}

/// What a Python interpreter was told to run: "dashboard.py" or "ray.util.client.server"; empty for
/// -c and for what is no Python.
std::string_view python_program(const std::vector<std::string>& argv) {
  if (argv.empty() || !file_name(argv[0]).starts_with("python")) return {};
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (argv[i] == "-c") return {};
    if (argv[i] == "-m") return i + 1 < argv.size() ? std::string_view(argv[i + 1]) : "";
    if (!argv[i].starts_with('-')) return argv[i];
  }
  return {};
}

}  // namespace

std::string_view option(const std::vector<std::string>& argv, std::string_view name) {
  for (std::string_view word : argv) {
    if (word.starts_with(name) && word.substr(name.size()).starts_with('='))
      return word.substr(name.size() + 1);
  }
  return {};
}

std::string_view name_of(Daemon daemon) {
  switch (daemon) {
    case Daemon::gcs:
      return "gcs_server";
    case Daemon::raylet:
      return "raylet";
    case Daemon::dashboard:
      return "dashboard";
    case Daemon::monitor:
      return "monitor";
    case Daemon::log_monitor:
      return "log_monitor";
    case Daemon::client_server:
      return "client_server";
  }
  return "";
}

std::string_view name_of(Storage storage) {
  switch (storage) {
    case Storage::unknown:
      return "unknown";
    case Storage::memory:
      return "memory";
    case Storage::redis:
      return "redis";
    case Storage::rocksdb:
      return "rocksdb";
  }
  return "";
}

std::optional<Daemon> daemon_of(const std::vector<std::string>& argv) {
  if (argv.empty()) return std::nullopt;
  // With arguments only: a forked child shows its parent's command line, a shell may be called so.
  if (argv.size() > 1 && file_name(argv[0]) == "gcs_server") return Daemon::gcs;
  if (argv.size() > 1 && file_name(argv[0]) == "raylet") return Daemon::raylet;
  auto program = python_program(argv);
  if (program == "ray.util.client.server") {
    // Its per-session servers are its own children, in mode specific-server.
    return option(argv, "--mode") == "proxy" ? std::optional(Daemon::client_server) : std::nullopt;
  }
  if (program.ends_with("/ray/dashboard/dashboard.py")) return Daemon::dashboard;
  if (program.ends_with("/ray/autoscaler/_private/monitor.py")) return Daemon::monitor;
  if (program.ends_with("/ray/_private/log_monitor.py")) return Daemon::log_monitor;
  return std::nullopt;
}

Storage storage_of(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment) {
  if (variable(environment, "RAY_gcs_storage") == "rocksdb") return Storage::rocksdb;
  if (!option(argv, "--redis_address").empty()) return Storage::redis;
  return Storage::memory;
}

std::string node_id_of(const std::vector<std::string>& raylet_argv) {
  auto id = option(raylet_argv, "--node_id");
  return std::string(id.find_first_not_of("0123456789abcdef") == id.npos ? id : "");
}

bool restarts_gcs_in_place(std::string_view version) {
  auto parts = split(version, '.');
  int major = 0, minor = 0;
  auto read = [](std::string_view text, int& into) {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc();
  };
  if (parts.size() < 2 || !read(parts[0], major) || !read(parts[1], minor)) return false;
  return major > 2 || (major == 2 && minor >= 41);
}

}  // namespace raykeep::node
