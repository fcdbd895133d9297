#include "cli/status_output.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace raykeep::cli {
namespace {

using namespace control;

doc::Object to_json(const PodStatus& pod) {
  return {{"name", pod.name},
          {"ready", pod.ready},
          {"stage", pod.stage},
          {"node", pod.node},
          {"ip", pod.ip},
          {"image", pod.image},
          {"restarts", pod.restarts},
          {"ageSeconds", pod.age.count()}};
}

doc::Object to_json(const GroupStatus& group) {
  doc::Array pods;
  for (const PodStatus& pod : group.pods) pods.push_back(to_json(pod));
  return {{"name", group.name},     {"object", group.object},   {"desired", group.desired},
          {"ready", group.ready},   {"updated", group.updated}, {"settled", group.settled},
          {"pods", std::move(pods)}};
}

Colour colour_of(State state) {
  switch (state) {
    case State::ready:
      return Colour::green;
    case State::troubled:
      return Colour::red;
    case State::starting:
    case State::removing:
      return Colour::yellow;
    case State::suspended:
      return Colour::faint;
  }
  return Colour::none;
}

std::string counts(const ClusterStatus& status) {
  std::vector<std::string> parts;
  for (const GroupStatus& group : status.groups)
    parts.push_back(fmt::format("{} {}/{}", group.name, group.ready, group.desired));
  return join(parts, ", ");
}

std::string heading(const ClusterStatus& status) {
  std::string out = fmt::format("{}  {}", coloured(stdout, Colour::bold, status.name),
                                coloured(stdout, colour_of(status.state), to_string(status.state)));
  if (!status.ray_version.empty()) out += fmt::format("  Ray {}", harmless(status.ray_version));
  if (std::string groups = counts(status); !groups.empty()) out += "  " + groups;
  out += fmt::format("  age {}", age_text(status.age));
  if (!status.has_owner) out += "  (applied from rendered files: no stored document)";
  return out + '\n';
}

std::string pods(const ClusterStatus& status, bool wide) {
  std::vector<Row> rows = {{"GROUP", "POD", "READY", "STATE", "RESTARTS", "AGE", "NODE"}};
  if (wide) rows[0].insert(rows[0].end(), {"IP", "IMAGE"});
  for (const GroupStatus& group : status.groups) {
    for (const PodStatus& pod : group.pods) {
      rows.push_back({group.name, pod.name, pod.ready ? "yes" : "no", harmless(pod.stage),
                      fmt::format("{}", pod.restarts), age_text(pod.age), pod.node});
      if (wide) rows.back().insert(rows.back().end(), {pod.ip, harmless(pod.image)});
    }
  }
  return rows.size() == 1 ? "" : table(rows);
}

/// What the controller wrote of the cluster.
std::string conditions(const ClusterStatus& status) {
  std::vector<Row> rows = {{"CONDITION", "STATUS", "REASON", "MESSAGE"}};
  for (const StoredCondition& each : status.conditions)
    rows.push_back({harmless(each.type), harmless(each.status), harmless(each.reason),
                    harmless(each.message)});
  return rows.size() == 1 ? "" : table(rows);
}

doc::Array to_json(const std::vector<StoredCondition>& all) {
  doc::Array out;
  for (const StoredCondition& each : all)
    out.push_back(doc::Object{{"type", each.type},
                              {"status", each.status},
                              {"reason", each.reason},
                              {"message", each.message}});
  return out;
}

doc::Object to_json(const AgentReport& agent) {
  return {{"storage", agent.storage},
          {"fence", agent.fence},
          {"epoch", agent.epoch},
          {"restarts", agent.gcs_restarts},
          {"lastOutageSeconds", agent.gcs_last_outage_seconds}};
}

/// "GCS    state in redis, fence by script, epoch 2; 3 restarts, the last 0.1 s long".
std::string gcs_line(const AgentReport& agent) {
  std::string out = fmt::format("GCS  state in {}", harmless(agent.storage));
  if (!agent.fence.empty())
    out += fmt::format(", writes fenced by {}, epoch {}", harmless(agent.fence), agent.epoch);
  if (agent.gcs_restarts > 0)
    out += fmt::format("; {} restart{}, the last took {:.1f} s", agent.gcs_restarts,
                       agent.gcs_restarts == 1 ? "" : "s", agent.gcs_last_outage_seconds);
  return out + '\n';
}

}  // namespace

doc::Object to_json(const Diagnosis& diagnosis) {
  return {{"object", diagnosis.object},    {"reason", diagnosis.reason},
          {"what", diagnosis.what},        {"why", diagnosis.why},
          {"next", diagnosis.next},        {"others", diagnosis.others},
          {"hopeless", diagnosis.hopeless}};
}

doc::Object to_json(const ClusterStatus& status) {
  doc::Array groups, troubles, warnings;
  for (const GroupStatus& group : status.groups) groups.push_back(to_json(group));
  for (const Diagnosis& trouble : status.troubles) troubles.push_back(to_json(trouble));
  for (const std::string& warning : status.warnings) warnings.push_back(doc::Value(warning));
  doc::Object out = {{"name", status.name},
                     {"namespace", status.ns},
                     {"state", to_string(status.state)},
                     {"rayVersion", status.ray_version},
                     {"storedDocument", status.has_owner},
                     {"ageSeconds", status.age.count()},
                     {"groups", std::move(groups)},
                     {"troubles", std::move(troubles)},
                     {"warnings", std::move(warnings)}};
  if (!status.certificates.empty()) out["certificates"] = status.certificates;
  if (!status.conditions.empty()) out["conditions"] = to_json(status.conditions);
  if (status.agent) out["gcs"] = to_json(*status.agent);
  return out;
}

std::string to_text(const ClusterStatus& status, bool wide) {
  std::string out = heading(status) + pods(status, wide);
  if (wide) out += conditions(status);
  if (status.agent) out += gcs_line(*status.agent);
  if (!status.certificates.empty())
    out += fmt::format("TLS  Ray's own, {}\n", harmless(status.certificates));
  for (const Diagnosis& trouble : status.troubles) {
    std::string text = to_string(trouble);
    for (std::string_view line : split(text, '\n')) {
      bool first = line.data() == text.data();
      out +=
          fmt::format("{} {}\n", first ? coloured(stdout, Colour::red, "!") : " ", harmless(line));
    }
  }
  for (const std::string& warning : status.warnings)
    out += fmt::format("{} {}\n", coloured(stdout, Colour::yellow, "warning:"), harmless(warning));
  return out;
}

std::string to_line(const ClusterStatus& status) {
  std::string out = fmt::format("{} {}: {}", status.name, to_string(status.state), counts(status));
  for (const Diagnosis& trouble : status.troubles)
    out += fmt::format("; {}: {}", trouble.object, harmless(trouble.what));
  return out;
}

}  // namespace raykeep::cli
