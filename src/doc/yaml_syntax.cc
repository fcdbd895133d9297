#include "doc/yaml_syntax.h"

#include <array>

#include "doc/codes.h"
#include "doc/yaml_text.h"

namespace raykeep::doc {
namespace {

enum class Where {
  problem,  // where the reader stopped
  context,  // where that began which has no end
};

struct Phrase {
  std::string_view context;  // what libyaml was doing; empty: anything
  std::string_view problem;  // what libyaml says
  Where where;
  const char* what;
  const char* remedy;
};

/// The first that fits. The words on the left are those of libyaml 0.2.5's scanner.c and parser.c.
constexpr auto phrases = std::to_array<Phrase>({
    {"while scanning a quoted scalar", "", Where::context, "a quoted string has no end",
     "close it with the same kind of quote"},
    {"", "mapping values are not allowed in this context", Where::problem,
     "a ': ' stands where no key can be", "put text with ': ' in quotes, or check the indentation"},
    {"", "could not find expected ':'", Where::context, "this line has no ': ' after its key",
     "write \"key: value\", or check the indentation"},
    {"", "did not find expected key", Where::problem,
     "this does not line up with the keys of the map around it", "indent it like the other keys"},
    {"", "did not find expected '-' indicator", Where::problem,
     "this does not line up with the items of the list around it",
     "indent it like the other items"},
    {"", "block sequence entries are not allowed in this context", Where::problem,
     "a list item cannot begin here", "put the list on a line of its own below the key"},
    {"", "did not find expected ',' or ']'", Where::problem, "a list in [ ] lacks a ',' or its ']'",
     "write \"[a, b]\""},
    {"", "did not find expected ',' or '}'", Where::problem, "a map in { } lacks a ',' or its '}'",
     "write \"{a: 1, b: 2}\""},
    {"", "found character that cannot start any token", Where::problem,
     "a value cannot begin with this character", "put the value in quotes"},
    {"", "found unknown escape character", Where::problem, "this escape is not known",
     "write \"\\\\\" for a backslash, or use single quotes"},
    {"", "did not find expected hexdecimal number", Where::problem,
     "an escape lacks hexadecimal digits", "write \"\\\\\" for a backslash, or use single quotes"},
    {"", "found invalid Unicode character escape code", Where::problem,
     "this escape is no Unicode character", "write the character itself"},
    {"", "found undefined tag handle", Where::problem, "this tag is not declared",
     "remove it: tags mean nothing here"},
    {"while parsing a flow node", "did not find expected node content", Where::problem,
     "a value is missing here", "write it, or null; check that every bracket is closed"},
    {"", "found unknown directive name", Where::problem, "this directive is not known",
     "remove the line; put text that begins with '%' in quotes"},
    {"", "found duplicate %TAG directive", Where::problem, "the same %TAG twice", "remove one"},
    {"", "found incompatible YAML document", Where::problem, "this version of YAML is not known",
     "remove the %YAML line"},
    {"", "did not find expected <document start>", Where::problem,
     "the document ended before this line", "check the indentation, or write \"---\" above it"},
    {"while scanning a block scalar", "", Where::problem,
     "this block string is not written as it must be",
     "write \"|\" or \">\" and indent with spaces"},
    {"while scanning an anchor", "", Where::problem, "this anchor has no usable name",
     "use letters, digits, '-' and '_', or put text in quotes"},
    {"while scanning an alias", "", Where::problem, "'*' begins an alias, and this is none",
     "put text that begins with '*' in quotes"},
});

bool is_tab(std::string_view text, const yaml_mark_t& at) {
  LineCursor cursor(text);
  while (!cursor.at_end() && cursor.line() < static_cast<int>(at.line)) cursor.next_line();
  std::string_view rest = cursor.rest();
  std::size_t column = 0;
  for (char c : rest) {
    bool starts_character = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (starts_character && column++ == at.column) return c == '\t';
  }
  return false;
}

}  // namespace

SyntaxProblem explain(const yaml_parser_t& parser, std::string_view text) {
  std::string_view context = parser.context ? parser.context : "";
  std::string_view problem = parser.problem ? parser.problem : "not YAML";
  if (problem.find("tab character") != std::string_view::npos ||
      is_tab(text, parser.problem_mark)) {
    return {code::tab, parser.problem_mark, "a tab cannot indent", "use spaces"};
  }
  for (const Phrase& phrase : phrases) {
    if (!phrase.context.empty() && context != phrase.context) continue;
    if (!phrase.problem.empty() && problem != phrase.problem) continue;
    bool began = phrase.where == Where::context && parser.context;
    return {code::syntax, began ? parser.context_mark : parser.problem_mark, phrase.what,
            phrase.remedy};
  }
  std::string what(problem);
  if (!context.empty()) what += " " + std::string(context);
  return {code::syntax, parser.problem_mark, std::move(what), "check quotes and indentation"};
}

}  // namespace raykeep::doc
