// How a fuzz target says that something must hold of every input.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/text.h"

/// Ends the run, showing `shown`, where it does not hold.
inline void require(bool holds, std::string_view what, std::string_view shown) {
  if (holds) return;
  std::cerr << "broken: " << what << ": " << raykeep::quoted(shown, 2000) << '\n';
  std::abort();
}
