// The diagram, the flow table, and who was tried and must not get through.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "report/describe.h"
#include "report/graph.h"
#include "report/picture.h"
#include "report/sections.h"
#include "report/table.h"

namespace raykeep::report {
namespace {

constexpr std::size_t few_groups = 3;    // of a row, which are always told by name
constexpr std::size_t most_groups = 4;   // of a row, by name; further ones open
constexpr std::size_t most_good = 3;     // tests of a row that are told one by one
constexpr std::size_t most_failed = 20;  // likewise, of those that were not good

std::string role_text(std::string_view role) {
  if (role == "dns") return "name servers";
  if (role == "submitter") return "submitters";
  if (role == "client") return "Ray clients";
  if (role == "controller") return "Raykeep's controller";
  if (role == "redis") return "Redis";
  return std::string(role);
}

/// One end of a row: the head, worker groups, or somebody outside with who that is.
void put_end(Html& page, const doc::Value& row, std::string_view side, std::size_t all_groups) {
  const doc::Value& end = row.at(side);
  std::string_view role = doc::find_string(end, {"role"});
  if (role == "worker") {
    std::vector<std::string> groups = texts_of(end.at("groups"));
    if (groups.size() <= few_groups) {
      page.text("workers " + join(groups, ", "));
    } else if (groups.size() == all_groups) {
      page.text(fmt::format("all {} worker groups", all_groups));
    } else {
      page.text(fmt::format("workers of {} groups", groups.size()));
      page.open("span", {{"class", "small"}});
      if (groups.size() <= most_groups) page.text(join(groups, ", "));
      page.close();
      if (groups.size() > most_groups) put_list(page, groups, most_groups, "groups");
    }
    return;
  }
  std::string_view name = doc::find_string(end, {"name"});
  page.text(name.empty() ? role_text(role) : std::string(name));
  const bool outside = (doc::find_string(row, {"direction"}) == "inward") == (side == "from");
  if (role == "head" || !outside) return;
  page.open("div", {{"class", "small"}});
  put_list(page, texts_of(row.at("peers")), most_groups, "peers");
  page.close();
}

void put_encryption(Html& page, const doc::Value& row) {
  std::string_view encrypted = doc::find_string(row, {"encrypted"});
  std::string_view how = doc::find_string(row, {"encryption"});
  if (encrypted == "no") {
    page.element("span", {{"class", "tag bad"}}, how);
  } else {
    page.element("span", {{"class", encrypted == "yes" ? "good" : "warn"}}, how);
  }
}

/// The column's heading says it.
constexpr std::string_view policy_kind = "NetworkPolicy ";

/// "demo-head egress[0]" and "demo-head egress[4]" are "demo-head egress[0, 4]".
std::vector<std::string> by_policy(const std::vector<std::string>& rules) {
  std::vector<std::pair<std::string, std::string>> policies;  // up to the bracket, and the numbers
  for (const std::string& rule : rules) {
    const std::size_t bracket = rule.rfind('[');
    const bool numbered = bracket != std::string::npos && rule.ends_with(']');
    std::string name = rule.substr(0, bracket);
    std::string index =
        numbered ? rule.substr(bracket + 1, rule.size() - bracket - 2) : std::string();
    auto same = std::ranges::find(policies, name, &std::pair<std::string, std::string>::first);
    if (!numbered) {
      policies.emplace_back(rule, "");
    } else if (same == policies.end()) {
      policies.emplace_back(std::move(name), std::move(index));
    } else {
      same->second += ", " + index;
    }
  }
  std::vector<std::string> texts;
  for (const auto& [name, numbers] : policies)
    texts.push_back(numbers.empty() ? name : fmt::format("{}[{}]", name, numbers));
  return texts;
}

/// What lets the row's flows through at one end, each rule once.
void put_permit(Html& page, const doc::Value& row, std::string_view side, const char* name) {
  std::vector<std::string> rules;
  std::map<std::string, bool> seen;
  bool ours = true, stuck = false;
  for (const doc::Value& flow : row.at("flows").as_array()) {
    const doc::Value& permit = flow.at(side);
    ours &= permit.is_array();
    if (!permit.is_array()) continue;
    stuck |= permit.get_array().empty();
    for (std::string& rule : texts_of(permit)) {
      if (rule.starts_with(policy_kind)) rule.erase(0, policy_kind.size());
      if (seen.emplace(rule, true).second) rules.push_back(std::move(rule));
    }
  }
  page.open("div", {{"class", "permit"}}).element("span", {{"class", "soft"}}, name).open("div");
  if (!ours) {
    page.element("span", {{"class", "soft"}}, "the peer's side");
  } else if (stuck) {
    page.element("strong", {{"class", "bad"}}, "by no policy");
  }
  rules = by_policy(rules);
  if (rules.size() == 1) {
    page.text(rules.front());
  } else {
    put_list(page, rules, 2, "policies");
  }
  page.close().close();
}

std::string test_text(const doc::Value& flow, bool with_id) {
  const doc::Value& test = flow.at("tested");
  std::string text(doc::find_string(test, {"result"}));
  if (std::string_view how = doc::find_string(test, {"how"}); !how.empty())
    text += fmt::format(": {}", how);
  if (std::string_view note = doc::find_string(test, {"note"}); !note.empty())
    text += fmt::format(" ({})", note);
  if (with_id) text = fmt::format("{}: {}", doc::find_string(flow, {"id"}), text);
  return text;
}

/// Those that failed, or else the first good ones, one by one.
void put_tests(Html& page, const doc::Value& row) {
  const bool several = count_of(row, "count") > 1;
  std::vector<std::string> failed, good;
  std::size_t failed_count = 0;
  for (const doc::Value& flow : row.at("flows").as_array()) {
    if (!flow.at("tested").is_object()) continue;
    if (flag_of(flow.at("tested"), "good")) {
      if (good.size() < most_good) good.push_back(test_text(flow, several));
    } else if (++failed_count <= most_failed) {
      failed.push_back(test_text(flow, several));
    }
  }
  for (const std::string& each : failed) page.element("span", {{"class", "small bad"}}, each);
  if (failed_count > most_failed)
    page.element("span", {{"class", "small bad"}},
                 fmt::format("and {} more: see the JSON", failed_count - most_failed));
  if (!several) {
    for (const std::string& each : good) page.element("span", {{"class", "small"}}, each);
  } else if (!good.empty()) {
    page.open("details").element("summary", {{"class", "soft"}}, "how");
    for (const std::string& each : good) page.element("span", {{"class", "small"}}, each);
    if (count_of(row, "good") > static_cast<std::int64_t>(good.size()))
      page.element("span", {{"class", "small"}}, "the JSON has all of them");
    page.close();
  }
}

void put_tested(Html& page, const doc::Value& row, std::string_view when) {
  const std::int64_t count = count_of(row, "count"), tested = count_of(row, "tested"),
                     good = count_of(row, "good");
  if (tested == 0) {
    page.element("span", {{"class", "soft"}}, "not tested");
    return;
  }
  std::string text = good == tested ? "good" : "not as it should be";
  if (count > 1)
    text = fmt::format("{} of {}: {}", grouped(tested), grouped(count),
                       good == tested ? "all good" : fmt::format("{} good", grouped(good)));
  page.element("span", {{"class", good < tested ? "bad" : tested < count ? "warn" : "good"}}, text);
  page.element("span", {{"class", "small"}}, readable_time(when));
  put_tests(page, row);
}

void put_row(Html& page, Table& table, const doc::Value& row, std::size_t all_groups,
             std::string_view when) {
  table.begin_row();
  table.head(fmt::format("{}", count_of(row, "number")));
  for (std::string_view side : {"from", "to"}) {
    table.begin_cell();
    put_end(page, row, side, all_groups);
    if (side == "to" && count_of(row, "count") > 1)
      page.element("span", {{"class", "small"}}, counted(count_of(row, "count"), "flow", "flows"));
    table.end_cell();
  }
  table.begin_cell();
  page.text(
      fmt::format("{}/{}", doc::find_string(row, {"ports"}), doc::find_string(row, {"protocol"})));
  page.element("span", {{"class", "small"}}, doc::find_string(row, {"name"}));
  table.end_cell();
  table.begin_cell();
  put_encryption(page, row);
  table.end_cell();
  table.cell(doc::find_string(row, {"reason"}));
  table.begin_cell();
  put_permit(page, row, "from", "out");
  put_permit(page, row, "to", "in");
  table.end_cell();
  table.begin_cell();
  put_tested(page, row, when);
  table.end_cell();
  table.end_row();
}

std::string_view heading_of(std::string_view direction) {
  if (direction == "inward") return "From outside Ray, inwards";
  if (direction == "inside") return "Between Ray's pods";
  return "From Ray's pods, outwards";
}

}  // namespace

void put_picture(Html& page, const doc::Object& model) {
  const Graph graph = graph_of(model);
  page.element(
      "p",
      "An arrow begins where the connection is opened and ends at the ports that are asked "
      "for. Dashed and red: in the clear. Dotted: the workload encrypts, or does not. Solid "
      "and green: encrypted.");
  page.open("div", {{"class", "scroll"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "The diagram, to scroll"}});
  page.add(picture(graph, doc::find_string(model, {"cluster", "namespace"}))).close().newline();
  page.open("details").element("summary", "The diagram in words");
  page.add(picture_in_words(graph)).close().newline();
}

void put_flows(Html& page, const doc::Object& model) {
  std::size_t all_groups = 0;
  for (const doc::Value& group : list_of(model, "groups"))
    all_groups += doc::find_string(group, {"role"}) == "worker" ? 1 : 0;
  std::string_view when = doc::find_string(model, {"verified", "at"});
  page.element(
      "p",
      "Each conversation that the cluster needs, told once for all worker groups that have "
      "it alike. A rule's name is its NetworkPolicy's, with its place in that. The "
      "peer's side: what it permits is not ours to say.");
  if (flag_of(model.at("summary"), "policiesExact"))
    page.element("p",
                 "What does not stand here is not let through: the policies name both ends and the "
                 "ports, in both directions, and no rule goes beyond a flow.");
  if (!model.at("verified").is_object())
    page.element("p", {{"class", "warn"}}, "Not tested: run raykeep verify.");
  Table table(
      page, "flows", "Flows: who talks to whom, how, why, and what lets it through",
      {"#", "From", "To", "Port", "Encryption", "Why", "NetworkPolicy rule", "Last tested"});
  std::string_view direction;
  for (const doc::Value& row : list_of(model, "flows")) {
    std::string_view next = doc::find_string(row, {"direction"});
    if (next != direction) table.heading(heading_of(next));
    direction = next;
    put_row(page, table, row, all_groups, when);
  }
}

void put_pairs(Html& page, const doc::Object& model) {
  const doc::Value& verified = model.at("verified");
  page.element("p", fmt::format("Tried on {} by raykeep {}, in {:.0f} s.",
                                readable_time(doc::find_string(verified, {"at"})),
                                doc::find_string(verified, {"program"}),
                                verified.at("seconds").as_double()));
  if (verified.at("pairs").as_array().empty()) {
    page.element("p", {{"class", "warn"}},
                 "The verification tried nobody who must not get through.");
    return;
  }
  Table table(page, "pairs", "Who must not get through, and what became of the attempt",
              {"From", "To", "Ports tried", "Refused", "Result", "Note"});
  for (const doc::Value& pair : verified.at("pairs").as_array()) {
    const bool good = flag_of(pair, "good");
    table.begin_row();
    table.head(doc::find_string(pair, {"from"}));
    table.cell(doc::find_string(pair, {"to"}));
    table.cell(grouped(count_of(pair, "tried")));
    table.cell(grouped(count_of(pair, "blocked")));
    table.cell(good ? "kept out" : "got through", good ? "good" : "bad");
    table.cell(doc::find_string(pair, {"note"}));
    table.end_row();
  }
}

}  // namespace raykeep::report
