// Kubeconfig files as they are written: entries by name, merged as kubectl merges, not yet resolved
// to one cluster and one identity. Pure: files are read by the caller.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "doc/json.h"
#include "kube/config.h"

namespace raykeep::kube {

/// Reads a file named in a kubeconfig; bounded. The error says what is wrong, not which file.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

/// An entry of one of the lists, with the file it came from.
struct Entry {
  std::string name;
  doc::Value body;  // the object under "cluster", "context" or "user"
  std::string file;
  std::string place;  // "FILE:12:3", for messages
};

/// One or more files, merged: of entries with the same name the first file's counts, whole
/// (client-go's loader.go).
struct Kubeconfig {
  std::vector<Entry> clusters;
  std::vector<Entry> contexts;
  std::vector<Entry> users;
  std::string current_context;
  std::vector<std::string> files;

  bool empty() const {
    return clusters.empty() && contexts.empty() && users.empty() && current_context.empty();
  }
};

/// Adds one file's text. Several entries of one name within a file: the first counts, as in
/// client-go.
Result<void> add_kubeconfig(Kubeconfig& config, std::string_view text, const std::string& file);

/// Chooses the context and reads what it needs.
Result<Config> resolve(const Kubeconfig& kubeconfig, const ConfigChoice& choice,
                       const FileReader& read_file);

}  // namespace raykeep::kube
