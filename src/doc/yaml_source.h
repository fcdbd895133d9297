// libyaml's parser as a stream of events that can go on after an error. libyaml stops for good at
// the first one; here a new parser is started at the next line that begins with "---".
#pragma once

#include <string>
#include <string_view>

#include <yaml.h>

#include "doc/yaml_sink.h"
#include "doc/yaml_text.h"

namespace raykeep::doc {

/// One libyaml event, owned.
class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  yaml_event_t* fresh() {
    yaml_event_delete(&event_);
    return &event_;
  }
  const yaml_event_t& operator*() const { return event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

class EventSource {
 public:
  /// `text` must outlive this.
  EventSource(std::string_view text, Sink& sink);
  ~EventSource() { yaml_parser_delete(&parser_); }
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  /// The next event. False, with a finding added, where the text is not YAML; then only resume()
  /// helps.
  bool next(Event& event);

  /// Leaves the current document and goes on at the next "---" below `from`; false if there is
  /// none.
  bool resume(Mark from);

  /// Where the error was that made next() return false.
  Mark failed_at() const { return failed_at_; }

  Mark start(const Event& event) const { return mark(event->start_mark); }

  /// The column (from 1) in which the lines of a literal block ("|") begin; 0 for everything else,
  /// and where the block says its indentation itself. Requires: events in their order.
  int text_column(const Event& event);

 private:
  Mark mark(const yaml_mark_t& at) const;
  void begin(std::string_view text);

  Sink& sink_;
  std::string_view text_;
  LineCursor cursor_;  // where the current parser began
  LineCursor blocks_;  // the last line that text_column() looked at
  yaml_parser_t parser_;
  Mark failed_at_;
};

}  // namespace raykeep::doc
