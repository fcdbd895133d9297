// Where the stages of the YAML reader put what they find. Not part of the module's interface.
#pragma once

#include <string>
#include <utility>

#include "base/finding.h"
#include "doc/codes.h"

namespace raykeep::doc {

/// A position in the text, both from 1, columns in characters.
struct Mark {
  int line = 1;
  int column = 1;
};

class Sink {
 public:
  explicit Sink(std::string file) : file_(std::move(file)) {}

  void add(const char* code, Mark at, std::string what, std::string remedy, std::string path = "") {
    ++errors_;
    // A hostile file has 100,000 duplicate keys; nobody reads more than this.
    if (findings_.size() > most) return;
    if (findings_.size() == most) {
      findings_.push_back({.code = code::too_many_findings,
                           .place = {file_, at.line, at.column},
                           .path = "",
                           .what = "more is wrong from here on",
                           .remedy = "mend what is listed above first"});
      return;
    }
    findings_.push_back({.code = code,
                         .place = {file_, at.line, at.column},
                         .path = std::move(path),
                         .what = std::move(what),
                         .remedy = std::move(remedy)});
  }

  /// How many were added so far, shown or not.
  std::size_t errors() const { return errors_; }
  bool full() const { return findings_.size() > most; }
  Findings take() { return std::move(findings_); }

 private:
  static constexpr std::size_t most = 100;
  std::string file_;
  Findings findings_;
  std::size_t errors_ = 0;
};

}  // namespace raykeep::doc
