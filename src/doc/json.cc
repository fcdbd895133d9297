#include "doc/json.h"

#include <array>
#include <charconv>

#include "doc/number.h"

namespace raykeep::doc {
namespace {

void write_string(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

template <class Integer>
void write_integer(Integer value, std::string& out) {
  std::array<char, 24> buffer;
  out.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  void write(const Value& value, int depth) {
    switch (value.kind()) {
      case boost::json::kind::null:
        out_ += "null";
        break;
      case boost::json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case boost::json::kind::int64:
        write_integer(value.get_int64(), out_);
        break;
      case boost::json::kind::uint64:
        write_integer(value.get_uint64(), out_);
        break;
      case boost::json::kind::double_:
        out_ += json_number(value.get_double());
        break;
      case boost::json::kind::string:
        write_string(value.get_string(), out_);
        break;
      case boost::json::kind::array:
        write_array(value.get_array(), depth);
        break;
      case boost::json::kind::object:
        write_object(value.get_object(), depth);
        break;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write_array(const Array& array, int depth) {
    out_ += '[';
    for (const Value& item : array) {
      separate(&item == array.data(), depth + 1);
      write(item, depth + 1);
    }
    if (!array.empty()) break_line(depth);
    out_ += ']';
  }

  void write_object(const Object& object, int depth) {
    out_ += '{';
    for (const auto& member : object) {
      separate(&member == object.begin(), depth + 1);
      write_string(member.key(), out_);
      out_ += pretty_ ? ": " : ":";
      write(member.value(), depth + 1);
    }
    if (!object.empty()) break_line(depth);
    out_ += '}';
  }

  void separate(bool first, int depth) {
    if (!first) out_ += ',';
    break_line(depth);
  }

  void break_line(int depth) {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(2 * depth, ' ');
  }

  bool pretty_;
  std::string out_;
};

}  // namespace

std::string write_json(const Value& value) {
  Writer writer(false);
  writer.write(value, 0);
  return writer.take();
}

std::string write_json_pretty(const Value& value) {
  Writer writer(true);
  writer.write(value, 0);
  return writer.take() + '\n';
}

const Value* find(const Object& object, std::initializer_list<std::string_view> path) {
  const Object* inside = &object;
  const Value* at = nullptr;
  for (std::string_view key : path) {
    at = inside ? inside->if_contains(key) : nullptr;
    if (!at) return nullptr;
    inside = at->if_object();
  }
  return at;
}

const Value* find(const Value& value, std::initializer_list<std::string_view> path) {
  if (path.size() == 0) return &value;
  const Object* object = value.if_object();
  return object ? find(*object, path) : nullptr;
}

namespace {

const Object* as_object(const Value* found) { return found ? found->if_object() : nullptr; }

const Array* as_array(const Value* found) { return found ? found->if_array() : nullptr; }

std::string_view as_text(const Value* found) {
  const boost::json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace

const Object* find_object(const Value& value, std::initializer_list<std::string_view> path) {
  return as_object(find(value, path));
}

const Object* find_object(const Object& object, std::initializer_list<std::string_view> path) {
  return as_object(find(object, path));
}

const Array* find_array(const Value& value, std::initializer_list<std::string_view> path) {
  return as_array(find(value, path));
}

const Array* find_array(const Object& object, std::initializer_list<std::string_view> path) {
  return as_array(find(object, path));
}

std::string_view find_string(const Value& value, std::initializer_list<std::string_view> path) {
  return as_text(find(value, path));
}

std::string_view find_string(const Object& object, std::initializer_list<std::string_view> path) {
  return as_text(find(object, path));
}

}  // namespace raykeep::doc
