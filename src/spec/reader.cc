#include "spec/reader.h"

#include <cmath>

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "doc/pointer.h"

namespace raykeep::spec {

Cursor::Cursor(const doc::Document& document, Findings& findings)
    : document_(&document), findings_(&findings), value_(&document.value) {}

Cursor Cursor::operator[](std::string_view key) const {
  const doc::Value* member = nullptr;
  if (value_ && value_->is_object()) member = value_->get_object().if_contains(key);
  return {*this, member, pointer_ + '/' + doc::escape_step(key)};
}

Cursor Cursor::operator[](std::size_t index) const {
  const doc::Value* element = nullptr;
  if (value_ && value_->is_array()) element = value_->get_array().if_contains(index);
  return {*this, element, pointer_ + '/' + std::to_string(index)};
}

Cursor Cursor::at(std::initializer_list<std::string_view> keys) const {
  Cursor cursor = *this;
  for (std::string_view key : keys) cursor = cursor[key];
  return cursor;
}

std::vector<Cursor> Cursor::items() const {
  std::vector<Cursor> out;
  if (!value_ || !value_->is_array()) return out;
  out.reserve(value_->get_array().size());
  for (std::size_t i = 0; i < value_->get_array().size(); ++i) out.push_back((*this)[i]);
  return out;
}

std::vector<std::pair<std::string, Cursor>> Cursor::members() const {
  std::vector<std::pair<std::string, Cursor>> out;
  if (!value_ || !value_->is_object()) return out;
  out.reserve(value_->get_object().size());
  for (const auto& member : value_->get_object()) {
    if (member.value().is_null()) continue;
    std::string_view key = member.key();
    out.emplace_back(key, Cursor{*this, &member.value(), pointer_ + '/' + doc::escape_step(key)});
  }
  return out;
}

std::string Cursor::text(std::string_view otherwise) const {
  if (!value_ || !value_->is_string()) return std::string(otherwise);
  return std::string(std::string_view(value_->get_string()));
}

bool Cursor::boolean(bool otherwise) const {
  return value_ && value_->is_bool() ? value_->get_bool() : otherwise;
}

std::optional<std::int64_t> Cursor::integer() const {
  if (!value_) return std::nullopt;
  if (value_->is_int64()) return value_->get_int64();
  if (value_->is_double()) {
    double number = value_->get_double();
    if (std::trunc(number) == number && std::fabs(number) < 9e15)
      return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

StringMap Cursor::string_map() const {
  StringMap out;
  for (const auto& [key, member] : members()) {
    if (member.value().is_string()) out[key] = member.text();
  }
  return out;
}

std::vector<std::string> Cursor::strings() const {
  std::vector<std::string> out;
  for (const Cursor& item : items()) {
    if (item.value().is_string()) out.push_back(item.text());
  }
  return out;
}

std::chrono::milliseconds Cursor::span(std::chrono::milliseconds otherwise,
                                       std::chrono::milliseconds least,
                                       std::chrono::milliseconds most) const {
  if (!*this || !value().is_string()) return otherwise;
  Result<Duration> span = parse_duration(text());
  if (!span) {
    report("RK3054", span.error().text);
  } else if (*span < least || *span > most) {
    report("RK3054", fmt::format("{} is not between {} and {} s", quoted(text()),
                                 least / std::chrono::seconds(1), most / std::chrono::seconds(1)));
  } else {
    return std::chrono::duration_cast<std::chrono::milliseconds>(*span);
  }
  return otherwise;
}

doc::Object Cursor::object() const {
  if (!value_ || !value_->is_object()) return {};
  return without_nulls(*value_).get_object();
}

void Cursor::report(const Code& code, std::string what, std::string remedy) const {
  if (full()) return;
  add(code, document_->places.of(pointer_, document_->file), std::move(what), std::move(remedy));
}

void Cursor::report_key(const Code& code, std::string what, std::string remedy) const {
  if (full()) return;
  add(code, document_->places.of_key(pointer_, document_->file), std::move(what),
      std::move(remedy));
}

void Cursor::add(const Code& code, Place place, std::string what, std::string remedy) const {
  const CodeInfo* info = &code.info();
  std::string path = doc::as_path(pointer_);
  if (findings_->size() == kMostFindings) {
    info = find_code(info->code.starts_with("RK3") ? "RK3000" : "RK2000");
    what = fmt::format("more than {} findings; the rest is not shown", kMostFindings);
    remedy = "mend these and check again";
  }
  findings_->push_back({info->severity, std::string(info->code), std::move(place), std::move(path),
                        std::move(what), std::move(remedy)});
}

doc::Value without_nulls(const doc::Value& value) {
  if (value.is_object()) {
    doc::Object out;
    for (const auto& member : value.get_object()) {
      if (!member.value().is_null()) out.emplace(member.key(), without_nulls(member.value()));
    }
    return out;
  }
  if (value.is_array()) {
    doc::Array out;
    for (const doc::Value& element : value.get_array()) out.push_back(without_nulls(element));
    return out;
  }
  return value;
}

std::string describe(const doc::Value& value) {
  switch (value.kind()) {
    case boost::json::kind::object:
      return "a map";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::string:
      return quoted(std::string_view(value.get_string()));
    default:
      return doc::write_json(value);
  }
}

doc::Object stored_document(const doc::Value& value) {
  doc::Object out = value.get_object();
  out.erase("status");
  doc::Value* metadata = out.if_contains("metadata");
  if (metadata && metadata->is_object()) {
    for (const char* key :
         {"managedFields", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
          "generation", "resourceVersion", "selfLink", "uid"}) {
      metadata->get_object().erase(key);
    }
    // The whole document once more, as kubectl was given it: with passwords, too.
    doc::Value* annotations = metadata->get_object().if_contains("annotations");
    if (annotations && annotations->is_object() &&
        annotations->get_object().erase("kubectl.kubernetes.io/last-applied-configuration") > 0 &&
        annotations->get_object().empty())
      metadata->get_object().erase("annotations");
  }
  return out;
}

}  // namespace raykeep::spec
