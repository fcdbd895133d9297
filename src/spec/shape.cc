#include "spec/shape.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/quantity.h"
#include "spec/shape_tables.h"

namespace raykeep::spec {
namespace {

Field read_field(std::string_view text, std::string_view about) {
  Field field{.name = {}, .type = {}, .required = false, .filled_in = {}, .about = about};
  std::size_t equals = text.find(" = ");
  if (equals != std::string_view::npos) {
    field.filled_in = trim(text.substr(equals + 3));
    text = text.substr(0, equals);
  }
  text = trim(text);
  std::size_t space = text.find(' ');
  field.name = text.substr(0, space);
  field.type = trim(text.substr(space));
  if (field.name.ends_with('!')) {
    field.required = true;
    field.name.remove_suffix(1);
  }
  return field;
}

/// Cuts " -- about" off the line.
std::string_view take_about(std::string_view& line) {
  std::size_t dashes = line.find(" -- ");
  if (dashes == std::string_view::npos) return {};
  std::string_view about = trim(line.substr(dashes + 4));
  line = line.substr(0, dashes);
  return about;
}

class Checker {
 public:
  explicit Checker(const ShapeCodes& codes) : codes_(codes) {}

  void check(const Cursor& at, std::string_view type) const {
    if (!at || at.full()) return;
    if (type.ends_with("[]")) return check_list(at, type.substr(0, type.size() - 2));
    if (type.ends_with("{}")) return check_map(at, type.substr(0, type.size() - 2));
    // parse_ports() has its own words for a port.
    if (type == "port" || type == "any") return;
    if (type == "string") {
      if (!at.value().is_string()) wrong_type(at, "text");
    } else if (type == "bool") {
      if (!at.value().is_bool()) wrong_type(at, "true or false");
    } else if (type == "int32" || type == "int64" || type == "count") {
      check_integer(at, type);
    } else if (type == "number") {
      check_number(at);
    } else if (type == "quantity") {
      check_quantity(at);
    } else if (type == "int_or_string") {
      if (!at.value().is_string()) check_integer(at, "int32");
    } else if (type == "object") {
      if (!at.value().is_object()) wrong_type(at, "a map");
    } else {
      const Shape& shape = shapes().at(type);
      shape.words.empty() ? check_object(at, shape) : check_word(at, shape);
    }
  }

 private:
  void wrong_type(const Cursor& at, std::string_view wanted) const {
    const doc::Value& value = at.value();
    if (at.pointer().contains("redisPassword")) {
      return at.report(codes_.wrong_type, fmt::format("takes {}", wanted));
    }
    std::string remedy;
    if (wanted == "text" && (value.is_number() || value.is_bool())) {
      remedy = "write " + quoted(describe(value));
    } else if (value.is_string() && wanted != "text") {
      std::string text = at.text();
      bool bare = wanted == "true or false"
                      ? text == "true" || text == "false"
                      : wanted == "a whole number" && !text.empty() && text.size() < 19 &&
                            text.find_first_not_of("0123456789") == std::string::npos;
      if (bare) remedy = "write " + text + " without quotes";
    }
    at.report(codes_.wrong_type, fmt::format("takes {}, not {}", wanted, describe(value)), remedy);
  }

  void check_list(const Cursor& at, std::string_view type) const {
    if (!at.value().is_array()) return wrong_type(at, "a list");
    for (const Cursor& item : at.items()) {
      if (!item) {
        item.report(codes_.wrong_type, "an entry of the list is empty", "remove it");
      } else {
        check(item, type);
      }
      if (at.full()) return;
    }
  }

  void check_map(const Cursor& at, std::string_view type) const {
    if (!at.value().is_object()) return wrong_type(at, "a map");
    for (const auto& member : at.value().get_object()) {
      Cursor inside = at[member.key()];
      if (!inside) {
        inside.report_key(
            codes_.wrong_type, "has no value",
            type == "string" ? "write \"\" if it is meant to be empty, or remove it" : "remove it");
      } else {
        check(inside, type);
      }
      if (at.full()) return;
    }
  }

  void check_integer(const Cursor& at, std::string_view type) const {
    std::optional<std::int64_t> number = at.integer();
    if (!number) {
      if (at.value().is_number()) {
        bool fraction = at.value().is_double() &&
                        std::trunc(at.value().get_double()) != at.value().get_double();
        at.report(fraction ? codes_.wrong_type : codes_.out_of_range,
                  fmt::format("{} is {}", describe(at.value()),
                              fraction ? "not a whole number" : "too large"));
      } else {
        wrong_type(at, "a whole number");
      }
      return;
    }
    std::int64_t least = type == "int64"   ? std::numeric_limits<std::int64_t>::min()
                         : type == "count" ? 0
                                           : std::numeric_limits<std::int32_t>::min();
    std::int64_t most = type == "int64" ? std::numeric_limits<std::int64_t>::max()
                                        : std::numeric_limits<std::int32_t>::max();
    if (*number < least || *number > most) {
      at.report(codes_.out_of_range,
                fmt::format("{} is not between {} and {}", *number, least, most));
    }
  }

  void check_number(const Cursor& at) const {
    if (!at.value().is_number()) return wrong_type(at, "a number");
    if (at.value().to_number<double>() < 0)
      at.report(codes_.out_of_range, fmt::format("{} is negative", describe(at.value())));
  }

  void check_quantity(const Cursor& at) const {
    const doc::Value& value = at.value();
    if (value.is_double() && !at.integer()) {
      // Pods take 0.5; ray.io's schema is "integer or string" and refuses it.
      at.report(codes_.wrong_type, "takes a whole number or text, not " + describe(value),
                "write " + quoted(describe(value)));
    } else if (!value.is_string() && !value.is_number()) {
      wrong_type(at, "an amount such as \"500m\" or \"2Gi\"");
    } else {
      std::string text = value.is_string() ? at.text() : describe(value);
      Result<Quantity> quantity = parse_quantity(text);
      if (!quantity) at.report(codes_.not_a_quantity, quantity.error().text, quantity_remedy(text));
    }
  }

  /// What was probably meant: "4 GB" -> "4G", "2gb" -> "2G", "512MB" -> "512M".
  static std::string quantity_remedy(std::string_view text) {
    std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos)
      return "write it as in \"500m\", \"2\" or \"1.5Gi\"";
    std::string unit(trim(text.substr(digits)));
    bool binary = unit.size() > 1 && (unit[1] == 'i' || unit[1] == 'I');
    if (unit.size() >= 2 && unit.size() <= 3 &&
        (unit.back() == 'B' || unit.back() == 'b' || binary)) {
      char prefix = static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0])));
      if (prefix == 'K' && !binary) prefix = 'k';
      std::string better = fmt::format("{}{}{}", text.substr(0, digits), prefix, binary ? "i" : "");
      if (parse_quantity(better)) return "write " + quoted(better);
    }
    return "write it as in \"500m\", \"2\" or \"1.5Gi\"";
  }

  void check_word(const Cursor& at, const Shape& shape) const {
    if (!at.value().is_string()) return wrong_type(at, "text");
    std::string text = at.text();
    std::vector<std::string> words(shape.words.begin(), shape.words.end());
    if (std::ranges::find(words, text) != words.end()) return;
    std::string meant = nearest(text, words);
    // Real-time signals make a list of 60; three say enough.
    if (words.size() > 12) words.resize(12);
    at.report(codes_.not_allowed,
              fmt::format("{} is not one of {}", quoted(text), join(words, ", ")),
              meant.empty() ? "" : "did you mean " + meant + "?");
  }

  void check_object(const Cursor& at, const Shape& shape) const {
    if (!at.value().is_object()) return wrong_type(at, "a map");
    for (const auto& member : at.value().get_object()) {
      std::string_view key = member.key();
      auto field = std::ranges::find(shape.fields, key, &Field::name);
      if (field != shape.fields.end()) {
        check(at[key], field->type);
      } else {
        unknown(at[key], key, shape);
      }
      if (at.full()) return;
    }
    for (const Field& field : shape.fields) {
      if (field.required && !at[field.name]) {
        at.report(codes_.missing, fmt::format("{} is missing", field.name));
      }
    }
  }

  void unknown(const Cursor& at, std::string_view key, const Shape& shape) const {
    std::vector<std::string> names;
    for (const Field& field : shape.fields) names.emplace_back(field.name);
    std::string meant = nearest(key, names);
    at.report_key(
        codes_.unknown_field, fmt::format("there is no field {} here", quoted(key)),
        meant.empty() ? "remove it or move it to where it belongs" : "did you mean " + meant + "?");
  }

  const ShapeCodes& codes_;
};

}  // namespace

const ShapeCodes kRayClusterShape{"RK2001", "RK2002", "RK2003", "RK2004", "RK2005", "RK2007"};
const ShapeCodes kServeShape{"RK2601", "RK2602", "RK2603", "RK2604", "RK2605", "RK2605"};
const ShapeCodes kSiteShape{"RK3001", "RK3002", "RK3003", "RK3004", "RK3005", "RK3007"};

void read_shapes(std::string_view text, Shapes& into) {
  Shape* shape = nullptr;
  for (std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    std::string_view about = take_about(line);
    if (!line.starts_with(' ')) {
      std::size_t equals = line.find(" = ");
      shape = &into[trim(line.substr(0, equals))];
      shape->about = about;
      if (equals == std::string_view::npos) continue;
      for (std::string_view word : split(trim(line.substr(equals + 3)), '|')) {
        shape->words.push_back(word == "\"\"" ? std::string_view() : word);
      }
    } else if (!about.empty()) {
      shape->fields.push_back(read_field(line, about));
    } else {
      for (std::string_view field : split(line, ',')) {
        if (!trim(field).empty()) shape->fields.push_back(read_field(field, {}));
      }
    }
  }
}

const Shapes& shapes() {
  static const Shapes all = [] {
    Shapes out;
    for (const char* table : {kCoreShapes, kRayShapes, kSiteShapes, kServeShapes})
      read_shapes(table, out);
    return out;
  }();
  return all;
}

void check_shape(const Cursor& value, std::string_view type, const ShapeCodes& codes) {
  Checker(codes).check(value, type);
}

}  // namespace raykeep::spec
