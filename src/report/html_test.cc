#include "report/html.h"

#include <gtest/gtest.h>

namespace raykeep::report {
namespace {

TEST(Html, EscapesWhatCouldEndTextOrAnAttribute) {
  EXPECT_EQ(escaped("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;");
  EXPECT_EQ(escaped("\" onload='x' &amp;"), "&quot; onload=&#39;x&#39; &amp;amp;");
  EXPECT_EQ(escaped("größer, 大, 🙂\n\t"), "größer, 大, 🙂\n\t");
}

TEST(Html, ReplacesWhatIsNotTextAndShowsWhatTurnsItsDirection) {
  EXPECT_EQ(escaped(std::string_view("a\0b\x1b\x7f", 5)), "a\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(escaped("\xC0\xAF\xE4\xBD"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // overlong, cut off
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // a surrogate
  EXPECT_EQ(escaped("a\u202Etxt.exe"), "a\u27E8U+202E\u27E9txt.exe");
}

TEST(Html, ClosesWhatWasOpened) {
  Html html;
  html.open("p", {{"class", "a\"b"}}).text("1 < 2").element("b", "<i>").close();
  html.empty("path", {{"d", "M0 0"}});
  html.link("x\"y", "there");
  EXPECT_EQ(html.take(),
            "<p class=\"a&quot;b\">1 &lt; 2<b>&lt;i&gt;</b></p><path d=\"M0 0\"/>"
            "<a href=\"#x&quot;y\">there</a>");
}

TEST(HtmlDeathTest, IsNotTakenWhileSomethingIsOpen) {
  EXPECT_DEATH(Html().open("p").take(), "");
  EXPECT_DEATH(Html().close(), "");
}

}  // namespace
}  // namespace raykeep::report
