// What Raykeep makes of YAML, in the oracle's protocol: one question a line, {"name": ..., "text":
// base64}; one answer a line, {"name": ..., "documents": [{"json": ..., "yaml": the same written by
// write_yaml}], "findings": ["RK1005"]}.
#include <iostream>
#include <string>

#include "doc/base64.h"
#include "doc/document.h"

namespace {

namespace doc = raykeep::doc;

doc::Value answer(const doc::Value& question) {
  std::string text = doc::decode_base64(doc::find_string(question, {"text"})).value();
  doc::ReadResult result = doc::read_yaml(text, "text");
  doc::Array documents;
  for (const doc::Document& document : result.documents) {
    documents.push_back({{"json", document.value}, {"yaml", doc::write_yaml(document.value)}});
  }
  doc::Array findings;
  for (const raykeep::Finding& finding : result.findings) findings.emplace_back(finding.code);
  return {{"name", doc::find_string(question, {"name"})},
          {"documents", std::move(documents)},
          {"findings", std::move(findings)}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    raykeep::Result<doc::Value> question = doc::parse_json(line, {.bytes = 64u << 20});
    if (!question) {
      std::cerr << "yaml_dump: " << question.error().text << '\n';
      return 1;
    }
    std::cout << doc::write_json(answer(*question)) << '\n';
  }
}
