// libyaml's complaints in words that say what to write instead.
#pragma once

#include <string>
#include <string_view>

#include <yaml.h>

namespace raykeep::doc {

struct SyntaxProblem {
  const char* code;
  yaml_mark_t at;
  std::string what;
  std::string remedy;
};

/// Requires that yaml_parser_parse() has just failed on `text`.
SyntaxProblem explain(const yaml_parser_t& parser, std::string_view text);

}  // namespace raykeep::doc
