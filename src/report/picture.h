// The flow diagram, as SVG: callers at the left, the cluster's pods in the middle, what they call
// at the right. Each box lists the ports that it is asked for and by whom, and an arrow ends at
// that list, so that there is no text along lines.
#pragma once

#include "report/graph.h"
#include "report/html.h"

namespace raykeep::report {

Html picture(const Graph& graph, std::string_view ns);

/// The same in words, as a list: for those who do not see the picture, and for narrow screens.
Html picture_in_words(const Graph& graph);

}  // namespace raykeep::report
