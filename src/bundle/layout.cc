#include "bundle/layout.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "bundle/tar.h"
#include "doc/json.h"
#include "oci/manifest.h"

namespace raykeep::bundle {
namespace {

constexpr std::string_view layout_json = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::string_view magic = "raykeep bundle 1";

/// The index that skopeo and containerd begin with. They know an image by its name alone.
std::string index_json(const Contents& contents) {
  doc::Array manifests;
  for (const Image& each : contents.images) {
    manifests.push_back(doc::Object{
        {"mediaType", each.media_type},
        {"digest", each.digest.text()},
        {"size", each.size},
        {"annotations", doc::Object{{"io.containerd.image.name", each.source},
                                    {"org.opencontainers.image.ref.name", each.source}}}});
  }
  return doc::write_json(doc::Object{
      {"schemaVersion", 2}, {"mediaType", oci::index_type}, {"manifests", std::move(manifests)}});
}

class Maker {
 public:
  void text(std::string name, std::string bytes) {
    const std::uint64_t size = bytes.size();
    header(name, size);
    add(std::move(name), std::move(bytes));
    pad(size);
  }
  void blob(const Blob& blob) {
    std::string name = fmt::format("blobs/sha256/{}", blob.digest.hex());
    header(name, blob.size);
    made_.pieces.push_back({made_.size, blob.size, std::move(name), blob});
    made_.size += blob.size;
    pad(blob.size);
  }
  void end() { add("the end", std::string(2 * tar_block, '\0')); }
  std::uint64_t size() const { return made_.size; }
  Layout take() { return std::move(made_); }

 private:
  void header(const std::string& name, std::uint64_t size) {
    add("the header of " + name, tar_header(name, size));
  }
  void pad(std::uint64_t size) {
    if (std::uint64_t over = size % tar_block; over != 0)
      add("the padding of an entry", std::string(tar_block - over, '\0'));
  }
  void add(std::string entry, std::string bytes) {
    const std::uint64_t size = bytes.size();
    made_.pieces.push_back({made_.size, size, std::move(entry), std::move(bytes)});
    made_.size += size;
  }

  Layout made_;
};

void add_blobs(const Contents& contents, Maker& maker) {
  maker.text("oci-layout", std::string(layout_json));
  maker.text("index.json", index_json(contents));
  for (const Blob& each : contents.blobs) maker.blob(each);
}

std::string trailer_text(const Trailer& trailer) {
  std::string text =
      fmt::format("{}\ncontents {} {}\nsignature {} {}\n", magic, trailer.contents_offset,
                  trailer.contents_size, trailer.signature_offset, trailer.signature_size);
  text.resize(tar_block, '\n');
  return text;
}

/// "contents 512 100".
bool read_place(std::string_view line, std::string_view word, std::uint64_t& offset,
                std::uint64_t& size) {
  auto parts = split(line, ' ');
  if (parts.size() != 3 || parts[0] != word) return false;
  for (auto [text, into] : {std::pair{parts[1], &offset}, {parts[2], &size}}) {
    auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), *into);
    if (wrong != std::errc() || end != text.data() + text.size()) return false;
  }
  return true;
}

}  // namespace

Layout layout_of_blobs(const Contents& contents) {
  Maker maker;
  add_blobs(contents, maker);
  return maker.take();
}

Layout layout_of(const Contents& contents, std::string_view written_contents,
                 std::string_view signature) {
  Maker maker;
  add_blobs(contents, maker);
  for (const Blob& each : contents.made) maker.blob(each);
  Trailer trailer;
  trailer.contents_offset = maker.size() + tar_block;
  trailer.contents_size = written_contents.size();
  maker.text("raykeep/contents.json", std::string(written_contents));
  trailer.signature_offset = maker.size() + tar_block;
  trailer.signature_size = signature.size();
  maker.text("raykeep/contents.sig", std::string(signature));
  maker.text("raykeep/trailer", trailer_text(trailer));
  maker.end();
  return maker.take();
}

const Piece& piece_of(const Layout& layout, const oci::Digest& digest) {
  return *std::ranges::find_if(layout.pieces, [&](const Piece& piece) {
    const Blob* blob = std::get_if<Blob>(&piece.what);
    return blob != nullptr && blob->digest == digest;
  });
}

Result<Trailer> parse_trailer(std::string_view tail, std::uint64_t size) {
  if (size < tail_size || tail.size() != tail_size) return error("it is too short to be a bundle");
  const std::string_view text = tail.substr(tar_block, tar_block);
  Trailer made;
  auto lines = split(text, '\n');
  if (lines[0] != magic) {
    return error(text.starts_with("raykeep bundle ")
                     ? "it is a bundle of another version"
                     : "it does not end as a bundle does: it is something else, or was cut off");
  }
  const bool read = lines.size() > 3 &&
                    read_place(lines[1], "contents", made.contents_offset, made.contents_size) &&
                    read_place(lines[2], "signature", made.signature_offset, made.signature_size) &&
                    trailer_text(made) == text;
  auto inside = [&](std::uint64_t offset, std::uint64_t length) {
    return offset <= size && length <= size - offset;
  };
  if (!read || made.contents_size > most_contents_bytes ||
      made.signature_size > most_signature_bytes ||
      !inside(made.contents_offset, made.contents_size) ||
      !inside(made.signature_offset, made.signature_size)) {
    return error("its trailer is damaged");
  }
  return made;
}

}  // namespace raykeep::bundle
