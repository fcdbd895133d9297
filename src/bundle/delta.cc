#include "bundle/delta.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>

namespace raykeep::bundle {
namespace {

constexpr std::size_t copy_size = 1u << 20;

bool has(const Contents& contents, const oci::Digest& digest) {
  return find_blob(contents.blobs, digest) != nullptr ||
         find_blob(contents.absent, digest) != nullptr;
}

/// Moves the blobs that `known` knows to those that are absent; but for files', which nobody else
/// has.
template <class Known>
void leave_out(Contents& contents, const Known& known) {
  std::set<oci::Digest> of_files;
  for (const File& each : contents.files) of_files.insert(each.digest);
  std::vector<Blob> kept;
  for (const Blob& each : contents.blobs) {
    const bool absent = known(each.digest) && !of_files.contains(each.digest);
    (absent ? contents.absent : kept).push_back(each);
  }
  contents.blobs = std::move(kept);
  normalise(contents);
}

/// Keys of the one that the other has not.
template <class Map>
std::vector<std::string> keys_without(const Map& from, const Map& without) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : from) {
    if (!without.contains(key)) keys.push_back(key);
  }
  return keys;
}

std::map<std::string, oci::Digest> images_of(const Contents& contents) {
  std::map<std::string, oci::Digest> made;
  for (const Image& each : contents.images) made.emplace(each.reference, each.digest);
  return made;
}

}  // namespace

Contents delta(Contents newer, const Contents& older, const oci::Digest& older_digest) {
  leave_out(newer, [&](const oci::Digest& digest) { return has(older, digest); });
  newer.base = older_digest;
  return newer;
}

Contents without(Contents contents, const std::set<oci::Digest>& there) {
  leave_out(contents, [&](const oci::Digest& digest) { return there.contains(digest); });
  if (contents.absent.empty()) return contents;
  std::string absent;
  for (const Blob& each : contents.absent) absent += each.digest.text() + '\n';
  contents.base = oci::Digest::of(absent);
  return contents;
}

Difference difference(const Contents& older, const Contents& newer) {
  Difference made;
  const auto before = images_of(older), after = images_of(newer);
  made.added = keys_without(after, before);
  made.removed = keys_without(before, after);
  for (const auto& [reference, digest] : after) {
    auto there = before.find(reference);
    if (there != before.end() && there->second != digest) made.changed.push_back(reference);
  }
  auto is_in = [](const File& file, const Contents& contents) {
    return std::ranges::find(contents.files, file) != contents.files.end();
  };
  std::set<std::string> files;
  for (const auto& [from, to] : {std::pair{&older, &newer}, {&newer, &older}}) {
    for (const File& each : from->files) {
      if (!is_in(each, *to)) files.insert(fmt::format("{} {}", to_string(each.kind), each.name));
    }
  }
  made.files.assign(files.begin(), files.end());
  for (const Blob& each : newer.blobs)
    (has(older, each.digest) ? made.shared_bytes : made.new_bytes) += each.size;
  return made;
}

std::uint64_t write_delta(const Bundle& older, const std::string& newer_path, const Bundle& newer,
                          const std::string& path, const PrivateKey* key) {
  const Contents contents = delta(newer.contents(), older.contents(), older.contents_digest());
  const std::string list = write_contents(contents);
  const Layout layout = layout_of(contents, list, key == nullptr ? "" : key->sign(list));
  Target target(path, layout.size);
  std::string buffer(copy_size, '\0');
  for (const Piece& piece : layout.pieces) {
    const Blob* blob = std::get_if<Blob>(&piece.what);
    if (blob == nullptr) {
      target.write(piece.offset, std::get<std::string>(piece.what));
      continue;
    }
    oci::Hasher hasher;
    for (std::uint64_t done = 0; done < blob->size;) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(copy_size, blob->size - done));
      newer.read(*blob, done, buffer.data(), count);
      hasher.add(std::string_view(buffer).substr(0, count));
      target.write(piece.offset + done, std::string_view(buffer).substr(0, count));
      done += count;
    }
    if (hasher.finish() != blob->digest)
      throw Failure(Failure::Kind::invalid,
                    fmt::format("read {}: {} is damaged", newer_path, piece.entry));
  }
  target.finish(layout.size, 0);
  return layout.size;
}

}  // namespace raykeep::bundle
