#include "report/findings.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "report/objects.h"
#include "report/workloads.h"

namespace raykeep::report {
namespace {

/// Collects them; take() has the worst first.
class Findings {
 public:
  void add(std::string_view severity, std::string_view code, std::string_view object,
           std::string_view what, std::string_view remedy) {
    all_.push_back(doc::Object{{"severity", severity},
                               {"code", code},
                               {"object", object},
                               {"what", what},
                               {"remedy", remedy}});
  }
  doc::Array take() {
    auto rank = [](const doc::Value& each) {
      std::string_view severity = doc::find_string(each, {"severity"});
      return severity == "error" ? 0 : severity == "warning" ? 1 : 2;
    };
    std::ranges::stable_sort(all_, {}, rank);
    return std::move(all_);
  }

 private:
  doc::Array all_;
};

constexpr std::size_t most_told = 100;  // of one kind of finding; the flows' rows tell all

void of_flows(const doc::Array& rows, Findings& findings) {
  for (const doc::Value& row : rows) {
    if (row.at("permitted").as_bool()) continue;
    findings.add("error", "", fmt::format("flow {}", row.at("number").as_int64()),
                 "no policy lets it through, or none guards its pods", "run raykeep up again");
  }
}

void of_policies(const Input& input, const Permits& permits, Findings& findings) {
  auto is_planned = [&input](const Excess& excess) {
    return std::ranges::any_of(input.plan.objects, [&excess](const doc::Value& each) {
      return label_of(each) == "NetworkPolicy " + excess.policy;
    });
  };
  std::vector<Excess> excess = permits.excess();
  if (excess.size() > most_told) excess.resize(most_told);
  for (const Excess& each : excess)
    findings.add("error", "", each.rule, "lets through what no flow needs: " + each.what,
                 is_planned(each) ? "run raykeep up again, which writes the policy as planned"
                                  : "ask who made it; it is not Raykeep's");
}

/// A result of another state of the document proves little of this one.
void of_result(const Input& input, Findings& findings) {
  if (!input.verified) return;
  std::set<std::string> ids;
  for (const flow::Flow& flow : input.plan.flows) ids.insert(flow.id());
  auto strange = std::ranges::count_if(
      input.verified->flows, [&ids](const auto& each) { return !ids.contains(each.first); });
  if (strange > 0)
    findings.add("warning", "", "the verification",
                 fmt::format("tells of flows that the cluster does not have: {}", strange),
                 "run raykeep verify again: the document has changed since");
}

void of_objects(const Input& input, Findings& findings) {
  for (const std::string& each : missing_objects(input))
    findings.add("error", "", each, "is planned and not there", "run raykeep up again");
  for (const std::string& each : unplanned_objects(input))
    findings.add("warning", "", each, "carries the cluster's labels and is not planned",
                 "run raykeep up again, or remove it");
}

}  // namespace

doc::Array findings(const Input& input, const doc::Array& rows, const Permits& permits) {
  Findings list;
  of_flows(rows, list);
  of_policies(input, permits, list);
  of_objects(input, list);
  of_result(input, list);
  if (input.verified) {
    for (const VerifiedFinding& each : input.verified->findings) {
      const bool known = each.severity == "error" || each.severity == "warning";
      list.add(known ? each.severity : "notice", each.code, each.object, each.what, each.remedy);
    }
  }
  for (const Finding& each : input.plan.findings)
    list.add(to_string(each.severity), each.code, each.path, each.what, each.remedy);
  return list.take();
}

}  // namespace raykeep::report
