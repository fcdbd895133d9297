#include "bundle/tar.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace raykeep::bundle {
namespace {

constexpr std::uint64_t ustar_limit = std::uint64_t{1} << 33;  // eleven octal digits

void put(std::string& block, std::size_t at, std::string_view text) {
  std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string block_of(std::string_view name, char type, std::uint64_t size, unsigned mode) {
  std::string block(tar_block, '\0');
  put(block, 0, name);
  put(block, 100, fmt::format("{:07o}", mode));
  put(block, 108, "0000000");
  put(block, 116, "0000000");
  put(block, 124, fmt::format("{:011o}", size));
  put(block, 136, "00000000000");
  put(block, 148, "        ");
  block[156] = type;
  put(block, 257, "ustar");
  put(block, 263, "00");
  put(block, 329, "0000000");
  put(block, 337, "0000000");
  unsigned sum = 0;
  for (unsigned char byte : block) sum += byte;
  put(block, 148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return block;
}

/// "20 size=8589934592\n": its length counts itself.
std::string pax_record(std::string_view text) {
  std::size_t size = text.size() + 2;
  while (fmt::format("{}", size).size() + text.size() + 2 != size) ++size;
  return fmt::format("{} {}\n", size, text);
}

}  // namespace

std::string tar_header(std::string_view name, std::uint64_t size, unsigned mode) {
  if (name.size() > 100) std::abort();
  if (size < ustar_limit) return block_of(name, '0', size, mode);
  std::string record = pax_record(fmt::format("size={}", size));
  std::string made = block_of("raykeep/pax", 'x', record.size(), 0644);
  record.resize(tar_block, '\0');
  // Whoever reads pax takes the size from there.
  return made + record + block_of(name, '0', 0, mode);
}

}  // namespace raykeep::bundle
