// Headers of a tar, for the few entries that we write: plain files with a fixed date, no owner, and
// mode 0644 (POSIX.1-2001, ustar; a pax header before it for files of 8 GiB and more).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raykeep::bundle {

inline constexpr std::uint64_t tar_block = 512;

/// The blocks before the content of `name`. Requires: a name of at most 100 bytes.
std::string tar_header(std::string_view name, std::uint64_t size, unsigned mode = 0644);

}  // namespace raykeep::bundle
