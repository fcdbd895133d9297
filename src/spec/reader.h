// A cursor over a document: a value that knows where it stands, so that whoever finds it wanting
// can say so at the right line. Getters never fail: the shape of the document (shape.h) has been
// checked before, so a value of the wrong type has its finding already and reads as absent here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"
#include "spec/codes.h"
#include "spec/ray_cluster.h"

namespace raykeep::spec {

/// A document gets at most so many findings; the last then says that there are more. A hostile file
/// of a hundred thousand unknown fields must not cost a second or a scrollback.
inline constexpr std::size_t kMostFindings = 200;

class Cursor {
 public:
  /// The root. Both must outlive the cursor and all made from it.
  Cursor(const doc::Document& document, Findings& findings);

  /// Is there a value, other than null? Kubernetes drops nulls, so null is absent.
  explicit operator bool() const { return value_ && !value_->is_null(); }
  /// Requires: there is a value.
  const doc::Value& value() const { return *value_; }
  const std::string& pointer() const { return pointer_; }

  /// The member or element; an absent cursor, which still knows its place, where there is none.
  Cursor operator[](std::string_view key) const;
  Cursor operator[](std::size_t index) const;
  /// Follows several keys.
  Cursor at(std::initializer_list<std::string_view> keys) const;

  /// The elements of a list, the members of a map; none for everything else. Nulls are left out of
  /// members().
  std::vector<Cursor> items() const;
  std::vector<std::pair<std::string, Cursor>> members() const;

  std::string text(std::string_view otherwise = {}) const;
  bool boolean(bool otherwise = false) const;
  /// A whole number, also when written 4.0. Nothing for everything else.
  std::optional<std::int64_t> integer() const;
  /// The members that are strings.
  StringMap string_map() const;
  /// The elements that are strings.
  std::vector<std::string> strings() const;
  /// A span of time such as "60s" within bounds. `otherwise` where there is none, or one that is
  /// reported (RK3054).
  std::chrono::milliseconds span(std::chrono::milliseconds otherwise,
                                 std::chrono::milliseconds least,
                                 std::chrono::milliseconds most) const;
  /// The map itself, with null members dropped at every depth; empty for everything else.
  doc::Object object() const;

  /// Adds a finding at this value (at its key: report_key). `what` is a statement, `remedy` an
  /// imperative.
  void report(const Code& code, std::string what, std::string remedy = {}) const;
  void report_key(const Code& code, std::string what, std::string remedy = {}) const;
  /// No more findings are taken; checks may stop.
  bool full() const { return findings_->size() > kMostFindings; }

 private:
  Cursor(const Cursor& from, const doc::Value* value, std::string pointer)
      : document_(from.document_),
        findings_(from.findings_),
        value_(value),
        pointer_(std::move(pointer)) {}
  void add(const Code& code, Place place, std::string what, std::string remedy) const;

  const doc::Document* document_;
  Findings* findings_;
  const doc::Value* value_;
  std::string pointer_;
};

/// The value without null members, at every depth.
doc::Value without_nulls(const doc::Value& value);

/// What is stored and shown of a document: it without what controllers wrote into it. Requires: a
/// map.
doc::Object stored_document(const doc::Value& value);

/// For messages: how a reader would name the value: `"4 cores"`, `4`, `true`, `a list`.
std::string describe(const doc::Value& value);

}  // namespace raykeep::spec
