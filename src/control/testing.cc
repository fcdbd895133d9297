#include "control/testing.h"

#include <cstdio>
#include <cstdlib>

#include "control/fields.h"
#include "doc/document.h"

namespace raykeep::control::testing {

std::vector<doc::Value> objects(std::string_view yaml) {
  doc::ReadResult read = doc::read_yaml(yaml, "test");
  if (!read.findings.empty()) {
    std::fprintf(stderr, "%s\n", to_string(read.findings[0]).c_str());
    std::abort();
  }
  std::vector<doc::Value> out;
  for (doc::Document& document : read.documents) out.push_back(std::move(document.value));
  return out;
}

Observed observed(std::string_view yaml) {
  Observed made;
  made.ns = "ray";
  made.cluster = "demo";
  made.at = *parse_time("2026-01-01T00:10:00Z");
  for (doc::Value& object : objects(yaml)) {
    std::string_view kind = kind_of(object);
    auto& list = kind == "Pod"          ? made.pods
                 : kind == "Event"      ? made.events
                 : kind == "ReplicaSet" ? made.replica_sets
                                        : made.objects;
    list.push_back(std::move(object));
  }
  return made;
}

}  // namespace raykeep::control::testing
