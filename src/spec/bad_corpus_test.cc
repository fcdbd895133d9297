// The files of tests/bad, read in this process: tests/bad/run asks the program the same.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/text.h"
#include "spec/codes.h"
#include "spec/images_lock.h"
#include "spec/ray_service.h"
#include "spec/testing.h"

namespace raykeep::spec {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(RAYKEEP_SOURCE_DIR) / "tests" / "bad";

struct BadFile {
  std::string name;  // "site/cidr-word.yaml"
  std::string text;
  std::string expect;  // a code; empty where the file says none
};

std::vector<BadFile> files_in(const std::string& folder) {
  std::vector<BadFile> out;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus / folder)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    BadFile file{folder + '/' + entry.path().filename().string(), text.str(), ""};
    constexpr std::string_view mark = "# expect: ";
    if (file.text.starts_with(mark)) file.expect = file.text.substr(mark.size(), 6);
    out.push_back(std::move(file));
  }
  std::ranges::sort(out, {}, &BadFile::name);
  return out;
}

/// Of images.lock, with the Site that stands beside its folder.
Findings findings_of_lock(const doc::Document& lock) {
  ParsedImagesLock parsed = parse_images_lock(lock);
  if (has_errors(parsed.findings)) return std::move(parsed.findings);
  doc::ReadResult site = doc::read_file(std::string(RAYKEEP_SOURCE_DIR "/tests/bad/site.yaml"));
  return lock_site(parsed.lock, lock.file, site.documents.at(0));
}

Findings findings_of(const BadFile& file) {
  doc::ReadResult read = doc::read_yaml(file.text, file.name);
  for (const doc::Document& one : read.documents) {
    Findings more = file.name.starts_with("site/")    ? parse_site(one).findings
                    : file.name.starts_with("lock/")  ? findings_of_lock(one)
                    : file.name.starts_with("serve/") ? parse_ray_service(one).findings
                                                      : parse_ray_cluster(one).findings;
    read.findings.insert(read.findings.end(), more.begin(), more.end());
  }
  return read.findings;
}

class BadCorpus : public testing::TestWithParam<const char*> {};

TEST_P(BadCorpus, GivesTheExpectedFindingAtAPlace) {
  for (const BadFile& file : files_in(GetParam())) {
    if (file.expect.empty()) continue;
    Findings findings = findings_of(file);
    auto found = std::ranges::find(findings, file.expect, &Finding::code);
    EXPECT_NE(found, findings.end()) << file.name << " lacks " << file.expect << ":\n"
                                     << lines(findings);
    if (found == findings.end()) continue;
    EXPECT_GT(found->place.line, 0) << to_string(*found);
    EXPECT_GT(found->place.column, 0) << to_string(*found);
    EXPECT_EQ(found->severity, Severity::error) << to_string(*found);
    EXPECT_TRUE(is_valid_utf8(lines(findings))) << file.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, BadCorpus,
                         testing::Values("raycluster", "site", "lock", "serve"));

TEST(BadCorpus, HasAFileForEveryError) {
  std::set<std::string> expected;
  for (const char* folder : {"raycluster", "site", "lock", "serve"}) {
    for (const BadFile& file : files_in(folder)) expected.insert(file.expect);
  }
  for (const CodeInfo& info : kCodes) {
    // Too many findings: shape_test.cc.
    if (info.severity != Severity::error || info.code == "RK2000" || info.code == "RK3000")
      continue;
    EXPECT_TRUE(expected.contains(std::string(info.code))) << info.code << ' ' << info.title;
  }
}

}  // namespace
}  // namespace raykeep::spec
