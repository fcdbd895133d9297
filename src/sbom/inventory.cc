#include "sbom/inventory.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sbom/apk.h"
#include "sbom/conda.h"
#include "sbom/dpkg.h"
#include "sbom/go.h"
#include "sbom/python.h"

namespace raykeep::sbom {
namespace {

enum class Source { none, os_release, dpkg, dpkg_list, apk, conda, python, python_record, rpm };

constexpr std::size_t most_notes = 100;

bool is_one_of(std::string_view path, std::span<const std::string_view> list) {
  return std::ranges::find(list, path) != list.end();
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// What the file at a path is for.
Source source_of(std::string_view path) {
  using enum Source;
  using Paths = std::array<std::string_view, 3>;
  static constexpr Paths apks = {"lib/apk/db/installed", "usr/lib/apk/db/installed",
                                 "var/lib/apk/db/installed"};
  static constexpr std::array<std::string_view, 6> rpms = {"var/lib/rpm/Packages",
                                                           "var/lib/rpm/Packages.db",
                                                           "var/lib/rpm/rpmdb.sqlite",
                                                           "usr/lib/sysimage/rpm/Packages",
                                                           "usr/lib/sysimage/rpm/Packages.db",
                                                           "usr/lib/sysimage/rpm/rpmdb.sqlite"};
  constexpr std::string_view split_status = "var/lib/dpkg/status.d/";
  if (path == "etc/os-release" || path == "usr/lib/os-release") return os_release;
  if (path == "var/lib/dpkg/status") return dpkg;
  if (path.starts_with(split_status)) return path.ends_with(".md5sums") ? dpkg_list : dpkg;
  if (path.starts_with("var/lib/dpkg/info/") && path.ends_with(".list")) return dpkg_list;
  if (is_one_of(path, apks)) return apk;
  if (is_one_of(path, rpms)) return rpm;
  if (path.ends_with(".dist-info/METADATA") || path.ends_with(".egg-info/PKG-INFO") ||
      path.ends_with(".egg-info")) {
    return python;
  }
  if (path.ends_with(".dist-info/RECORD")) return python_record;
  if (path.ends_with(".json") &&
      (path.contains("/conda-meta/") || path.starts_with("conda-meta/"))) {
    return conda;
  }
  return none;
}

class Taker {
 public:
  explicit Taker(const Filesystem& files) : files_(files) {}

  Inventory run() && {
    for (const char* path : {"etc/os-release", "usr/lib/os-release"}) {
      const std::string* text = files_.content(path);
      if (text != nullptr && made_.os.id.empty()) made_.os = parse_os_release(*text);
    }
    files_.each_program([&](const std::string& path, const Program& program) {
      if (program.go.empty())
        unowned_.emplace(path, &program);
      else
        take_go(path, program);
    });
    for (const auto& [path, program] : unowned_) unowned_names_.emplace(name_of(path));
    files_.each_content(
        [&](const std::string& path, const std::string& content) { take_content(path, content); });
    for (const auto& [path, why] : files_.unread()) note(path, why);
    sort_packages(made_.packages);
    made_.unknown_count = unowned_.size();
    for (const auto& [path, program] : unowned_) {
      if (made_.unknown.size() == most_unknown) break;
      made_.unknown.push_back({path, program->digest, program->size});
    }
    std::ranges::sort(made_.notes);
    if (left_out_ > 0) made_.notes.push_back(fmt::format("and {} files more", left_out_));
    return std::move(made_);
  }

 private:
  void take_content(const std::string& path, const std::string& content) {
    auto own = [&](std::string_view file) { take_owned(file); };
    switch (source_of(path)) {
      case Source::dpkg:
        add(parse_dpkg(content, made_.os, path));
        break;
      case Source::dpkg_list:
        each_dpkg_file(content, own);
        break;
      case Source::apk:
        add(parse_apk(content, made_.os, path));
        each_apk_file(content, own);
        break;
      case Source::conda:
        add(path, parse_conda(content, path, own));
        break;
      case Source::python:
        add(path, parse_python(content, path));
        break;
      case Source::python_record:
        each_python_file(content, path, own);
        break;
      case Source::rpm:
        note(path, "is a database of rpm, which is not read");
        break;
      case Source::os_release:
      case Source::none:
        break;
    }
  }

  void take_go(const std::string& path, const Program& program) {
    Result<std::vector<Package>> modules = parse_go(program.go, path);
    if (modules)
      add(std::move(*modules));
    else
      unowned_.emplace(path, &program);
  }

  void add(std::vector<Package> packages) {
    std::ranges::move(packages, std::back_inserter(made_.packages));
  }

  void add(const std::string& path, Result<Package> package) {
    if (package)
      made_.packages.push_back(std::move(*package));
    else
      note(path, package.error().text);
  }

  /// A package has this file. Lists of dpkg say /bin/sh also where /bin is a link to /usr/bin.
  void take_owned(std::string_view file) {
    // Most files are no programs, and to look up where a path leads takes longer than this.
    if (!unowned_names_.contains(name_of(file))) return;
    while (file.starts_with('/')) file.remove_prefix(1);
    if (auto found = unowned_.find(file); found != unowned_.end()) {
      unowned_.erase(found);
    } else if (std::optional<std::string> resolved = files_.resolve(file); resolved) {
      if (found = unowned_.find(*resolved); found != unowned_.end()) unowned_.erase(found);
    }
  }

  void note(std::string_view path, std::string_view why) {
    if (made_.notes.size() == most_notes)
      ++left_out_;
    else
      made_.notes.push_back(fmt::format("{} {}", harmless(path), why));
  }

  const Filesystem& files_;
  Inventory made_ = {};
  std::map<std::string, const Program*, std::less<>> unowned_ = {};
  std::set<std::string, std::less<>> unowned_names_ = {};  // the last steps of their paths
  std::size_t left_out_ = 0;
};

}  // namespace

Inventory take_inventory(std::span<LayerSource> layers, const Limits& limits) {
  Filesystem files([](std::string_view path) { return source_of(path) != Source::none; },
                   limits.filesystem);
  std::vector<std::string> absent;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].pull) {
      absent.push_back(
          fmt::format("layer {} of {} is not at hand and was not read", i + 1, layers.size()));
      continue;
    }
    oci::LayerReader reader(std::move(layers[i].pull), layers[i].media_type, limits.layer);
    files.apply(reader);
  }
  Inventory made = Taker(files).run();
  std::ranges::move(absent, std::back_inserter(made.notes));
  return made;
}

}  // namespace raykeep::sbom
