// Options that several subcommands have, and subcommands with a file of their own. Only
// arguments.cc and the files beside it include this: it shows CLI11.
#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "cli/arguments.h"

namespace raykeep::cli {

void add_output(CLI::App& app, Output& into, std::vector<Output> allowed);
void add_images_lock(CLI::App& app, std::string& into);

/// --site, --images-lock, and documents under `names`, whose option is given.
CLI::Option* add_files(CLI::App& app, InputArguments& into, const std::string& names);

/// -n, --context, --kubeconfig, --request-timeout.
void add_connection(CLI::App& app, ConnectionArguments& into);

void add_serve(CLI::App& root, ServeArguments& serve);
const std::vector<std::string>& serve_actions();

void add_bundle(CLI::App& root, BundleArguments& bundle);
const std::vector<std::string>& bundle_actions();

}  // namespace raykeep::cli
