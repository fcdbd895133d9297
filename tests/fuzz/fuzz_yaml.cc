// Any bytes: read_yaml answers with documents or findings, every place lies within the text, and
// what it accepts comes back the same through write_yaml.
#include <cstdint>
#include <string_view>

#include "doc/document.h"
#include "require.h"

namespace {

namespace doc = raykeep::doc;

void check_finding(const raykeep::Finding& finding, std::string_view text) {
  std::string shown = to_string(finding);
  require(finding.code.starts_with("RK10"), "a finding has a code", shown);
  require(!finding.what.empty() && !finding.remedy.empty(), "a finding says what and what to do",
          shown);
  require(raykeep::is_valid_utf8(shown), "a finding is UTF-8", shown);
  auto most = static_cast<int>(text.size()) + 1;
  require(finding.place.line >= 1 && finding.place.line <= most, "a line lies in the text", shown);
  require(finding.place.column >= 1 && finding.place.column <= most + 1,
          "a column lies in the text", shown);
}

void check_document(const doc::Document& document) {
  std::string json = doc::write_json(document.value);
  require(document.place("").line > 0, "a document has a place", json);
  std::string yaml = doc::write_yaml(document.value);
  doc::ReadResult again = doc::read_yaml(yaml, "again", {.bytes = 64u << 20, .depth = 200});
  require(again.findings.empty(), "what is written can be read", yaml);
  require(again.documents.size() == 1, "what is written is one document", yaml);
  require(doc::write_json(again.documents[0].value) == json, "what is written is the same", yaml);
  raykeep::Result<doc::Value> parsed = doc::parse_json(json, {.bytes = 64u << 20, .depth = 200});
  require(parsed && doc::write_json(*parsed) == json, "what is written as JSON is the same", json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  doc::ReadResult result = doc::read_yaml(text, "f", {.bytes = 1u << 20, .nodes = 5'000});
  for (const raykeep::Finding& finding : result.findings) check_finding(finding, text);
  for (const doc::Document& document : result.documents) check_document(document);
  return 0;
}
