#include "plan/scratch_space.h"

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::plan {
namespace {

doc::Value pod(std::string_view text) {
  auto read = doc::read_yaml(text, "pod.yaml");
  EXPECT_TRUE(read.findings.empty());
  return read.documents.at(0).value;
}

/// "limit/request" of each container, in their order; "-" where there is none.
std::string limited(std::string_view text) {
  doc::Value value = pod(text);
  limit_scratch_space(value.get_object());
  std::string out;
  for (std::string_view list : {"initContainers", "containers"}) {
    const doc::Array* containers = doc::find_array(value, {list});
    for (const doc::Value& each : containers ? *containers : doc::Array{}) {
      if (!out.empty()) out += " ";
      for (std::string_view section : {"limits", "requests"}) {
        std::string_view amount =
            doc::find_string(each, {"resources", section, "ephemeral-storage"});
        out += amount.empty() ? "-" : amount;
        if (section == "limits") out += "/";
      }
    }
  }
  return out;
}

struct Case {
  std::string_view name;
  std::string_view pod;
  std::string_view expected;
};

#define ROOT "securityContext: {readOnlyRootFilesystem: true}"

const Case cases[] = {
    {"without volumes there are logs", "{containers: [{" ROOT "}]}", "256Mi/256Mi"},
    {"what is mounted counts once, and memory does not",
     "{containers: [{" ROOT ", volumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /b}, "
     "{name: m, mountPath: /m}]}], volumes: [{name: a, emptyDir: {sizeLimit: 1Gi}}, {name: b, "
     "emptyDir: {sizeLimit: 1Gi}}, {name: m, emptyDir: {medium: Memory}}]}",
     "1280Mi/256Mi"},
    {"each container has its own",
     "{initContainers: [{" ROOT "}], containers: [{" ROOT
     ", volumeMounts: [{name: a, mountPath: /a}]}], volumes: [{name: a, emptyDir: {sizeLimit: "
     "1500k}}]}",
     "256Mi/256Mi 258Mi/256Mi"},
    {"what a container says stays",
     "{containers: [{" ROOT "}, {resources: {limits: {ephemeral-storage: 9Gi}}}]}",
     "256Mi/256Mi 9Gi/-"},
    {"a volume without limit may hold anything",
     "{containers: [{" ROOT "}], volumes: [{name: a, emptyDir: {}}]}", "-/-"},
    {"a container may write to its image", "{containers: [{" ROOT "}, {}]}", "-/- -/-"},
};

TEST(ScratchSpace, IsWhatVolumesMayHoldAndLogs) {
  for (const Case& each : cases) EXPECT_EQ(limited(each.pod), each.expected) << each.name;
}

}  // namespace
}  // namespace raykeep::plan
