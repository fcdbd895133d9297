// Where things stand in a plain tar, found by its headers alone: contents are jumped over, so an
// archive of many gigabytes is indexed in a moment, and any part of it can be read later.
//
// Strict, as what decides which bytes are an image's may be: every header's checksum must be right,
// sizes are taken from one place, and what no tool writes into an image's archive is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace raykeep::oci {

/// Fills `into` from `offset`, and says how many bytes there were: fewer only at the end.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<char> into)>;

struct TarEntry {
  enum class Type { file, directory, symlink, hard_link };
  Type type = Type::file;
  std::string path = {};     // "blobs/sha256/ab": without "./" before it and "/" behind
  std::string target = {};   // of a link, as it was written
  std::uint64_t offset = 0;  // of the content
  std::uint64_t size = 0;
};

struct TarLimits {
  std::size_t entries = 200'000;
  std::size_t header = std::size_t{64} << 10;  // bytes of one pax header or long name
};

/// The entries of the tar that `read` has `size` bytes of. ustar, pax and GNU's long names.
Result<std::vector<TarEntry>> index_tar(const ReadAt& read, std::uint64_t size,
                                        const TarLimits& limits = {});

}  // namespace raykeep::oci
