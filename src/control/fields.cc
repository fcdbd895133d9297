#include "control/fields.h"

namespace raykeep::control {

std::string_view kind_of(const doc::Value& object) { return doc::find_string(object, {"kind"}); }
std::string_view name_of(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "name"});
}
std::string_view uid_of(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "uid"});
}

std::string_view resource_version_of(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "resourceVersion"});
}

std::string_view label_of(const doc::Value& object, std::string_view key) {
  return doc::find_string(object, {"metadata", "labels", key});
}

bool is_going(const doc::Value& object) {
  return !doc::find_string(object, {"metadata", "deletionTimestamp"}).empty();
}

std::int64_t integer_at(const doc::Value& value, std::initializer_list<std::string_view> path,
                        std::int64_t absent) {
  const doc::Value* found = doc::find(value, path);
  if (found == nullptr || !found->is_number()) return absent;
  boost::system::error_code inexact;
  std::int64_t number = found->to_number<std::int64_t>(inexact);
  return inexact ? absent : number;
}

double number_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Value* found = doc::find(value, path);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

bool true_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Value* found = doc::find(value, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const doc::Array& list_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  static const doc::Array empty;
  const doc::Array* found = doc::find_array(value, path);
  return found == nullptr ? empty : *found;
}

std::vector<std::string> texts_at(const doc::Value& value,
                                  std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  for (const doc::Value& each : list_at(value, path)) {
    if (each.is_string()) out.emplace_back(each.get_string());
  }
  return out;
}

const doc::Value* condition(const doc::Value& object, std::string_view type) {
  for (const doc::Value& each : list_at(object, {"status", "conditions"})) {
    if (doc::find_string(each, {"type"}) == type) return &each;
  }
  return nullptr;
}

bool is_owned_by(const doc::Value& object, std::string_view uid) {
  for (const doc::Value& owner : list_at(object, {"metadata", "ownerReferences"})) {
    if (!uid.empty() && doc::find_string(owner, {"uid"}) == uid) return true;
  }
  return false;
}

}  // namespace raykeep::control
