// Files that somebody else reads while we write them: all of one is there, or nothing of it.
#pragma once

#include <sys/types.h>

#include <string>

namespace raykeep::node {

enum class Existing { replace, keep };

/// Whoever reads the file sees the one that was there or the new one; `Existing::keep` leaves one
/// that is there alone. Writes PATH.part beside it first. Throws Failure::invalid.
void write_whole_file(const std::string& path, const std::string& text, mode_t mode,
                      Existing existing = Existing::replace);

}  // namespace raykeep::node
