// For this module's tables: YAML as objects and answers, and a small plan.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/ask.h"
#include "plan/plan.h"
#include "preflight/obstacle.h"
#include "spec/testing.h"

namespace raykeep::preflight::testing {

inline doc::Value object(std::string_view yaml) { return spec::document(yaml, "x.yaml").value; }

inline std::vector<doc::Value> objects(std::string_view yaml) {
  std::vector<doc::Value> out;
  for (doc::Document& each : doc::read_yaml(yaml, "x.yaml").documents) out.push_back(each.value);
  return out;
}

inline kube::Said answer(std::string_view yaml) {
  kube::Said said;
  said.code = 200;
  said.body = object(yaml);
  return said;
}

inline kube::Said refusal(int code, std::string message) {
  kube::Said said;
  said.code = code;
  said.message = std::move(message);
  return said;
}

inline plan::Plan plan_of(std::string_view cluster, std::string_view site = spec::kSmallSite) {
  plan::PlanOptions options;
  options.ns = "bank";
  return plan::plan(*spec::parse_cluster(cluster).cluster, *spec::parse_site_text(site).site,
                    options);
}

/// "RK6005 ResourceQuota q: pods", a line each.
inline std::string told(const Obstacles& obstacles) {
  std::string out;
  for (const Obstacle& each : obstacles) out += std::string(each.code) + " " + each.about + "\n";
  return out;
}

}  // namespace raykeep::preflight::testing
