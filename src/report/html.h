// HTML, written so that a value can never become markup. What is markup is known when this program
// is compiled (Literal); everything else goes through text() or an attribute's value, which escape.
// There is no way to write a script, a style attribute, an event handler or an outside address.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace raykeep::report {

/// A string of this program's own text: it cannot be made of a value.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// The name of an attribute that cannot do anything: whatever its value is, nothing runs and
/// nothing is fetched.
class AttributeName {
 public:
  consteval AttributeName(const char* text) : text_(text) {
    for (std::string_view bad : {"href", "src", "srcset", "style", "action", "formaction", "data",
                                 "srcdoc", "xlink:href", "poster", "ping", "http-equiv", "content"})
      if (text_ == bad) throw "this attribute can act";
    if (text_.starts_with("on")) throw "event handlers run";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct Attribute {
  AttributeName name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

/// The text as HTML shows it, in content and between double quotes. What is not UTF-8, and controls
/// but for newline and tab, become U+FFFD; the marks that turn the direction of writing are spelled
/// out, because a reviewer must see a name in the order in which it is written.
std::string escaped(std::string_view text);

class Html {
 public:
  Html& open(Literal tag, Attributes attributes = {});
  /// An element that has no content: <path/>.
  Html& empty(Literal tag, Attributes attributes = {});
  Html& close();  // the innermost
  Html& text(std::string_view value);
  /// open, text, close.
  Html& element(Literal tag, std::string_view value) { return element(tag, {}, value); }
  Html& element(Literal tag, Attributes attributes, std::string_view value);
  /// <a href="#anchor">: to a place in this page only.
  Html& link(std::string_view anchor, std::string_view value);
  /// Markup of this program's own.
  Html& raw(Literal markup);
  Html& newline();
  /// Another piece, which must have been closed.
  Html& add(const Html& piece);

  /// Requires: everything is closed.
  std::string take();

 private:
  void begin(std::string_view tag, Attributes attributes);

  std::string out_;
  std::vector<std::string_view> open_;
};

}  // namespace raykeep::report
