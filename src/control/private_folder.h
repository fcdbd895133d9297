// A folder that only we can read, for as long as it is needed: for secrets that somebody else's
// library or program wants as files.
#pragma once

#include <string>
#include <string_view>

namespace raykeep::control {

class PrivateFolder {
 public:
  /// Below `parent`, which is made where it is missing. Throws Failure::invalid, with `advice` at
  /// its end.
  PrivateFolder(const std::string& parent, std::string_view prefix, std::string_view advice = "");
  ~PrivateFolder();  // with everything in it
  PrivateFolder(const PrivateFolder&) = delete;

  /// Writes a new file that only we can read, and gives its path. Throws Failure::invalid.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace raykeep::control
