// How the page looks: light and dark, wide and narrow, on paper.
#pragma once

#include "report/html.h"

namespace raykeep::report {

/// The content of the page's only style element.
extern const Literal style_sheet;

}  // namespace raykeep::report
