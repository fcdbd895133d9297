#include "doc/yaml_source.h"

#include <new>

#include "doc/yaml_syntax.h"

namespace raykeep::doc {
namespace {

bool begins_document(std::string_view rest) {
  if (!rest.starts_with("---")) return false;
  return rest.size() == 3 || rest[3] == ' ' || rest[3] == '\t' || line_break_at(rest, 3) > 0;
}

}  // namespace

EventSource::EventSource(std::string_view text, Sink& sink)
    : sink_(sink), text_(text), cursor_(text), blocks_(text) {
  begin(text_);
}

void EventSource::begin(std::string_view text) {
  if (text.data() == nullptr) text = "";  // libyaml asserts on a null pointer, whatever the length
  if (!yaml_parser_initialize(&parser_)) throw std::bad_alloc();
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
}

Mark EventSource::mark(const yaml_mark_t& at) const {
  return {cursor_.line() + static_cast<int>(at.line) + 1, static_cast<int>(at.column) + 1};
}

int EventSource::text_column(const Event& event) {
  if (event->type != YAML_SCALAR_EVENT || event->data.scalar.style != YAML_LITERAL_SCALAR_STYLE)
    return 0;
  const int header = start(event).line;
  while (blocks_.line() + 1 < header && !blocks_.at_end()) blocks_.next_line();
  std::string_view line = blocks_.rest();
  line = line.substr(0, line.find_first_of("\r\n"));
  const std::size_t bar = line.rfind('|');
  if (bar == std::string_view::npos ||
      line.find_first_of("0123456789", bar) != std::string_view::npos)
    return 0;
  // Empty lines in front are the text's, too, and say nothing of its indentation.
  LineCursor at = blocks_;
  for (at.next_line(); !at.at_end(); at.next_line()) {
    const std::size_t spaces = at.rest().find_first_not_of(' ');
    if (spaces == std::string_view::npos) return 0;
    if (line_break_at(at.rest(), spaces) == 0) return static_cast<int>(spaces) + 1;
  }
  return 0;
}

bool EventSource::next(Event& event) {
  if (yaml_parser_parse(&parser_, event.fresh())) return true;
  if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  SyntaxProblem problem = explain(parser_, text_.substr(cursor_.offset()));
  failed_at_ = mark(parser_.problem_mark);
  sink_.add(problem.code, mark(problem.at), std::move(problem.what), std::move(problem.remedy));
  return false;
}

bool EventSource::resume(Mark from) {
  // A line above the parser's first one would be read twice.
  do cursor_.next_line();
  while (!cursor_.at_end() && (cursor_.line() + 1 < from.line || !begins_document(cursor_.rest())));
  if (cursor_.at_end()) return false;
  yaml_parser_delete(&parser_);
  begin(cursor_.rest());
  return true;
}

}  // namespace raykeep::doc
