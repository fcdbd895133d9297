// write_yaml: block style as kubectl prints it. List items stand below their key without further
// indentation, strings of several lines are literals, empty containers are {} and [].
#include "base/text.h"
#include "doc/document.h"
#include "doc/yaml_string.h"

namespace raykeep::doc {
namespace {

class YamlWriter {
 public:
  std::string write(const Value& value) {
    write_inline(value, 0, 0);
    return std::move(out_);
  }

 private:
  void indent(int columns) { out_.append(columns, ' '); }

  /// A value where the line has already begun: at the root, or after "- ". Its further lines are
  /// indented by `column`; `parent` is the indentation of the container it is in.
  void write_inline(const Value& value, int column, int parent) {
    if (const Object* object = value.if_object(); object && !object->empty()) {
      write_map(*object, column);
    } else if (const Array* array = value.if_array(); array && !array->empty()) {
      write_list(*array, column);
    } else {
      write_leaf(value, parent);
    }
  }

  /// Requires that the first line is already indented.
  void write_map(const Object& object, int column) {
    for (const auto& [key, value] : object) {
      if (&value != &object.begin()->value()) indent(column);
      write_key(key, column);
      if (const Object* map = value.if_object(); map && !map->empty()) {
        out_ += '\n';
        indent(column + 2);
        write_map(*map, column + 2);
      } else if (const Array* list = value.if_array(); list && !list->empty()) {
        out_ += '\n';
        indent(column);
        write_list(*list, column);
      } else {
        out_ += ' ';
        write_leaf(value, column);
      }
    }
  }

  void write_list(const Array& array, int column) {
    for (const Value& item : array) {
      if (&item != array.data()) indent(column);
      out_ += "- ";
      write_inline(item, column + 2, column);
    }
  }

  void write_key(std::string_view key, int column) {
    std::string text = one_line_string(key);
    // Readers look for the ':' of a simple key for 1024 characters only (YAML 1.1, 7.4.2).
    if (text.size() < 1000) {
      out_ += text + ':';
      return;
    }
    out_ += "? " + text + '\n';
    indent(column);
    out_ += ':';
  }

  void write_leaf(const Value& value, int parent) {
    const boost::json::string* text = value.if_string();
    if (!text) {
      write_other(value);
    } else if (suits_literal(*text)) {
      write_literal(*text, parent + 2);
    } else {
      out_ += one_line_string(*text);
      out_ += '\n';
    }
  }

  void write_other(const Value& value) {
    std::string text = write_json(value);
    // YAML 1.1 wants a point in a number with an exponent.
    std::size_t e = value.is_double() ? text.find('e') : std::string::npos;
    if (e != std::string::npos && text.find('.') == std::string::npos) text.insert(e, ".0");
    out_ += text + '\n';
  }

  void write_literal(std::string_view text, int column) {
    out_ += literal_header(text);
    out_ += '\n';
    bool ends_line = text.ends_with('\n');
    if (ends_line) text.remove_suffix(1);
    for (std::string_view line : split(text, '\n')) {
      if (!line.empty()) {
        indent(column);
        out_ += line;
      }
      out_ += '\n';
    }
  }

  std::string out_;
};

}  // namespace

std::string write_yaml(const Value& value) { return YamlWriter().write(value); }

}  // namespace raykeep::doc
