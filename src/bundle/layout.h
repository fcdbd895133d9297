// Where everything stands in a bundle's file. The file is a tar (POSIX ustar) with an OCI image
// layout in it, so that tar, skopeo and containerd read it; but we never parse a tar: each byte
// follows from the contents list. Whoever verifies compares; a path that leads elsewhere, a link, a
// bomb or an entry too many is simply not what is expected.
//
//   oci-layout, index.json                    as image-spec has them
//   blobs/sha256/...                          contents.blobs, sorted
//   blobs/sha256/...                          contents.made, sorted: they are made from the former
//   raykeep/contents.json                     the list
//   raykeep/contents.sig                      its signature in base64, as cosign sign-blob writes
//   it raykeep/trailer                           where the last two are: 512 bytes at a fixed place
//                                             from the end
//   two blocks of zeros
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bundle/contents.h"

namespace raykeep::bundle {

/// A piece of the file: these bytes, or a blob's.
struct Piece {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string entry = {};  // of the tar, for messages
  std::variant<std::string, Blob> what = {};
};

struct Layout {
  std::vector<Piece> pieces = {};  // without gaps
  std::uint64_t size = 0;          // of the whole file
};

/// Up to and with contents.blobs: what is known before `made` is.
Layout layout_of_blobs(const Contents& contents);

/// The whole file.
Layout layout_of(const Contents& contents, std::string_view written_contents,
                 std::string_view signature);

/// Where a Layout has that blob. Requires: it is there.
const Piece& piece_of(const Layout& layout, const oci::Digest& digest);

/// What the end of a bundle says of itself; not to be believed before the signature is.
struct Trailer {
  std::uint64_t contents_offset = 0;
  std::uint64_t contents_size = 0;
  std::uint64_t signature_offset = 0;
  std::uint64_t signature_size = 0;
};

/// How many bytes before the end hold the trailer.
inline constexpr std::uint64_t tail_size = 2048;
inline constexpr std::size_t most_signature_bytes = 1024;

/// `tail`: the last tail_size bytes of a file of `size` bytes.
Result<Trailer> parse_trailer(std::string_view tail, std::uint64_t size);

}  // namespace raykeep::bundle
