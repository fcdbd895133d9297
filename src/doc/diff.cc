#include "doc/diff.h"

#include <array>
#include <map>
#include <set>

#include "doc/pointer.h"

namespace raykeep::doc {
namespace {

/// In order of preference. mountPath comes before name: one volume may be mounted at two paths;
/// containerPort after it: unnamed ports are common.
constexpr std::array<std::string_view, 4> naming_members{"mountPath", "name", "containerPort",
                                                         "key"};

/// What names the items of both lists: every item is an object that has it, and no two are named
/// the same.
std::string_view naming_member(const Array& a, const Array& b) {
  auto names_all = [](const Array& list, std::string_view member) {
    std::set<std::string> seen;
    for (const Value& item : list) {
      const Value* name = find(item, {member});
      if (!name || !name->is_primitive() || !seen.insert(write_json(*name)).second) return false;
    }
    return true;
  };
  for (std::string_view member : naming_members) {
    if (names_all(a, member) && names_all(b, member)) return member;
  }
  return {};
}

class Differ {
 public:
  void compare(const std::string& pointer, const Value& a, const Value& b) {
    if (a.is_object() && b.is_object()) {
      compare_objects(pointer, a.get_object(), b.get_object());
    } else if (a.is_array() && b.is_array()) {
      compare_arrays(pointer, a.get_array(), b.get_array());
    } else if (a.kind() == b.kind() ? a != b : write_json(a) != write_json(b)) {
      changes_.push_back({pointer, a, b});
    }
  }

  std::vector<Change> take() { return std::move(changes_); }

 private:
  void added(std::string pointer, const Value& value) {
    changes_.push_back({std::move(pointer), std::nullopt, value});
  }
  void removed(std::string pointer, const Value& value) {
    changes_.push_back({std::move(pointer), value, std::nullopt});
  }

  void compare_objects(const std::string& pointer, const Object& a, const Object& b) {
    for (const auto& [key, after] : b) {
      std::string at = pointer + '/' + escape_step(key);
      const Value* before = a.if_contains(key);
      before ? compare(at, *before, after) : added(at, after);
    }
    for (const auto& [key, before] : a) {
      if (!b.contains(key)) removed(pointer + '/' + escape_step(key), before);
    }
  }

  void compare_arrays(const std::string& pointer, const Array& a, const Array& b) {
    std::string_view member = naming_member(a, b);
    if (!a.empty() && !b.empty() && !member.empty()) return compare_named(pointer, member, a, b);
    for (std::size_t i = 0; i < b.size(); ++i) {
      std::string at = pointer + '/' + std::to_string(i);
      i < a.size() ? compare(at, a[i], b[i]) : added(at, b[i]);
    }
    for (std::size_t i = b.size(); i < a.size(); ++i) {
      removed(pointer + '/' + std::to_string(i), a[i]);
    }
  }

  void compare_named(const std::string& pointer, std::string_view member, const Array& a,
                     const Array& b) {
    std::map<std::string, std::size_t> left;
    for (std::size_t i = 0; i < a.size(); ++i) left[write_json(*find(a[i], {member}))] = i;
    bool reordered = false;
    std::size_t furthest = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      std::string at = pointer + '/' + std::to_string(i);
      auto same = left.extract(write_json(*find(b[i], {member})));
      if (same.empty()) {
        added(std::move(at), b[i]);
        continue;
      }
      reordered |= same.mapped() < furthest;
      furthest = same.mapped();
      compare(at, a[same.mapped()], b[i]);
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (left.contains(write_json(*find(a[i], {member})))) {
        removed(pointer + '/' + std::to_string(i), a[i]);
      }
    }
    // Init containers run in their order: a new order alone is a change, too.
    if (reordered) changes_.push_back({pointer, a, b});
  }

  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> diff(const Value& a, const Value& b) {
  Differ differ;
  differ.compare("", a, b);
  return differ.take();
}

}  // namespace raykeep::doc
