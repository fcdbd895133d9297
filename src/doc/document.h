// A document: one JSON value read from a file, which remembers where in the file each part was
// written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/finding.h"
#include "doc/json.h"

namespace raykeep::doc {

/// Where each value of a document was written, by JSON pointer. For a member of a map it is the
/// place of its value; of_key() gives that of its key. What came in through an alias (`*name`) is
/// placed at the alias, its inside where it is written: there it can be changed. Merged members
/// (`<<`) are placed where they are written.
class Places {
 public:
  void add(std::string_view pointer, int line, int column, int key_line, int key_column);

  /// The place of the value at `pointer`, or of the nearest enclosing value that is known.
  Place of(std::string_view pointer, const std::string& file) const;

  /// The place of the key of the member at `pointer`, likewise.
  Place of_key(std::string_view pointer, const std::string& file) const;

  /// Where a line and column (from 1) of a text are in the file, if the text at `pointer` is
  /// written as a literal block ("|"); the text's own place otherwise.
  Place inside_text(std::string_view pointer, int line, int column, const std::string& file) const;

  /// The places of a document that is made of parts of this one: each member of its root, and the
  /// pointer of what it is here. Parts that have no place here have none there.
  Places of_parts(const std::vector<std::pair<std::string, std::string>>& parts) const;

  struct Spot {
    int line = 0, column = 0, key_line = 0, key_column = 0;
    int text_column = 0;  // of a literal block's first character, which is on the next line
  };

  /// For readers, who know a value as a node of a tree: the member `step` of the container `parent`
  /// stands at `spot`, and its own members are those of the node `inside`. Several members may
  /// share one inside (aliases), so the memory needed does not grow with what aliases expand to.
  using NodeId = std::uint32_t;
  void add_member(NodeId parent, std::string_view step, Spot spot, NodeId inside);
  void set_root(Spot spot, NodeId inside);

  /// For merged members: gives `to` a member where `from` has one.
  void copy_member(NodeId from, NodeId to, std::string_view step);

 private:
  struct Entry {
    Spot spot;
    NodeId inside;
  };
  static std::string entry_key(NodeId parent, std::string_view step);
  const Spot* nearest(std::string_view pointer) const;
  const Entry* exact(std::string_view pointer) const;

  std::optional<Entry> root_;
  std::unordered_map<std::string, Entry> members_;  // by entry_key()
  NodeId next_made_ = 0x8000'0000;                  // nodes made by add(), apart from any reader's
};

struct Document {
  std::string file;  // as the user named it; "-" for standard input
  Value value;
  Places places;

  Place place(std::string_view pointer) const { return places.of(pointer, file); }
  Place place_inside(std::string_view pointer, int line, int column) const {
    return places.inside_text(pointer, line, column, file);
  }
};

struct ReadResult {
  std::vector<Document>
      documents;      // those without an error; empty and null ones ("---\n---") are left out
  Findings findings;  // RK1xxx, see codes.h
};

/// Reads a YAML stream (JSON is YAML) with Kubernetes' typing, as sigs.k8s.io/yaml has it: YAML 1.1
/// booleans (y/yes/no/on/off) as go-yaml reads them, octal and binary integers, numbers that fit
/// int64/uint64/double, everything else a string; map keys become strings; merge keys ("<<") are
/// followed; timestamps stay strings. A number with a whole value is an int64 where it fits one
/// (`1.0`, `1e3`), as after Kubernetes' way through JSON. Refused with a finding: duplicate keys,
/// aliases beyond the limits, tabs in indentation, non-UTF-8, non-string-like keys, NaN and
/// infinity (JSON has none), custom tags. After a syntax error reading goes on at the next "---",
/// so that one run shows the errors of all documents.
ReadResult read_yaml(std::string_view text, const std::string& file, const Limits& limits = {});

/// Reads a file, at most limits.bytes of it; "-" is standard input. Unreadable files give a
/// finding.
ReadResult read_file(const std::string& path, const Limits& limits = {});

/// Writes a value as YAML that every reader types the same way: strings that look like something
/// else are quoted, multi-line strings are block literals. Stable: the same value gives the same
/// bytes. No "---".
std::string write_yaml(const Value& value);

}  // namespace raykeep::doc
