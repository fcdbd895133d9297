// What golden tests share: the cases, and the comparison by bytes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::golden {

inline const std::filesystem::path cases = RAYKEEP_SOURCE_DIR "/tests/golden/cases";

inline doc::Document only_document(const std::filesystem::path& path) {
  auto read = doc::read_file(path);
  if (read.documents.size() != 1) throw std::runtime_error(path.string() + " is not one document");
  return std::move(read.documents.front());
}

/// With UPDATE_GOLDEN the file is written first.
inline void expect_file(const std::filesystem::path& expected, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << text;
  std::ifstream file(expected);
  std::stringstream held;
  held << file.rdbuf();
  EXPECT_EQ(text, held.str());
}

}  // namespace raykeep::golden
