// The parts of the page, each from the model alone. A part that has nothing to say writes nothing.
#pragma once

#include "doc/json.h"
#include "report/html.h"

namespace raykeep::report {

void put_header(Html& page, const doc::Object& model);
void put_summary(Html& page, const doc::Object& model);
void put_findings(Html& page, const doc::Object& model);
void put_exceptions(Html& page, const doc::Object& model);
void put_running(Html& page, const doc::Object& model);
void put_picture(Html& page, const doc::Object& model);
void put_flows(Html& page, const doc::Object& model);
void put_pairs(Html& page, const doc::Object& model);
void put_rights(Html& page, const doc::Object& model);
void put_pods(Html& page, const doc::Object& model);
void put_images(Html& page, const doc::Object& model);
void put_secrets(Html& page, const doc::Object& model);
void put_certificates(Html& page, const doc::Object& model);
void put_objects(Html& page, const doc::Object& model);

// --- what they share

/// "2026-11-27 07:00 UTC" of "2026-11-27T07:00:00Z"; any other text as it is.
std::string readable_time(std::string_view text);

/// The texts of a list.
std::vector<std::string> texts_of(const doc::Value& list);

/// "1 flow", "2,500 flows".
std::string counted(std::int64_t number, std::string_view one, std::string_view many);

/// A list that the model surely has.
inline const doc::Array& list_of(const doc::Object& model, std::string_view key) {
  return model.at(key).as_array();
}
inline std::int64_t count_of(const doc::Value& value, std::string_view key) {
  return value.at(key).as_int64();
}
inline bool flag_of(const doc::Value& value, std::string_view key) {
  return value.at(key).as_bool();
}

}  // namespace raykeep::report
