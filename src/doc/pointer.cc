#include "doc/pointer.h"

#include <algorithm>

#include "base/text.h"

namespace raykeep::doc {
namespace {

std::string unescape_step(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    bool escaped = step[i] == '~' && i + 1 < step.size();
    if (escaped && (step[i + 1] == '0' || step[i + 1] == '1')) {
      out += step[++i] == '0' ? '~' : '/';
    } else {
      out += step[i];
    }
  }
  return out;
}

bool is_index(std::string_view step) {
  return !step.empty() && step.size() < 10 &&
         std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_plain_name(std::string_view step) {
  return !step.empty() && std::ranges::all_of(step, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::string escape_step(std::string_view step) {
  std::string out;
  for (char c : step) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> steps;
  if (pointer.empty()) return steps;
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  for (std::string_view step : split(pointer, '/')) steps.push_back(unescape_step(step));
  return steps;
}

std::string as_path(std::string_view pointer) {
  std::string out;
  for (const std::string& step : split_pointer(pointer)) {
    if (is_index(step)) {
      out += '[' + step + ']';
    } else if (is_plain_name(step)) {
      if (!out.empty()) out += '.';
      out += step;
    } else {
      out += '[' + quoted(step) + ']';
    }
  }
  return out;
}

}  // namespace raykeep::doc
