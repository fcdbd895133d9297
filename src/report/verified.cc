#include "report/verified.h"

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::report {
namespace {

constexpr std::size_t longest_text = 2000;  // of one field; a "how" has about 100 characters
constexpr std::size_t most_pairs = 1000;
constexpr std::size_t most_findings = 1000;

/// The first field whose value is not of its type.
struct Reader {
  std::string wrong;

  const doc::Value* at(const doc::Value& value, std::string_view key) const {
    const doc::Value* found = doc::find(value, {key});
    return found != nullptr && found->is_null() ? nullptr : found;
  }
  void complain(std::string_view key, std::string_view wanted) {
    if (wrong.empty()) wrong = fmt::format("{} is not {}", key, wanted);
  }
  std::string text(const doc::Value& value, std::string_view key) {
    const doc::Value* found = at(value, key);
    if (found == nullptr) return "";
    if (!found->is_string()) complain(key, "a text");
    if (!found->is_string()) return "";
    std::string_view whole = found->get_string();
    if (whole.size() > longest_text) complain(key, fmt::format("{} bytes at most", longest_text));
    return std::string(whole.substr(0, longest_text));
  }
  bool boolean(const doc::Value& value, std::string_view key) {
    const doc::Value* found = at(value, key);
    if (found != nullptr && !found->is_bool()) complain(key, "true or false");
    return found != nullptr && found->is_bool() && found->get_bool();
  }
  double number(const doc::Value& value, std::string_view key) {
    const doc::Value* found = at(value, key);
    if (found != nullptr && !found->is_number()) complain(key, "a number");
    return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
  }
  std::int64_t count(const doc::Value& value, std::string_view key) {
    const doc::Value* found = at(value, key);
    if (found == nullptr) return 0;
    const bool good = found->is_int64() && found->get_int64() >= 0;
    if (!good) complain(key, "a count");
    return good ? found->get_int64() : 0;
  }
  const doc::Array& list(const doc::Value& value, std::string_view key, std::size_t most) {
    static const doc::Array none;
    const doc::Value* found = at(value, key);
    if (found == nullptr) return none;
    if (!found->is_array()) complain(key, "a list");
    if (!found->is_array()) return none;
    if (found->get_array().size() > most) complain(key, fmt::format("at most {} long", most));
    return found->get_array();
  }
};

VerifiedFlow flow_of(Reader& read, const doc::Value& each) {
  VerifiedFlow flow;
  flow.result = read.text(each, "result");
  if (flow.result.empty()) flow.result = "untested";
  flow.how = read.text(each, "how");
  flow.note = read.text(each, "note");
  flow.good = read.boolean(each, "good");
  return flow;
}

}  // namespace

Result<Verified> parse_verified(std::string_view text, const std::string& cluster,
                                const std::string& ns) {
  if (!is_valid_utf8(text)) return error("it is not UTF-8");
  Result<doc::Value> value = doc::parse_json(text, verified_limits);
  if (!value) return error(value.error().text);
  if (doc::find_string(*value, {"kind"}) != "VerifyResult" ||
      doc::find_string(*value, {"apiVersion"}) != "raykeep.io/v1")
    return error("it is not a result of raykeep verify -o json (raykeep.io/v1 VerifyResult)");
  std::string_view its_cluster = doc::find_string(*value, {"cluster"});
  std::string_view its_ns = doc::find_string(*value, {"namespace"});
  if (its_cluster != cluster || its_ns != ns)
    return error(
        fmt::format("it speaks of cluster {} in namespace {}, and this report is of {} in {}",
                    quoted(its_cluster), quoted(its_ns), quoted(cluster), quoted(ns)));
  Reader read;
  Verified made;
  made.at = read.text(*value, "at");
  made.program = read.text(*value, "program");
  made.good = read.boolean(*value, "good");
  made.seconds = read.number(*value, "seconds");
  for (const doc::Value& each : read.list(*value, "flows", verified_limits.nodes)) {
    std::string id = read.text(each, "id");
    if (!id.empty()) made.flows.insert_or_assign(std::move(id), flow_of(read, each));
  }
  for (const doc::Value& each : read.list(*value, "pairs", most_pairs)) {
    made.pairs.push_back({read.text(each, "from"), read.text(each, "to"), read.count(each, "tried"),
                          read.count(each, "blocked"), read.text(each, "note"),
                          read.boolean(each, "good")});
  }
  for (const doc::Value& each : read.list(*value, "findings", most_findings)) {
    made.findings.push_back({read.text(each, "code"), read.text(each, "severity"),
                             read.text(each, "object"), read.text(each, "what"),
                             read.text(each, "remedy")});
  }
  if (!read.wrong.empty()) return error(read.wrong);
  return made;
}

}  // namespace raykeep::report
