#include "cli/profile_findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/findings_output.h"
#include "doc/pointer.h"
#include "profile/violations.h"

namespace raykeep::cli {
namespace {

using profile::Violation;

constexpr std::string_view pod_template = "/spec/template";

/// The group whose pods the object keeps; nullptr for other objects.
const spec::Group* group_of(const spec::RayCluster& cluster, const doc::Value& object) {
  std::string_view name =
      doc::find_string(object, {"spec", "template", "metadata", "labels", plan::ray_group_label});
  if (name.empty()) return nullptr;
  if (name == cluster.head.name) return &cluster.head;
  auto worker = std::ranges::find(cluster.workers, name, &spec::Group::name);
  return worker == cluster.workers.end() ? nullptr : &*worker;
}

/// The list of the template has entries that the document's does not have; the names tell which is
/// which. Nothing for an entry of ours.
std::optional<std::size_t> index_in_document(const spec::Group& group, const doc::Value& object,
                                             const std::string& list, std::size_t index) {
  const doc::Array* planned = doc::find_array(object, {"spec", "template", "spec", list});
  const doc::Array* written = doc::find_array(group.pod_template, {"spec", list});
  if (planned == nullptr || written == nullptr || index >= planned->size()) return std::nullopt;
  std::string_view name = doc::find_string((*planned)[index], {"name"});
  for (std::size_t i = 0; i < written->size(); ++i) {
    if (doc::find_string((*written)[i], {"name"}) == name) return i;
  }
  return std::nullopt;
}

/// From a pointer into the object to one into the document; empty where that says nothing of it.
std::string pointer_in_document(const spec::RayCluster& cluster, const doc::Value& object,
                                const std::string& pointer) {
  if (pointer == "/metadata/namespace") return cluster.ns.empty() ? "" : pointer;
  if (pointer == "/spec/type" && doc::find_string(object, {"kind"}) == "Service")
    return "/spec/headGroupSpec/serviceType";
  const spec::Group* group = group_of(cluster, object);
  if (group == nullptr || !pointer.starts_with(pod_template)) return "";
  std::vector<std::string> steps = doc::split_pointer(pointer.substr(pod_template.size()));
  if (steps.size() >= 3 && steps[0] == "spec" &&
      (steps[1] == "containers" || steps[1] == "initContainers" || steps[1] == "volumes")) {
    auto index = index_in_document(*group, object, steps[1], std::stoul(steps[2]));
    if (!index) return "";
    steps[2] = std::to_string(*index);
  }
  std::string out = group->pointer + "/template";
  for (const std::string& step : steps) out += "/" + doc::escape_step(step);
  return out;
}

ProfileFinding finding_of(const Violation& violation, const plan::Plan& plan,
                          const spec::RayCluster& cluster, const doc::Document& document,
                          Severity severity) {
  const profile::ProfileInfo& info = profile::info(violation.profile);
  ProfileFinding made{{}, std::string(info.name), violation.rule, violation.object};
  made.finding.severity = severity;
  made.finding.code = info.code;
  made.finding.what = fmt::format("{} {}: {}", info.name, violation.rule, violation.what);
  made.finding.remedy = violation.remedy;
  const std::string pointer =
      pointer_in_document(cluster, plan.objects[violation.index], violation.pointer);
  if (pointer.empty()) {
    made.finding.place.file = document.file;
    made.finding.path = violation.object;
    if (!violation.pointer.empty()) made.finding.path += " " + doc::as_path(violation.pointer);
  } else {
    made.finding.place = document.place(pointer);
    made.finding.path = doc::as_path(pointer);
  }
  return made;
}

}  // namespace

std::vector<profile::Profile> chosen_profiles(const Input& input,
                                              const std::vector<std::string>& names) {
  std::vector<profile::Profile> chosen;
  for (const profile::ProfileInfo& each : profile::kProfiles) {
    auto named = [&each](const std::vector<std::string>& list) {
      return std::ranges::any_of(
          list, [&each](const std::string& name) { return name == "all" || name == each.name; });
    };
    if (named(input.site.profiles) || named(names)) chosen.push_back(each.profile);
  }
  return chosen;
}

std::vector<ProfileFinding> profile_findings(const Input& input,
                                             const std::vector<plan::Plan>& plans,
                                             const std::vector<profile::Profile>& profiles,
                                             const std::string& ns, Severity severity) {
  std::vector<ProfileFinding> made;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const spec::RayCluster& cluster = input.clusters[i];
    for (const Violation& each : profile::find_violations(plans[i].objects, profiles)) {
      if (each.pointer == "/metadata/namespace" && ns.empty() && cluster.ns.empty()) continue;
      made.push_back(finding_of(each, plans[i], cluster, input.documents[i], severity));
    }
  }
  return made;
}

void print(std::FILE* to, const std::vector<ProfileFinding>& findings) {
  Findings plain;
  for (const ProfileFinding& each : findings) plain.push_back(each.finding);
  print(to, plain);
}

doc::Array to_json(const std::vector<ProfileFinding>& findings) {
  doc::Array out;
  for (const ProfileFinding& each : findings) {
    doc::Array one = to_json(Findings{each.finding});
    doc::Object& object = one.front().get_object();
    object["profile"] = each.profile;
    object["rule"] = each.rule;
    object["object"] = each.object;
    out.push_back(std::move(one.front()));
  }
  return out;
}

}  // namespace raykeep::cli
