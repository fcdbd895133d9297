#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/progress_printer.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/text_diff.h"

namespace raykeep::cli {
namespace {

TEST(Table, AlignsColumnsByCharactersAndShowsWhatIsMissing) {
  EXPECT_EQ(table({{"A", "B"}, {"äää", ""}, {"x", "yy"}}), "A     B\näää   <none>\nx     yy\n");
}

TEST(TextDiff, ShowsOnlyWhatChangedInItsOrder) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(changed_lines("a\nb\nc", "a\nx\nc\nd"), (Lines{"- b", "+ x", "+ d"}));
  EXPECT_EQ(changed_lines("a\nb", "a\nb"), Lines{});
  EXPECT_EQ(changed_lines("", "a"), (Lines{"- ", "+ a"}));
}

TEST(TextDiff, DoesNotCompareHugeTextsLineByLine) {
  std::string huge(5000, '\n');
  EXPECT_EQ(changed_lines(huge, "a").size(), 5002u);
}

TEST(Terminal, CutsBetweenCharacters) {
  EXPECT_EQ(cut_to("short", 10), "short");
  EXPECT_EQ(cut_to("äöüäöü", 5), "äö...");
}

TEST(Terminal, IsNotWrittenToByOthersText) { EXPECT_EQ(harmless("a\x1b[2Jb\n"), "a [2Jb "); }

}  // namespace
}  // namespace raykeep::cli
