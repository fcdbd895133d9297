#include "plan/document_images.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "doc/document.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

std::string images_in(const std::string& text) {
  std::set<std::string> images;
  for (const doc::Document& each : doc::read_yaml(text, "f").documents)
    add_document_images(each.value, images);
  return join(std::vector<std::string>(images.begin(), images.end()), " ");
}

TEST(DocumentImages, AreFoundInEveryKind) {
  for (const auto& [text, images] : std::vector<std::pair<std::string, std::string>>{
           {"kind: Pod\nspec: {containers: [{image: a:1}], initContainers: [{image: b}], "
            "volumes: [{name: v, image: {reference: model:3}}, {name: w, emptyDir: {}}]}",
            "a:1 b model:3"},
           {"kind: RayService\nspec:\n  rayClusterConfig:\n    autoscalerOptions: {image: auto}\n"
            "    headGroupSpec: {template: {spec: {containers: [{image: head}]}}}\n"
            "    workerGroupSpecs:\n    - template: {spec: {containers: [{image: w1}, {image: "
            "w1}]}}\n",
            "auto head w1"},
           {"kind: RayJob\nspec: {submitterPodTemplate: {spec: {containers: [{image: s}]}}}", "s"},
           {"kind: List\nitems:\n- kind: CronJob\n  spec: {jobTemplate: {spec: {template: {spec: "
            "{containers: [{image: cron}]}}}}}\n",
            "cron"},
           {"kind: ConfigMap\ndata: {image: no, containers: x}", ""},
           {"containers: [1, {image: [x]}, {image: \"\"}]", ""}}) {
    EXPECT_EQ(images_in(text), images) << text;
  }
}

TEST(DocumentImages, OfTheSiteAreTheAgentsAndAManagedRedis) {
  auto images_of_site = [](const std::string& more) {
    auto place = spec::parse_site_text(std::string(spec::kSmallSite) + more);
    std::set<std::string> images;
    add_site_images(*place.site, images);
    return join(std::vector<std::string>(images.begin(), images.end()), " ");
  };
  EXPECT_EQ(images_of_site("  images: {raykeep: bank/raykeep:1}\n"), "bank/raykeep:1");
  EXPECT_EQ(images_of_site("  images: {raykeep: k:1, redis: r:7}\n  redis: {managed: {}}\n"),
            "k:1 r:7");
}

}  // namespace
}  // namespace raykeep::plan
