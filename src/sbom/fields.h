// "Name: value" lines, as Debian's control files and Python's metadata have them. A value goes on
// in lines that begin with a blank; an empty line ends a paragraph.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace raykeep::sbom {

class Paragraph {
 public:
  /// Takes the next paragraph off `text`, with the empty lines before it. Lines that are none of a
  /// paragraph's are left out. Views of `text`.
  static Paragraph take(std::string_view& text);

  bool empty() const { return fields_.empty(); }

  /// The first line of the first field of this name (upper and lower case are one); empty if there
  /// is none, or Python's UNKNOWN.
  std::string_view line(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_ = {};
};

/// The next line, without its end; `text` begins behind it.
std::string_view take_line(std::string_view& text);

}  // namespace raykeep::sbom
