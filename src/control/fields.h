// The fields of Kubernetes objects that several files here read. Absent fields are empty or the
// given number: an object without them is not an error.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "doc/json.h"

namespace raykeep::control {

std::string_view kind_of(const doc::Value& object);
std::string_view name_of(const doc::Value& object);
std::string_view uid_of(const doc::Value& object);
std::string_view resource_version_of(const doc::Value& object);
std::string_view label_of(const doc::Value& object, std::string_view key);
bool is_going(const doc::Value& object);  // has a deletionTimestamp

std::int64_t integer_at(const doc::Value& value, std::initializer_list<std::string_view> path,
                        std::int64_t absent = 0);
double number_at(const doc::Value& value, std::initializer_list<std::string_view> path);
bool true_at(const doc::Value& value, std::initializer_list<std::string_view> path);

/// The elements of the list at `path`; an empty list when there is none. Lives as long as `value`.
const doc::Array& list_at(const doc::Value& value, std::initializer_list<std::string_view> path);

/// The texts of the list at `path`.
std::vector<std::string> texts_at(const doc::Value& value,
                                  std::initializer_list<std::string_view> path);

/// The element of status.conditions of that type, or nullptr.
const doc::Value* condition(const doc::Value& object, std::string_view type);

/// Does some ownerReference of the object name this uid?
bool is_owned_by(const doc::Value& object, std::string_view uid);

}  // namespace raykeep::control
