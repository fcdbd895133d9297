// Any bytes: parse_json answers; what it accepts comes back the same, compact and pretty; our YAML
// reader, for which JSON is YAML, agrees wherever it accepts the text; and diff() of a value with
// itself is empty.
#include <cstdint>
#include <string_view>

#include "doc/diff.h"
#include "doc/document.h"
#include "require.h"

namespace {

namespace doc = raykeep::doc;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  raykeep::Result<doc::Value> value = doc::parse_json(text);
  if (!value) {
    require(value.error().text.starts_with("line "), "an error has a place", value.error().text);
    return 0;
  }
  std::string json = doc::write_json(*value);
  raykeep::Result<doc::Value> again = doc::parse_json(json);
  require(again && doc::write_json(*again) == json, "what is written is the same", json);
  raykeep::Result<doc::Value> pretty = doc::parse_json(doc::write_json_pretty(*value));
  require(pretty && doc::write_json(*pretty) == json, "pretty is the same", json);
  require(doc::diff(*value, *again).empty(), "a value does not differ from itself", json);

  doc::ReadResult yaml = doc::read_yaml(text, "f");
  if (yaml.findings.empty() && !value->is_null()) {
    require(yaml.documents.size() == 1, "JSON is one YAML document", json);
    require(doc::write_json(yaml.documents[0].value) == json, "JSON is YAML", json);
  }
  return 0;
}
