#include "doc/document.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "doc/codes.h"
#include "doc/pointer.h"

namespace raykeep::doc {

std::string Places::entry_key(NodeId parent, std::string_view step) {
  std::string key(sizeof(parent), '\0');
  std::memcpy(key.data(), &parent, sizeof(parent));
  return key.append(step);
}

void Places::set_root(Spot spot, NodeId inside) { root_ = Entry{spot, inside}; }

void Places::add_member(NodeId parent, std::string_view step, Spot spot, NodeId inside) {
  members_.insert_or_assign(entry_key(parent, step), Entry{spot, inside});
}

void Places::copy_member(NodeId from, NodeId to, std::string_view step) {
  auto found = members_.find(entry_key(from, step));
  if (found == members_.end()) return;
  Entry entry = found->second;  // by value: the insertion below may move what `found` refers to
  members_.insert_or_assign(entry_key(to, step), entry);
}

void Places::add(std::string_view pointer, int line, int column, int key_line, int key_column) {
  Spot spot{line, column, key_line, key_column, 0};
  std::vector<std::string> steps = split_pointer(pointer);
  if (!root_) root_ = Entry{{}, next_made_++};
  if (steps.empty()) root_->spot = spot;
  NodeId parent = root_->inside;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto [entry, is_new] = members_.try_emplace(entry_key(parent, steps[i]), Entry{{}, next_made_});
    if (is_new) ++next_made_;
    if (i + 1 == steps.size()) entry->second.spot = spot;
    parent = entry->second.inside;
  }
}

const Places::Entry* Places::exact(std::string_view pointer) const {
  const Entry* at = root_ ? &*root_ : nullptr;
  for (const std::string& step : split_pointer(pointer)) {
    if (at == nullptr) break;
    auto next = members_.find(entry_key(at->inside, step));
    at = next == members_.end() ? nullptr : &next->second;
  }
  return at;
}

Places Places::of_parts(const std::vector<std::pair<std::string, std::string>>& parts) const {
  Places made = *this;
  if (!root_) return made;
  const NodeId root = made.next_made_++;
  made.set_root(root_->spot, root);
  for (const auto& [step, pointer] : parts) {
    if (const Entry* entry = exact(pointer))
      made.add_member(root, step, entry->spot, entry->inside);
  }
  return made;
}

const Places::Spot* Places::nearest(std::string_view pointer) const {
  if (!root_) return nullptr;
  const Entry* at = &*root_;
  const Spot* best = at->spot.line > 0 ? &at->spot : nullptr;
  for (const std::string& step : split_pointer(pointer)) {
    auto next = members_.find(entry_key(at->inside, step));
    if (next == members_.end()) break;
    at = &next->second;
    if (at->spot.line > 0) best = &at->spot;
  }
  return best;
}

Place Places::of(std::string_view pointer, const std::string& file) const {
  const Spot* spot = nearest(pointer);
  return spot ? Place{file, spot->line, spot->column} : Place{file, 0, 0};
}

Place Places::inside_text(std::string_view pointer, int line, int column,
                          const std::string& file) const {
  const Spot* spot = nearest(pointer);
  if (!spot || spot->text_column == 0 || line < 1) return of(pointer, file);
  return {file, spot->line + line, column < 1 ? 0 : spot->text_column + column - 1};
}

Place Places::of_key(std::string_view pointer, const std::string& file) const {
  const Spot* spot = nearest(pointer);
  if (!spot) return {file, 0, 0};
  // A list item and the document itself have no key.
  if (spot->key_line == 0) return {file, spot->line, spot->column};
  return {file, spot->key_line, spot->key_column};
}

ReadResult read_file(const std::string& path, const Limits& limits) {
  auto unreadable = [&](int problem) {
    return ReadResult{{},
                      {{.code = code::unreadable_file,
                        .place = {path, 0, 0},
                        .path = "",
                        .what = std::string("cannot be read: ") + std::strerror(problem),
                        .remedy = problem == EISDIR ? "name a file, not a folder" : ""}}};
  };
  auto close = [](std::FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  std::unique_ptr<std::FILE, decltype(close)> file(path == "-" ? stdin
                                                               : std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(errno);

  // One byte more than allowed is read, so that read_yaml sees that there was too much.
  std::string text;
  char part[65536];
  while (text.size() <= limits.bytes) {
    std::size_t got =
        std::fread(part, 1, std::min(sizeof(part), limits.bytes + 1 - text.size()), file.get());
    if (got == 0) break;
    text.append(part, got);
  }
  if (std::ferror(file.get())) return unreadable(errno);
  return read_yaml(text, path, limits);
}

}  // namespace raykeep::doc
