#include "oci/tar_index.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::oci {
namespace {

constexpr std::size_t block = 512;
using Block = std::array<char, block>;

/// What stands before an entry and is about it.
struct Ahead {
  std::optional<std::string> path = {};
  std::optional<std::string> target = {};
  std::optional<std::uint64_t> size = {};
};

std::string_view field(const Block& header, std::size_t at, std::size_t size) {
  std::string_view text(header.data() + at, size);
  return text.substr(0, text.find('\0'));
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number made = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), made, base);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return made;
}

std::optional<std::uint64_t> octal(std::string_view text) {
  text = trim(text);
  return text.empty() ? std::optional<std::uint64_t>(0) : number<std::uint64_t>(text, 8);
}

/// Of a size, 12 bytes: octal, or GNU's base 256 for 8 GiB and more.
std::optional<std::uint64_t> size_field(const Block& header) {
  constexpr std::size_t at = 124, width = 12;
  if ((static_cast<unsigned char>(header[at]) & 0x80) == 0) return octal(field(header, at, width));
  if (static_cast<unsigned char>(header[at]) != 0x80) return std::nullopt;  // negative, or absurd
  std::uint64_t made = 0;
  for (std::size_t i = at + 1; i < at + width; ++i) {
    if ((made >> 56) != 0) return std::nullopt;
    made = made << 8 | static_cast<unsigned char>(header[i]);
  }
  return made;
}

bool has_right_checksum(const Block& header) {
  constexpr std::size_t at = 148, width = 8;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block; ++i) {
    sum += i >= at && i < at + width ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return octal(field(header, at, width)) == sum;
}

/// Records of a pax header: "LENGTH KEY=VALUE\n".
Result<void> read_pax(std::string_view records, Ahead& ahead) {
  while (!records.empty()) {
    std::size_t space = records.find(' ');
    auto length = number<std::size_t>(records.substr(0, space), 10);
    if (space == std::string_view::npos || !length || *length <= space + 1 ||
        *length > records.size() || records[*length - 1] != '\n') {
      return error("has a pax header that is broken");
    }
    std::string_view record = records.substr(space + 1, *length - space - 2);
    records.remove_prefix(*length);
    std::string_view key = record.substr(0, record.find('='));
    std::string_view value = record.substr(std::min(key.size() + 1, record.size()));
    if (key == "path") ahead.path = value;
    if (key == "linkpath") ahead.target = value;
    if (key.starts_with("GNU.sparse.")) return error("has a sparse file");
    if (key == "size") {
      ahead.size = number<std::uint64_t>(value, 10);
      if (!ahead.size) return error("has a pax header whose size is no number");
    }
  }
  return {};
}

Result<std::string> plain_path(std::string_view written) {
  std::string made;
  for (std::string_view step : split(written, '/')) {
    if (step.empty() || step == ".") continue;
    if (step == ".." || step.contains('\0')) {
      return error("has an entry whose path leaves it: " + quoted(written));
    }
    if (!made.empty()) made += '/';
    made += step;
  }
  return made;
}

class Indexer {
 public:
  Indexer(const ReadAt& read, std::uint64_t size, const TarLimits& limits)
      : read_(read), size_(size), limits_(limits) {}

  Result<std::vector<TarEntry>> run() {
    for (;;) {
      Block header;
      if (size_ - at_ < block || read_(at_, header) != block) {
        return error("ends before its end is marked: it was cut off, or is no tar");
      }
      if (std::ranges::all_of(header, [](char c) { return c == 0; })) return std::move(entries_);
      at_ += block;
      if (Result<void> done = take(header); !done) return std::unexpected(done.error());
      if (entries_.size() > limits_.entries) {
        return error(fmt::format("has more than {} entries", limits_.entries));
      }
    }
  }

 private:
  Result<void> take(const Block& header) {
    // "ustar\0" "00" of POSIX, "ustar " " \0" of GNU.
    if (std::string_view(header.data() + 257, 5) != "ustar" || !has_right_checksum(header)) {
      return error(fmt::format("has no header of a tar at byte {}", at_ - block));
    }
    const char type = header[156];
    std::optional<std::uint64_t> size = size_field(header);
    if (type != 'x' && type != 'g' && type != 'L' && type != 'K' && ahead_.size) size = ahead_.size;
    if (!size || *size > size_ - at_) return error("has an entry that is larger than what is left");
    switch (type) {
      case 'x':
      case 'g':
      case 'L':
      case 'K':
        return take_ahead(type, *size);
      case '0':
      case '\0':
      case '1':
      case '2':
      case '5':
        return take_entry(header, type, *size);
      default:
        break;
    }
    return error(fmt::format("has an entry of type {}, which no image's archive has",
                             quoted(std::string_view(&type, 1))));
  }

  Result<void> take_ahead(char type, std::uint64_t size) {
    if (size > limits_.header) return error("has a header that is too large");
    std::string text(size, '\0');
    if (read_(at_, text) != size) return error("ends within a header");
    step_over(size);
    if (type == 'L' || type == 'K') {
      text.resize(std::min(text.find('\0'), text.size()));
      (type == 'L' ? ahead_.path : ahead_.target) = std::move(text);
      return {};
    }
    if (type == 'x') return read_pax(text, ahead_);
    Ahead global;
    if (Result<void> done = read_pax(text, global); !done) return done;
    if (global.path || global.target || global.size) return error("has a path for all its entries");
    return {};
  }

  Result<void> take_entry(const Block& header, char type, std::uint64_t size) {
    TarEntry entry;
    std::string written(field(header, 0, 100));
    const bool posix = header[262] == 0;
    if (std::string_view prefix = field(header, 345, 155); posix && !prefix.empty()) {
      written = fmt::format("{}/{}", prefix, written);
    }
    Result<std::string> path = plain_path(ahead_.path ? *ahead_.path : written);
    if (!path) return std::unexpected(path.error());
    entry.path = std::move(*path);
    entry.target = ahead_.target ? *ahead_.target : std::string(field(header, 157, 100));
    entry.offset = at_;
    entry.size = size;
    using enum TarEntry::Type;
    entry.type = type == '1' ? hard_link : type == '2' ? symlink : type == '5' ? directory : file;
    if (entry.type != file) entry.size = 0;
    if (entry.type != file && size != 0) return error("has a link or a folder with content");
    ahead_ = {};
    step_over(size);
    if (!entry.path.empty()) entries_.push_back(std::move(entry));
    return {};
  }

  /// Past a content, to the next header. Requires: it is within the file.
  void step_over(std::uint64_t size) {
    at_ += size;
    const std::uint64_t padding = (block - size % block) % block;
    at_ += std::min(padding, size_ - at_);
  }

  const ReadAt& read_;
  std::uint64_t size_;
  const TarLimits& limits_;
  std::uint64_t at_ = 0;
  Ahead ahead_ = {};
  std::vector<TarEntry> entries_ = {};
};

}  // namespace

Result<std::vector<TarEntry>> index_tar(const ReadAt& read, std::uint64_t size,
                                        const TarLimits& limits) {
  return Indexer(read, size, limits).run();
}

}  // namespace raykeep::oci
