#include "preflight/policy_message.h"

#include "base/text.h"

namespace raykeep::preflight {
namespace {

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  std::size_t from = text.find(open);
  if (from == text.npos) return "";
  from += open.size();
  std::size_t to = text.find(close, from);
  return to == text.npos ? "" : text.substr(from, to - from);
}

std::string_view after(std::string_view text, std::string_view mark) {
  std::size_t at = text.find(mark);
  return at == text.npos ? "" : text.substr(at + mark.size());
}

/// "[ns-must-have-owner] you must provide labels: ..." once or more, a line each.
std::vector<PolicyWord> gatekeeper(std::string_view said) {
  std::vector<PolicyWord> out;
  for (std::string_view line : split(said, '\n')) {
    line = trim(line);
    std::size_t end = line.find("] ");
    if (line.starts_with('[') && end != line.npos) {
      out.push_back(
          {std::string(line.substr(1, end - 1)), std::string(trim(line.substr(end + 2)))});
    } else if (!line.empty() && !out.empty()) {
      out.back().text += " " + std::string(line);
    }
  }
  return out;
}

std::string without_quotes(std::string text) {
  if (text.size() > 1 && (text.front() == '\'' || text.front() == '"') &&
      text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return text;
}

/// A policy is a key without a value; its rules are indented keys whose values may go on over more
/// lines.
std::vector<PolicyWord> kyverno(std::string_view said) {
  std::vector<PolicyWord> out;
  for (std::string_view line : split(after(said, "due to the following policies"), '\n')) {
    if (trim(line).empty()) continue;
    const bool indented = line.starts_with(' ');
    if (!indented && line.ends_with(':')) {
      out.push_back({std::string(line.substr(0, line.size() - 1)), ""});
    } else if (!out.empty()) {
      if (!out.back().text.empty()) out.back().text += " ";
      std::size_t colon = line.find(": ");
      bool rule = indented && !line.starts_with("    ") && colon != line.npos;
      out.back().text += trim(rule ? line.substr(colon + 2) : line);
    }
  }
  for (PolicyWord& word : out) word.text = without_quotes(std::move(word.text));
  return out;
}

}  // namespace

std::vector<PolicyWord> policy_words(std::string_view message) {
  std::string_view policy = between(message, "ValidatingAdmissionPolicy '", "'");
  if (!policy.empty())
    return {{std::string(policy), std::string(trim(after(message, "denied request: ")))}};
  std::string_view said = after(message, "denied the request: ");
  std::string_view webhook = between(message, "admission webhook \"", "\"");
  std::vector<PolicyWord> words =
      said.contains("due to the following policies") ? kyverno(said) : gatekeeper(said);
  if (!words.empty()) return words;
  return {{webhook.empty() ? "an admission policy" : std::string(webhook),
           std::string(trim(said.empty() ? message : said))}};
}

}  // namespace raykeep::preflight
