#include "control/status_report.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/persisted.h"
#include "control/timestamp.h"
#include "plan/names.h"
#include "plan/object.h"

namespace raykeep::control {
std::string stored_fingerprint(const doc::Value& owner) {
  return plan::content_hash(fmt::format("{}\n---\n{}",
                                        doc::find_string(owner, {"data", plan::document_key}),
                                        doc::find_string(owner, {"data", plan::site_key})));
}

std::string status_text(const std::vector<decide::Condition>& conditions,
                        const std::string& fingerprint, std::string_view before, WallTime now) {
  std::map<std::string, std::pair<std::string, std::string>> since;  // status and time, by type
  if (auto read = doc::parse_json(before.empty() ? "{}" : before)) {
    for (const doc::Value& each : list_at(*read, {"conditions"}))
      since[std::string(doc::find_string(each, {"type"}))] = {
          std::string(doc::find_string(each, {"status"})),
          std::string(doc::find_string(each, {"lastTransitionTime"}))};
  }
  doc::Array list;
  for (const decide::Condition& each : conditions) {
    auto known = since.find(each.type);
    bool lasts = known != since.end() && known->second.first == decide::to_string(each.status);
    list.push_back(
        doc::Object{{"type", each.type},
                    {"status", decide::to_string(each.status)},
                    {"reason", each.reason},
                    {"message", each.message},
                    {"lastTransitionTime", lasts ? known->second.second : time_text(now)}});
  }
  return doc::write_json(
      doc::Value(doc::Object{{"document", fingerprint}, {"conditions", std::move(list)}}));
}

const StoredCondition* StoredStatus::find(std::string_view type) const {
  auto found = std::ranges::find(conditions, type, &StoredCondition::type);
  return found == conditions.end() ? nullptr : &*found;
}

StoredStatus stored_status(const doc::Value& owner) {
  StoredStatus made;
  std::string_view text = doc::find_string(owner, {"data", status_key});
  if (text.empty()) return made;
  auto read = doc::parse_json(text);
  if (!read) return made;
  made.fingerprint = doc::find_string(*read, {"document"});
  for (const doc::Value& each : list_at(*read, {"conditions"})) {
    auto member = [&](std::string_view name) {
      return std::string(doc::find_string(each, {name}));
    };
    made.conditions.push_back(
        {member("type"), member("status"), member("reason"), member("message")});
  }
  return made;
}

doc::Value event_object(const decide::Event& event, const doc::Value& object,
                        const std::string& instance, WallTime now) {
  constexpr std::size_t longest = 1000;  // Kubernetes takes 1024 bytes
  std::string_view ns = doc::find_string(object, {"metadata", "namespace"});
  std::string message = event.message;
  if (message.size() > longest) message = message.substr(0, longest) + "...";
  return doc::Object{
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata",
       doc::Object{{"generateName", fmt::format("{}.", name_of(object))}, {"namespace", ns}}},
      {"involvedObject", doc::Object{{"apiVersion", doc::find_string(object, {"apiVersion"})},
                                     {"kind", kind_of(object)},
                                     {"namespace", ns},
                                     {"name", name_of(object)},
                                     {"uid", uid_of(object)}}},
      {"type", event.warning ? "Warning" : "Normal"},
      {"reason", event.reason},
      {"message", std::move(message)},
      {"source", doc::Object{{"component", controller_name}}},
      {"reportingComponent", controller_name},
      {"reportingInstance", instance},
      {"firstTimestamp", time_text(now)},
      {"lastTimestamp", time_text(now)},
      {"count", 1}};
}

}  // namespace raykeep::control
