#include "bundle/open.h"

#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::bundle {
namespace {

constexpr std::size_t most_parts = 20'000;

Failure refused(const std::string& path, std::string_view why) {
  return Failure(Failure::Kind::invalid, fmt::format("open the bundle {}: {}", quoted(path), why));
}

void check_signature(const std::string& path, const PublicKey* key, std::string_view contents,
                     std::string_view signature) {
  auto denied = [&](std::string_view why) {
    return Failure(Failure::Kind::denied, fmt::format("open the bundle {}: {}", quoted(path), why));
  };
  if (key == nullptr) {
    if (signature.empty()) return;
    throw denied(
        "it is signed, and no key is given; give the public key of who made it with --key");
  }
  if (signature.empty()) {
    throw denied(
        "it has no signature; get one that is signed, or believe it with --allow-unsigned");
  }
  if (!key->verifies(contents, signature)) {
    throw denied(
        fmt::format("its signature is not of the key {}: it was changed, or somebody else made it",
                    key->fingerprint()));
  }
}

class Walk {
 public:
  explicit Walk(const Bundle& bundle, const Image& image) : bundle_(bundle), image_(image) {}

  std::vector<ImagePart> run() {
    visit({.media_type = image_.media_type, .digest = image_.digest, .size = image_.size}, 0);
    return std::move(parts_);
  }

 private:
  Failure wrong(const oci::Descriptor& at, std::string_view why) const {
    return refused(bundle_.source().path(),
                   fmt::format("image {}: {}: {}", image_.reference, at.digest.text(), why));
  }

  /// It is listed with that size. False when it is absent.
  bool is_here(const oci::Descriptor& part) const {
    const Contents& contents = bundle_.contents();
    const Blob* here = find_blob(contents.blobs, part.digest);
    const Blob* blob = here != nullptr ? here : find_blob(contents.absent, part.digest);
    if (blob == nullptr) throw wrong(part, "the contents list does not have it");
    if (blob->size != part.size) throw wrong(part, "its size is not that of the contents list");
    return here != nullptr;
  }

  void add(oci::Descriptor part, bool is_manifest) {
    if (!seen_.insert(part.digest).second) return;
    if (parts_.size() == most_parts) throw wrong(part, "the image has too many parts");
    parts_.push_back({std::move(part), is_manifest});
  }

  void visit(const oci::Descriptor& at, int depth) {
    if (seen_.contains(at.digest)) return;
    if (depth > oci::deepest_index) throw wrong(at, "indexes are nested too deep");
    if (!is_here(at)) return;
    const std::string bytes = bundle_.read_blob(at.digest, oci::most_manifest_bytes);
    if (oci::is_index(at.media_type)) {
      Result<oci::Index> index = oci::parse_index(bytes, at.media_type);
      if (!index) throw wrong(at, index.error().text);
      for (const oci::Descriptor& each : index->manifests) visit(each, depth + 1);
    } else {
      Result<oci::Manifest> manifest = oci::parse_manifest(bytes, at.media_type);
      if (!manifest) throw wrong(at, manifest.error().text);
      for (const oci::Descriptor& layer : manifest->layers) leaf(layer);
      leaf(manifest->config);
    }
    add(at, true);
  }

  void leaf(const oci::Descriptor& part) {
    const Contents& contents = bundle_.contents();
    const bool listed = find_blob(contents.blobs, part.digest) != nullptr ||
                        find_blob(contents.absent, part.digest) != nullptr;
    // A foreign layer is its owner's to hand out; it may be here.
    if (part.foreign && !listed) return;
    is_here(part);
    add(part, false);
  }

  const Bundle& bundle_;
  const Image& image_;
  std::set<oci::Digest> seen_;
  std::vector<ImagePart> parts_;
};

}  // namespace

Bundle::Bundle(const std::string& path, const PublicKey* key) : source_(path) {
  if (source_.size() < tail_size) throw refused(path, "it is too short to be a bundle");
  const std::string tail = source_.read(source_.size() - tail_size, tail_size);
  Result<Trailer> trailer = parse_trailer(tail, source_.size());
  if (!trailer) throw refused(path, trailer.error().text);
  const std::string written = source_.read(trailer->contents_offset, trailer->contents_size);
  const std::string signature = source_.read(trailer->signature_offset, trailer->signature_size);
  check_signature(path, key, written, signature);
  is_signed_ = !signature.empty();
  Result<Contents> contents = parse_contents(written);
  if (!contents) throw refused(path, contents.error().text);
  contents_ = std::move(*contents);
  contents_digest_ = oci::Digest::of(written);
  layout_ = layout_of(contents_, written, signature);
  if (layout_.size != source_.size()) {
    throw refused(path, fmt::format("it has {} bytes, and its contents list makes {}: it was cut, "
                                    "or something was added",
                                    source_.size(), layout_.size));
  }
}

bool Bundle::has(const oci::Digest& digest) const {
  return find_blob(contents_.blobs, digest) != nullptr ||
         find_blob(contents_.made, digest) != nullptr;
}

std::string Bundle::read_blob(const oci::Digest& digest, std::size_t most) const {
  const Piece& piece = piece_of(layout_, digest);
  if (piece.size > most)
    throw refused(source_.path(),
                  fmt::format("{} has {} bytes, more than {}", piece.entry, piece.size, most));
  std::string bytes = source_.read(piece.offset, static_cast<std::size_t>(piece.size));
  if (oci::Digest::of(bytes) != digest) {
    throw refused(source_.path(), fmt::format("{} is damaged ({}): carry the file in again",
                                              piece.entry, source_.place_of(piece.offset)));
  }
  return bytes;
}

void Bundle::read(const Blob& blob, std::uint64_t offset, char* data, std::size_t size) const {
  source_.read(piece_of(layout_, blob.digest).offset + offset, data, size);
}

std::vector<ImagePart> parts_of(const Bundle& bundle, const Image& image) {
  return Walk(bundle, image).run();
}

}  // namespace raykeep::bundle
