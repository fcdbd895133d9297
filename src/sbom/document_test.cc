#include "sbom/document.h"

#include <set>

#include <gtest/gtest.h>

#include "base/moment.h"
#include "doc/json.h"

namespace raykeep::sbom {
namespace {

Subject subject() {
  return {
      .reference = "registry.example:5000/rayproject/ray:2.40.0",
      .digest = oci::Digest::of("manifest"),
      .platform = {.os = "linux", .architecture = "amd64"},
      .created = std::chrono::sys_days(std::chrono::year(2024) / 5 / 1) + std::chrono::hours(10),
      .tool_version = "0.1.0"};
}

Inventory inventory() {
  Inventory made{.os = {.id = "ubuntu", .version = "24.04"}};
  made.packages = {{.purl = "pkg:deb/ubuntu/a@1",
                    .name = "a",
                    .version = "1",
                    .source_name = "s",
                    .source_version = "2",
                    .licence = "MIT",
                    .supplier = "Team (x) <t@example.org>",
                    .locations = {"var/lib/dpkg/status"}},
                   {.purl = "pkg:pypi/b@2",
                    .name = "b\xff\n",
                    .version = "2",
                    .source_name = "b\xff\n",
                    .source_version = "2",
                    .licence = "custom"}};
  made.unknown = {{.path = "usr/bin/x", .digest = oci::Digest::of("x"), .size = 1}};
  made.unknown_count = 1;
  return made;
}

TEST(Document, NamesTheImage) {
  EXPECT_EQ(image_purl(subject()),
            "pkg:oci/ray@" + subject().digest.text() +
                "?arch=amd64&repository_url=registry.example:5000/rayproject/ray");
  EXPECT_EQ(time_text(subject().created), "2024-05-01T10:00:00Z");
  std::string uuid = document_uuid(subject(), "spdx");
  EXPECT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '5');  // the version
  EXPECT_NE(uuid, document_uuid(subject(), "cyclonedx"));
}

TEST(Document, IsTheSameOfTheSame) {
  EXPECT_EQ(write_spdx(subject(), inventory()), write_spdx(subject(), inventory()));
  EXPECT_EQ(write_cyclonedx(subject(), inventory()), write_cyclonedx(subject(), inventory()));
}

TEST(Spdx, HasUniqueIdsAndRelatesThemAll) {
  auto read = doc::parse_json(write_spdx(subject(), inventory()));
  ASSERT_TRUE(read) << read.error().text;
  std::set<std::string> ids, related;
  for (const doc::Value& each : *doc::find_array(*read, {"packages"})) {
    EXPECT_TRUE(ids.insert(std::string(doc::find_string(each, {"SPDXID"}))).second);
  }
  for (const doc::Value& each : *doc::find_array(*read, {"relationships"})) {
    related.insert(std::string(doc::find_string(each, {"relatedSpdxElement"})));
  }
  EXPECT_EQ(ids.size(), 5u);  // the image, its system, two packages, a file
  EXPECT_EQ(ids, related);
  const doc::Array& packages = *doc::find_array(*read, {"packages"});
  EXPECT_EQ(doc::find_string(packages[2], {"licenseDeclared"}), "MIT");
  EXPECT_EQ(doc::find_string(packages[2], {"supplier"}), "Organization: Team x (t@example.org)");
  EXPECT_TRUE(doc::find_string(packages[2], {"sourceInfo"}).starts_with("built package from: s 2"));
  EXPECT_EQ(doc::find_string(packages[3], {"licenseDeclared"}), "NOASSERTION");
  EXPECT_EQ(doc::find_string(packages[3], {"name"}), "b? ");
}

TEST(Cyclonedx, SaysWhatItDoesNotKnow) {
  auto read = doc::parse_json(write_cyclonedx(subject(), inventory()));
  ASSERT_TRUE(read) << read.error().text;
  const doc::Array& components = *doc::find_array(*read, {"components"});
  ASSERT_EQ(components.size(), 4u);
  EXPECT_EQ(doc::find_string(components[3], {"type"}), "file");
  EXPECT_EQ(doc::find_string((*doc::find_array(*read, {"compositions"}))[0], {"aggregate"}),
            "incomplete");
}

}  // namespace
}  // namespace raykeep::sbom
