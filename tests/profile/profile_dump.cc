// Our side of tests/profile/compare: reads one JSON object a line, {"name", "objects": [...]}, and
// writes one a line, {"name", "violations": {"PROFILE": ["RULE", ...]}}; then {"rules": {...}}: all
// that the table has.
#include <algorithm>
#include <iostream>
#include <string>

#include "profile/rules.h"
#include "profile/violations.h"

namespace raykeep {
namespace {

void add(doc::Object& verdicts, profile::Profile profile, std::string_view rule) {
  doc::Value& list = verdicts[profile::info(profile).name];
  if (!list.is_array()) list = doc::Array();
  doc::Array& rules = list.get_array();
  if (std::ranges::find(rules, doc::Value(rule)) == rules.end()) rules.emplace_back(rule);
}

void print(doc::Object object) { std::cout << doc::write_json(std::move(object)) << '\n'; }

int run() {
  std::vector<profile::Profile> all;
  for (const profile::ProfileInfo& each : profile::kProfiles) all.push_back(each.profile);
  std::string line;
  while (std::getline(std::cin, line)) {
    auto asked = doc::parse_json(line);
    const doc::Array* given = asked ? doc::find_array(*asked, {"objects"}) : nullptr;
    if (given == nullptr) {
      std::cerr << "profile_dump: not a question: " << line.substr(0, 200) << '\n';
      return 1;
    }
    std::vector<doc::Value> objects(given->begin(), given->end());
    doc::Object verdicts;
    for (const profile::Violation& each : profile::find_violations(objects, all))
      add(verdicts, each.profile, each.rule);
    print({{"name", doc::find_string(*asked, {"name"})}, {"violations", std::move(verdicts)}});
  }
  doc::Object known;
  for (const profile::Rule& rule : profile::rules()) {
    for (const profile::RuleName& name : rule.names) add(known, name.profile, name.rule);
  }
  print({{"rules", std::move(known)}});
  return 0;
}

}  // namespace
}  // namespace raykeep

int main() { return raykeep::run(); }
