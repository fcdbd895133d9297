#include "sbom/filesystem.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sbom/go.h"

namespace raykeep::sbom {
namespace {

constexpr std::string_view whiteout = ".wh.";
constexpr std::string_view opaque = ".wh..wh..opq";
constexpr std::string_view whiteout_own = ".wh..wh.";  // other marks, of no file's
constexpr int most_hops = 40;                          // as Linux' own

/// An executable or a library; not an object file (ET_REL), which a linker still needs.
bool is_elf_program(std::string_view head) {
  if (head.size() < 20 || !head.starts_with("\x7f"
                                            "ELF"))
    return false;
  const bool big_endian = head[5] == 2;
  const auto type = static_cast<unsigned char>(head[big_endian ? 17 : 16]);
  return type == 2 || type == 3;
}

std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string joined(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  return fmt::format("{}/{}", folder, name);
}

}  // namespace

void Filesystem::apply(oci::LayerReader& layer) {
  ++layer_;
  written_folder_.clear();
  folder_.clear();
  while (const oci::LayerEntry* entry = layer.next()) {
    auto [folder, name] = split_path(entry->path);
    if (folder != written_folder_) {
      std::optional<std::string> resolved = follow(folder, true);
      if (!resolved) continue;  // no runtime can unpack it either
      written_folder_ = folder;
      folder_ = std::move(*resolved);
    }
    if (name.starts_with(whiteout)) {
      white_out(folder_, name);
    } else {
      take(layer, *entry, joined(folder_, name));
    }
  }
}

void Filesystem::white_out(std::string_view folder, std::string_view name) {
  if (name == opaque) {
    remove_below(folder, true);
  } else if (!name.starts_with(whiteout_own)) {
    remove(joined(folder, name.substr(whiteout.size())), true);
  }
  written_folder_.clear();  // a symlink may be gone
  folder_.clear();
}

void Filesystem::take(oci::LayerReader& layer, const oci::LayerEntry& entry, std::string path) {
  using enum oci::LayerEntry::Type;
  if (entry.type == directory) {
    // A folder joins a folder, and takes the place of all else.
    unread_.erase(path);
    if (auto there = nodes_.find(path); there != nodes_.end()) forget(there);
    return;
  }
  // A hard link to its own path changes nothing; its node must not be removed first.
  std::optional<Node> linked;
  if (entry.type == hard_link) {
    std::optional<std::string> target = resolve(entry.target);
    auto there = target ? nodes_.find(*target) : nodes_.end();
    if (there != nodes_.end()) linked = there->second;
    if (linked && std::holds_alternative<std::string>(linked->is) && !wants_(path)) linked.reset();
    const bool has_content = linked && std::holds_alternative<std::string>(linked->is);
    remove(path, false);
    if (wants_(path) && !has_content) unread_[path] = "is a link to what was not kept";
  } else {
    remove(path, false);
  }
  if (entry.type == file)
    take_file(layer, entry, std::move(path));
  else if (entry.type == symlink)
    put(std::move(path), {layer_, Symlink{entry.target}});
  else if (linked)
    put(std::move(path), {layer_, std::move(linked->is)});
  if (entry.type == symlink) written_folder_.clear(), folder_.clear();
}

void Filesystem::take_file(oci::LayerReader& layer, const oci::LayerEntry& entry,
                           std::string path) {
  if (wants_(path)) {
    if (entry.size > limits_.file) {
      unread_[path] = fmt::format("has {} bytes, which is too many to be read", entry.size);
      return;
    }
    std::string content;
    content.reserve(entry.size);
    for (std::string_view piece; !(piece = layer.content()).empty();) content += piece;
    put(std::move(path), {layer_, std::move(content)});
    return;
  }
  if (entry.size < 20) return;
  std::string_view piece = layer.content();
  const bool is_elf = is_elf_program(piece);
  if (!is_elf && !(path.ends_with(".jar") && piece.starts_with("PK"))) return;
  oci::Hasher hasher;
  GoBuildInfo go;
  for (; !piece.empty(); piece = layer.content()) {
    hasher.add(piece);
    if (is_elf) go.add(piece);
  }
  put(std::move(path), {layer_, Program{hasher.finish(), entry.size, go.take()}});
}

namespace {

template <class Symlink>
std::size_t bytes_of(const std::variant<std::string, Program, Symlink>& is) {
  if (const auto* content = std::get_if<std::string>(&is)) return content->size();
  if (const auto* program = std::get_if<Program>(&is)) return program->go.size();
  return 0;
}

}  // namespace

void Filesystem::put(std::string path, Node node) {
  kept_ += path.size() + bytes_of(node.is);
  nodes_.insert_or_assign(std::move(path), std::move(node));
  if (kept_ > limits_.kept || nodes_.size() > limits_.nodes) {
    throw Failure(Failure::Kind::invalid,
                  "read the image: it has more package databases and programs than are kept");
  }
}

Filesystem::Nodes::iterator Filesystem::forget(Nodes::iterator node) {
  kept_ -= node->first.size() + bytes_of(node->second.is);
  return nodes_.erase(node);
}

void Filesystem::remove(std::string_view path, bool only_lower) {
  if (auto there = nodes_.find(path);
      there != nodes_.end() && (!only_lower || there->second.layer < layer_)) {
    forget(there);
  }
  if (auto there = unread_.find(std::string(path)); there != unread_.end()) unread_.erase(there);
  remove_below(path, only_lower);
}

void Filesystem::remove_below(std::string_view path, bool only_lower) {
  const std::string prefix = path.empty() ? std::string() : fmt::format("{}/", path);
  for (auto each = nodes_.lower_bound(prefix);
       each != nodes_.end() && each->first.starts_with(prefix);) {
    each = only_lower && each->second.layer >= layer_ ? std::next(each) : forget(each);
  }
  for (auto each = unread_.lower_bound(prefix);
       each != unread_.end() && each->first.starts_with(prefix);) {
    each = unread_.erase(each);
  }
}

/// Follows the symlinks in a path's folders, and where `last` is set that of its last step.
std::optional<std::string> Filesystem::follow(std::string_view path, bool last) const {
  std::vector<std::string> ahead;  // steps still to go, the next one at the back
  auto push = [&](std::string_view more) {
    const auto steps = split(more, '/');
    for (std::size_t i = steps.size(); i-- > 0;) {
      if (!steps[i].empty() && steps[i] != ".") ahead.emplace_back(steps[i]);
    }
  };
  push(path);
  std::string made;
  for (int hops = 0; !ahead.empty();) {
    const std::string step = std::move(ahead.back());
    ahead.pop_back();
    if (step == "..") {
      made = split_path(made).first;  // the root's ".." is the root
      continue;
    }
    std::string there = joined(made, step);
    auto node = nodes_.find(there);
    const Symlink* link = node == nodes_.end() ? nullptr : std::get_if<Symlink>(&node->second.is);
    if (link == nullptr || (ahead.empty() && !last)) {
      made = std::move(there);
      continue;
    }
    if (++hops > most_hops || ahead.size() > 4096) return std::nullopt;
    if (link->target.starts_with('/')) made.clear();
    push(link->target);
  }
  return made;
}

std::optional<std::string> Filesystem::resolve(std::string_view path) const {
  return follow(path, false);
}

const std::string* Filesystem::content(std::string_view path) const {
  std::optional<std::string> resolved = follow(path, true);
  auto node = resolved ? nodes_.find(*resolved) : nodes_.end();
  return node == nodes_.end() ? nullptr : std::get_if<std::string>(&node->second.is);
}

void Filesystem::each_content(
    const std::function<void(const std::string&, const std::string&)>& take) const {
  for (const auto& [path, node] : nodes_) {
    if (const auto* content = std::get_if<std::string>(&node.is)) take(path, *content);
  }
}

void Filesystem::each_program(
    const std::function<void(const std::string&, const Program&)>& take) const {
  for (const auto& [path, node] : nodes_) {
    if (const auto* program = std::get_if<Program>(&node.is)) take(path, *program);
  }
}

}  // namespace raykeep::sbom
