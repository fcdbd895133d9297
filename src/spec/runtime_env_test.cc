#include "spec/runtime_env.h"

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

std::string fields(std::string_view text) {
  std::string all;
  for (const RuntimeDownload& each : runtime_downloads(doc::parse_json(text)->as_object()))
    all += (all.empty() ? "" : " ") + each.field;
  return all;
}

TEST(RuntimeEnv, WhatComesFromOutsideIsFound) {
  for (const auto& [text, found] : std::vector<std::pair<std::string, std::string>>{
           {R"({"pip":["torch"]})", "pip"},
           {R"({"pip":"requirements.txt"})", "pip"},
           {R"({"pip":{"packages":["torch"],"pip_check":false}})", "pip"},
           {R"({"uv":["/wheels/a.whl","torch"]})", "uv"},
           {R"({"conda":{"dependencies":["pip"]}})", "conda"},
           {R"({"conda":"environment.yml"})", "conda"},
           {R"({"working_dir":"https://git.example/x.zip","py_modules":["./m","s3://b/m.zip"]})",
            "working_dir py_modules[1]"},
           {R"({"image_uri":"a/b:1"})", "image_uri"}}) {
    EXPECT_EQ(fields(text), found) << text;
  }
}

TEST(RuntimeEnv, WhatTheImageOrTheHeadHasIsNone) {
  for (const char* text :
       {"{}", R"({"pip":["/wheels/a.whl","./b.whl"]})", R"({"pip":{"packages":[]}})",
        R"({"conda":"serving"})", R"({"working_dir":"/app","py_modules":["gcs://_ray_pkg_1.zip"]})",
        R"({"working_dir":"local:///app"})",
        R"({"working_dir":"file:///app/x.zip","env_vars":{"A":"https://x"}})", R"({"pip":null})"}) {
    EXPECT_EQ(fields(text), "") << text;
  }
}

TEST(RuntimeEnv, AModelOfAHubIsADownloadAndAFolderIsNone) {
  doc::ReadResult read = doc::read_yaml(
      "kind: RayService\nspec:\n  serveConfigV2: |\n    applications:\n"
      "    - args:\n        llm_configs:\n"
      "        - model_loading_config: {model_id: a, model_source: /models/a}\n"
      "        - model_loading_config: {model_id: b/c}\n"
      "        - model_loading_config: {model_id: d, model_source: {bucket_uri: \"s3://m/d\"}}\n",
      "f");
  const Findings findings = runtime_env_findings(read.documents.at(0));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_TRUE(findings[0].what.contains("\"b/c\"")) << findings[0].what;
  EXPECT_TRUE(findings[1].path.ends_with("llm_configs[2]")) << findings[1].path;
}

TEST(RuntimeEnv, IsLookedForWhereKubeRayHasIt) {
  doc::ReadResult read = doc::read_yaml(
      "kind: RayJob\nspec: {runtimeEnvYAML: \"pip: [torch]\"}\n---\n"
      "kind: RayService\nspec:\n  serveConfigV2: |\n    applications:\n"
      "    - {name: a, runtime_env: {working_dir: /app}}\n"
      "    - {name: b, runtime_env: {working_dir: \"https://git.example/x.zip\"}}\n---\n"
      "kind: RayService\nspec: {serveConfigV2: \"[\"}\n",
      "f");
  ASSERT_EQ(read.documents.size(), 3u);
  const Findings job = runtime_env_findings(read.documents[0]);
  ASSERT_EQ(job.size(), 1u);
  EXPECT_EQ(job[0].path, "spec.runtimeEnvYAML.pip");
  const Findings service = runtime_env_findings(read.documents[1]);
  ASSERT_EQ(service.size(), 1u);
  EXPECT_EQ(service[0].path, "spec.serveConfigV2 applications[1].runtime_env.working_dir");
  EXPECT_EQ(runtime_env_findings(read.documents[2]), Findings{});
}

}  // namespace
}  // namespace raykeep::spec
