// An image's files as a container would see them, as far as an inventory asks: layers applied from
// the lowest up, each read once, with OCI's whiteouts (image-spec, layer.md) and links.
//
// Kept are the contents of files that are asked for by their path, a digest of each program (an
// executable or library of ELF, a Java archive), and where symlinks lead. All else is forgotten
// when it has gone by.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "oci/digest.h"
#include "oci/layer.h"

namespace raykeep::sbom {

/// A program, by what it is and not by its name.
struct Program {
  oci::Digest digest;
  std::uint64_t size = 0;
  std::string go = {};  // the beginning of its Go build information (go.h), if it has any
  bool operator==(const Program&) const = default;
};

struct FilesystemLimits {
  std::size_t file = std::size_t{64} << 20;  // bytes of a file whose content is kept
  std::size_t kept = std::size_t{1} << 30;   // bytes of all that is kept at a time
  std::size_t nodes = 4'000'000;             // files and symlinks that are remembered
};

class Filesystem {
 public:
  /// Is the content of the file at this path asked for?
  using Wants = std::function<bool(std::string_view path)>;

  explicit Filesystem(Wants wants, FilesystemLimits limits = {})
      : wants_(std::move(wants)), limits_(limits) {}

  /// Puts the next layer on top. Throws Failure::invalid where a limit is passed.
  void apply(oci::LayerReader& layer);

  /// In the order of their paths.
  void each_content(
      const std::function<void(const std::string& path, const std::string& content)>& take) const;
  void each_program(const std::function<void(const std::string& path, const Program&)>& take) const;

  /// The content at a path, through symlinks; nullptr where it is absent or was not asked for.
  const std::string* content(std::string_view path) const;

  /// A path without symlinks in its folders: "bin/sh" is "usr/bin/sh" where bin is a symlink. The
  /// last step is not followed. Nothing where links go round in a circle.
  std::optional<std::string> resolve(std::string_view path) const;

  /// Files that were asked for and could not be kept, each with the reason.
  const std::map<std::string, std::string>& unread() const { return unread_; }

 private:
  struct Symlink {
    std::string target;
  };
  struct Node {
    unsigned layer = 0;
    std::variant<std::string, Program, Symlink> is;
  };
  using Nodes = std::map<std::string, Node, std::less<>>;

  void take(oci::LayerReader& layer, const oci::LayerEntry& entry, std::string path);
  void take_file(oci::LayerReader& layer, const oci::LayerEntry& entry, std::string path);
  void white_out(std::string_view folder, std::string_view name);
  void remove(std::string_view path, bool only_lower);
  void remove_below(std::string_view path, bool only_lower);
  Nodes::iterator forget(Nodes::iterator node);
  void put(std::string path, Node node);
  std::optional<std::string> follow(std::string_view path, bool last) const;

  Wants wants_;
  FilesystemLimits limits_;
  Nodes nodes_ = {};
  std::map<std::string, std::string> unread_ = {};
  std::size_t kept_ = 0;
  unsigned layer_ = 0;
  // Of the folder resolved last: entries of one folder mostly follow each other.
  std::string written_folder_ = {};
  std::string folder_ = {};
};

}  // namespace raykeep::sbom
