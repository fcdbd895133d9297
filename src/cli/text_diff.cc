#include "cli/text_diff.h"

#include <algorithm>

#include "base/text.h"

namespace raykeep::cli {
namespace {

using Lines = std::vector<std::string_view>;

/// common[i][j]: how many lines a[i..] and b[j..] have in common, in order.
std::vector<std::vector<int>> common_suffixes(const Lines& a, const Lines& b) {
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

}  // namespace

std::vector<std::string> changed_lines(std::string_view before, std::string_view after) {
  constexpr std::size_t most = 2000;
  Lines a = split(before, '\n'), b = split(after, '\n');
  std::vector<std::vector<int>> common(1, std::vector<int>(1, 0));
  const bool compare = a.size() <= most && b.size() <= most;
  if (compare) common = common_suffixes(a, b);
  std::vector<std::string> out;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    bool both = i < a.size() && j < b.size();
    if (compare && both && a[i] == b[j]) {
      ++i, ++j;
    } else if (i < a.size() && (!both || !compare || common[i + 1][j] >= common[i][j + 1])) {
      out.push_back("- " + std::string(a[i++]));
    } else {
      out.push_back("+ " + std::string(b[j++]));
    }
  }
  return out;
}

}  // namespace raykeep::cli
