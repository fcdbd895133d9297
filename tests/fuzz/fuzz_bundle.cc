// Any bytes as the list and the trailer of a bundle, and as its keys: what is taken is what would
// be written, and its layout has no gaps.
#include <cstdint>
#include <string_view>

#include "bundle/key.h"
#include "bundle/layout.h"
#include "require.h"

using namespace raykeep::bundle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto contents = parse_contents(text)) {
    require(write_contents(*contents) == text, "what is taken is what would be written", text);
    std::uint64_t at = 0;
    for (const Piece& piece : layout_of(*contents, text, "c2ln").pieces) {
      require(piece.offset == at, "a layout has no gaps", text);
      at += piece.size;
    }
  }
  if (auto trailer = parse_trailer(text.substr(0, tail_size), 1'000'000)) {
    require(trailer->contents_offset + trailer->contents_size <= 1'000'000 &&
                trailer->signature_offset + trailer->signature_size <= 1'000'000,
            "a trailer stays inside of the file", text);
  }
  (void)PublicKey::parse(text);
  return 0;
}
