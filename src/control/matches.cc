#include "control/matches.h"

#include <algorithm>
#include <functional>

#include "control/differences.h"
#include "spec/quantity.h"

namespace raykeep::control {
namespace {

/// What the API server leaves out. Not false and not zero: for many fields (a container's
/// allowPrivilegeEscalation) leaving them out means something else.
bool is_nothing(const doc::Value& value) {
  if (value.is_object())
    return std::ranges::all_of(value.get_object(),
                               [](const auto& member) { return is_nothing(member.value()); });
  if (value.is_array()) return value.get_array().empty();
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

std::string text_of(const doc::Value& value) {
  return value.is_string() ? std::string(value.get_string()) : doc::write_json(value);
}

bool is_amount(std::string_view member) {
  return member == "cpu" || member == "memory" || member == "sizeLimit" || member == "storage" ||
         member == "ephemeral-storage" || member.find('/') != std::string_view::npos;
}

bool is_same_scalar(const doc::Value& planned, const doc::Value& live, std::string_view member) {
  if (planned == live) return true;
  if (planned.is_number() && live.is_number())
    return planned.to_number<double>() == live.to_number<double>();
  if (!is_amount(member)) return false;
  auto one = spec::parse_quantity(text_of(planned)), other = spec::parse_quantity(text_of(live));
  return one && other && *one == *other;
}

/// The member that names the items of a list which Kubernetes merges by it, if it is such a list.
/// Ports of policies have no names: those lists are taken as a whole.
std::string_view key_of(const doc::Array& list) {
  for (std::string_view key : {"mountPath", "devicePath", "name", "containerPort", "uid"}) {
    bool all = !list.empty() && std::ranges::all_of(list, [&](const doc::Value& item) {
      return item.is_object() && item.get_object().contains(key);
    });
    if (all) return key;
  }
  return "";
}

std::string difference(const doc::Value& planned, const doc::Value& live, std::string path,
                       std::string_view member);

std::string difference_of_lists(const doc::Array& planned, const doc::Array& live,
                                const std::string& path) {
  std::string_view key = key_of(planned);
  if (key.empty()) {
    if (planned.size() != live.size()) return path;
    for (std::size_t i = 0; i < planned.size(); ++i) {
      std::string found = difference(planned[i], live[i], path + '[' + std::to_string(i) + ']', "");
      if (!found.empty()) return found;
    }
    return "";
  }
  for (const doc::Value& item : planned) {
    const doc::Value& name = item.get_object().at(key);
    auto same = std::ranges::find_if(live, [&](const doc::Value& each) {
      const doc::Value* other = each.is_object() ? each.get_object().if_contains(key) : nullptr;
      return other != nullptr && *other == name;
    });
    std::string at = path + '[' + text_of(name) + ']';
    if (same == live.end()) return at;
    if (std::string found = difference(item, *same, at, ""); !found.empty()) return found;
  }
  return "";
}

std::string difference(const doc::Value& planned, const doc::Value& live, std::string path,
                       std::string_view member) {
  if (planned.is_object() && live.is_object()) {
    for (const auto& each : planned.get_object()) {
      std::string at =
          path.empty() ? std::string(each.key()) : path + '.' + std::string(each.key());
      const doc::Value* other = live.get_object().if_contains(each.key());
      if (other == nullptr && is_nothing(each.value())) continue;
      if (other == nullptr) return at;
      if (std::string found = difference(each.value(), *other, at, each.key()); !found.empty())
        return found;
    }
    return "";
  }
  if (planned.is_array() && live.is_array())
    return difference_of_lists(planned.get_array(), live.get_array(), path);
  return is_same_scalar(planned, live, member) ? "" : path;
}

/// With the members of every object in the order of their names: the same object comes in another
/// order in a list than in the answer to a request.
doc::Value in_order(const doc::Value& value) {
  if (const doc::Object* object = value.if_object()) {
    std::vector<std::string_view> names;
    for (const auto& member : *object) names.push_back(member.key());
    std::ranges::sort(names);
    doc::Object made;
    for (std::string_view name : names) made[name] = in_order(object->at(name));
    return made;
  }
  if (const doc::Array* array = value.if_array()) {
    doc::Array made;
    for (const doc::Value& item : *array) made.push_back(in_order(item));
    return made;
  }
  return value;
}

}  // namespace

std::string first_difference(const doc::Value& planned, const doc::Value& live) {
  return difference(planned, live, "", "");
}

Normalised normalised(const doc::Value& planned, const doc::Value& live) {
  doc::Value shown = comparable(live);
  // A list's items come without them.
  shown.as_object().erase("kind");
  shown.as_object().erase("apiVersion");
  auto hash = [](const doc::Value& value) {
    return std::hash<std::string>{}(doc::write_json(in_order(value)));
  };
  return {hash(planned), hash(shown)};
}

}  // namespace raykeep::control
