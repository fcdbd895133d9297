// Reads what a file of `raykeep verify` may hold. What is accepted is within its bounds, and a page
// made of its texts has no markup that came from them.
#include <cstdint>
#include <string_view>

#include "report/html.h"
#include "report/verified.h"
#include "require.h"

namespace report = raykeep::report;

namespace {

void check_text(const std::string& text) {
  require(text.size() <= 2000, "a text is as long as it may be", text);
  const std::string shown = report::escaped(text);
  require(shown.find_first_of("<>\"'") == std::string::npos, "a text holds no markup", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto read = report::parse_verified(text, "demo", "ray");
  if (!read) {
    require(!read.error().text.empty(), "a refusal says why", text);
    return 0;
  }
  for (const auto& [id, flow] : read->flows) {
    for (const std::string& each : {id, flow.result, flow.how, flow.note}) check_text(each);
  }
  for (const report::VerifiedPair& pair : read->pairs) {
    require(pair.tried >= 0 && pair.blocked >= 0, "a count is one", text);
    for (const std::string& each : {pair.from, pair.to, pair.note}) check_text(each);
  }
  for (const report::VerifiedFinding& each : read->findings) check_text(each.what);
  return 0;
}
