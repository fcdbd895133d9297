// What a process in a container may do beyond other processes.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"
#include "profile/checks.h"

namespace raykeep::profile {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

bool among(Words words, std::string_view word, bool any_case) {
  return std::ranges::any_of(words, [&](std::string_view each) {
    return any_case ? upper(each) == upper(word) : each == word;
  });
}

}  // namespace

void privileged(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    if (bool_at(each.value, {"securityContext", "privileged"}).value_or(false))
      faults.push_back({each.pointer + "/securityContext/privileged",
                        fmt::format("{} is privileged", each.who)});
  }
}

void privilege_escalation(const Pod& pod, bool unless_said, Faults& faults) {
  for (const Container& each : pod.containers) {
    std::optional<bool> said = bool_at(each.value, {"securityContext", "allowPrivilegeEscalation"});
    if (said.value_or(!unless_said))
      faults.push_back({each.pointer + "/securityContext/allowPrivilegeEscalation",
                        fmt::format("{} may gain more privileges than it began with", each.who)});
  }
}

void added_capabilities(const Pod& pod, Words allowed, bool any_case, Faults& faults) {
  for (const Container& each : pod.containers) {
    for (std::string_view name : texts_at(each.value, {"securityContext", "capabilities", "add"})) {
      if (among(allowed, name, any_case)) continue;
      faults.push_back({each.pointer + "/securityContext/capabilities/add",
                        fmt::format("{} adds the capability {}", each.who, name)});
    }
  }
}

void undropped_capabilities(const Pod& pod, Words one_of, bool any_case, Faults& faults) {
  for (const Container& each : pod.containers) {
    auto dropped = texts_at(each.value, {"securityContext", "capabilities", "drop"});
    bool good = std::ranges::any_of(
        dropped, [&](std::string_view name) { return among(one_of, name, any_case); });
    if (!good)
      faults.push_back({each.pointer + "/securityContext/capabilities/drop",
                        fmt::format("{} does not drop {}", each.who, one_of.front())});
  }
}

void proc_mount(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    std::string_view mount = text_at(each.value, {"securityContext", "procMount"});
    if (!mount.empty() && mount != "Default")
      faults.push_back({each.pointer + "/securityContext/procMount",
                        fmt::format("{}: procMount is {}", each.who, quoted(mount))});
  }
}

void writable_root(const Pod& pod, bool usual_only, Faults& faults) {
  for (const Container& each : pod.containers) {
    if (usual_only && each.kind != Container::Kind::usual) continue;
    if (!bool_at(each.value, {"securityContext", "readOnlyRootFilesystem"}).value_or(false))
      faults.push_back({each.pointer + "/securityContext/readOnlyRootFilesystem",
                        fmt::format("{} may write to its image", each.who)});
  }
}

}  // namespace raykeep::profile
