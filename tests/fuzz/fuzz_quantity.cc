// Any text: parse_quantity answers, and what it accepts obeys the laws of a sum.
#include <cstdint>
#include <string_view>

#include "require.h"
#include "spec/quantity.h"

namespace {

using raykeep::spec::parse_quantity;
using raykeep::spec::Quantity;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  raykeep::Result<Quantity> parsed = parse_quantity(text);
  if (!parsed) {
    require(!parsed.error().text.empty(), "an error says something", text);
    return 0;
  }
  Quantity q = *parsed;
  require(q + Quantity() == q, "nothing added changes nothing", text);
  require((q + q * -1).is_zero(), "an amount less itself is nothing", text);
  require(q + q == q * 2, "twice is the sum", text);
  require(q.is_negative() == (q < Quantity()), "negative is below zero", text);
  require(Quantity::from_milli(q.milli()) >= q || q.milli() == INT64_MAX, "milli() rounds up",
          text);
  raykeep::Result<Quantity> whole = parse_quantity(std::to_string(q.ceil()));
  require(whole && *whole >= q, "ceil() rounds up", text);
  // The sign is a factor; "-" before a sign is no number.
  if (text[0] != '-' && text[0] != '+') {
    raykeep::Result<Quantity> negative = parse_quantity("-" + std::string(text));
    require(negative && *negative == q * -1, "a minus turns it around", text);
  }
  return 0;
}
