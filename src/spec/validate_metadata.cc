#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/groups.h"
#include "spec/names.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

// The StatefulSet controller labels the head's pod controller-revision-hash=<c>-head-<hash>, with a
// hash of up to 10 characters; past 63 in all the pod is refused, for ever and with no more than an
// event. KubeRay allows 53: it makes the head's pod itself.
constexpr std::size_t kLongestClusterName = 63 - std::string_view("-head-").size() - 10;
static_assert(kLongestClusterName == 47);

void validate_name(const Cursor& metadata) {
  Cursor name = metadata["name"];
  if (!name) {
    if (!metadata) return;
    if (metadata["generateName"]) {
      return metadata["generateName"].report_key("RK2003", "Raykeep does not make names up",
                                                 "write name");
    }
    return metadata.report("RK2003", "name is missing");
  }
  if (!name.value().is_string()) return;
  std::string text = name.text();
  if (std::string wrong = wrong_with_service_name(text); !wrong.empty() && text.size() <= 63) {
    std::string better = as_dns_label(text);
    if (!better.empty() && better.front() <= '9') better = "r" + better;
    name.report("RK2020", fmt::format("{} {}", quoted(text), wrong),
                better.empty() ? "write a name such as \"ray\"" : "write " + quoted(better));
  }
  if (text.size() > kLongestClusterName) {
    name.report(
        "RK2021",
        fmt::format("the name has {} characters; at most {} leave room for the labels of the "
                    "head's pod",
                    text.size(), kLongestClusterName),
        "shorten it");
  }
}

void validate_switches(const Cursor& annotations) {
  for (const char* key :
       {"ray.io/overwrite-container-cmd", "ray.io/enable-serve-service", "ray.io/ft-enabled"}) {
    Cursor value = annotations[key];
    if (!value || !value.value().is_string()) continue;
    if (value.text() != "true" && value.text() != "false") {
      value.report("RK2027",
                   fmt::format("{} is neither \"true\" nor \"false\"", quoted(value.text())),
                   "write \"true\" or \"false\"");
    }
  }
}

}  // namespace

void validate_metadata(const Cursor& metadata) {
  validate_name(metadata);
  Cursor ns = metadata["namespace"];
  if (ns && ns.value().is_string()) {
    if (std::string wrong = wrong_with_dns_label(ns.text()); !wrong.empty()) {
      ns.report("RK2022", fmt::format("{} {}", quoted(ns.text()), wrong));
    }
  }
  validate_labels(metadata["labels"], "RK2023");
  validate_annotations(metadata["annotations"], "RK2024");
  validate_switches(metadata["annotations"]);
}

}  // namespace raykeep::spec
