#include "plan/generation.h"

#include <gtest/gtest.h>

namespace raykeep::plan {
namespace {

TEST(Generation, StandsInTheStorageNamespaceUnlessTheDocumentNamesOne) {
  spec::Storage storage;
  EXPECT_EQ(storage_namespace(storage, "team", "demo", "u-1"), "team.demo.u-1");
  storage.storage_namespace = "mine";
  EXPECT_EQ(storage_namespace(storage, "team", "demo", "u-1"), "mine");
}

TEST(Generation, IsPutInWhereverThePlaceholderStands) {
  std::string placeholder(generation_placeholder);
  doc::Value object = doc::Object{
      {"data", doc::Object{{"a", "x" + placeholder + "y" + placeholder}, {"b", 1}}},
      {"list", doc::Array{doc::Object{{"value", placeholder}}, "@raykeep.io/other@", nullptr}}};
  EXPECT_EQ(
      doc::write_json(in_generation(object, "u-1")),
      R"({"data":{"a":"xu-1yu-1","b":1},"list":[{"value":"u-1"},"@raykeep.io/other@",null]})");
}

TEST(Generation, OfAnOwnerIsItsUidUnlessRenderWroteOne) {
  doc::Object metadata{{"uid", "u-1"}};
  EXPECT_EQ(generation_of(doc::Object{{"metadata", metadata}}), "u-1");
  metadata["annotations"] = doc::Object{{generation_annotation, "static"}};
  EXPECT_EQ(generation_of(doc::Object{{"metadata", metadata}}), "static");
}

}  // namespace
}  // namespace raykeep::plan
