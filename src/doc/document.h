// A document: one JSON value read from a file, which remembers where in the file each part was written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/finding.h"
#include "doc/json.h"

namespace raykeep::doc {

/// Where each value of a document was written, by JSON pointer. For a member of a map it is the place of its
/// value; of_key() gives that of its key.
class Places {
 public:
  void add(std::string pointer, int line, int column, int key_line, int key_column);

  /// The place of the value at `pointer`, or of the nearest enclosing value that is known.
  Place of(std::string_view pointer, const std::string& file) const;

  /// The place of the key of the member at `pointer`, likewise.
  Place of_key(std::string_view pointer, const std::string& file) const;

 private:
  struct Spot {
    int line, column, key_line, key_column;
  };
  const Spot* nearest(std::string_view pointer) const;
  std::unordered_map<std::string, Spot> spots_;
};

struct Document {
  std::string file;  // as the user named it; "-" for standard input
  Value value;
  Places places;

  Place place(std::string_view pointer) const { return places.of(pointer, file); }
};

struct ReadResult {
  std::vector<Document> documents;  // those that could be read; empty documents ("---\n---") are left out
  Findings findings;                // RK1xxx
};

/// Reads a YAML stream (JSON is YAML) with Kubernetes' typing, as sigs.k8s.io/yaml has it: YAML 1.1 booleans
/// (yes/no/on/off) as go-yaml reads them, octal and binary integers, numbers that fit int64/uint64/double,
/// everything else a string; map keys become strings; merge keys ("<<") are followed; timestamps stay strings.
/// Refused with a finding: duplicate keys, aliases beyond the limits, tabs in indentation, non-UTF-8,
/// non-string-like keys, NaN and infinity (JSON has none), custom tags.
ReadResult read_yaml(std::string_view text, const std::string& file, const Limits& limits = {});

/// Reads a file, at most limits.bytes of it; "-" is standard input. Unreadable files give a finding.
ReadResult read_file(const std::string& path, const Limits& limits = {});

/// Writes a value as YAML that every reader types the same way: strings that look like something else are quoted,
/// multi-line strings are block literals. Stable: the same value gives the same bytes. No "---".
std::string write_yaml(const Value& value);

}  // namespace raykeep::doc
