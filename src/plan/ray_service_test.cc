#include "plan/ray_service.h"

#include <gtest/gtest.h>

#include "doc/document.h"
#include "plan/route.h"

namespace raykeep::plan {
namespace {

constexpr const char* document = R"(apiVersion: ray.io/v1
kind: RayService
metadata: {name: hello, labels: {team: risk}}
spec:
  serveConfigV2: |
    applications:
    - import_path: app:build
  rayClusterConfig:
    rayVersion: "2.60.0"
    headGroupSpec:
      template:
        spec:
          containers:
          - {name: ray-head, image: "ray:1", env: [{name: A, value: "1"}]}
    workerGroupSpecs:
    - groupName: small
      replicas: 3
      minReplicas: 2
      template:
        spec:
          containers:
          - {name: ray-worker, image: "ray:1"}
)";

const PlanOptions in_ray{.ns = "ray", .generation = "", .token = ""};

spec::RayService service(const std::string& from = "", const std::string& to = "") {
  std::string text = document;
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  doc::ReadResult read = doc::read_yaml(text, "service.yaml");
  spec::ParsedRayService parsed = spec::parse_ray_service(read.documents.at(0));
  EXPECT_TRUE(parsed.service && !has_errors(parsed.findings));
  return *parsed.service;
}

std::string name_of(const spec::RayService& of, const spec::Site& site = spec::default_site()) {
  return cluster_name(of, site, in_ray);
}

spec::Site with_route(spec::SiteRoute route) {
  spec::Site site = spec::default_site();
  site.route = std::move(route);
  return site;
}

TEST(PlanService, WhatChangesThePodsNamesAnotherCluster) {
  const std::string name = name_of(service());
  EXPECT_TRUE(name.starts_with("hello-"));
  EXPECT_EQ(name.size(), std::string("hello").size() + spec::cluster_suffix_length);
  EXPECT_EQ(name, name_of(service()));
  EXPECT_EQ(name, name_of(service("replicas: 3", "replicas: 5")));
  EXPECT_EQ(name, name_of(service("import_path: app:build", "import_path: other:build")));
  EXPECT_NE(name, name_of(service("value: \"1\"", "value: \"2\"")));
  EXPECT_NE(name, name_of(service("\"ray:1\", env", "\"ray:2\", env")));
  spec::Site site = spec::default_site();
  site.registry = "registry.bank.example";
  EXPECT_NE(name, name_of(service(), site));
}

TEST(PlanService, PartOfTheCapacityIsPartOfTheWorkersAndTheSamePods) {
  const spec::Site site = spec::default_site();
  for (const auto& [capacity, replicas] : {std::pair{100, 3}, {50, 2}, {1, 1}, {0, 0}}) {
    const Plan plan = plan_cluster(service(), site, in_ray, "hello-12345", capacity);
    const Plan whole = plan_cluster(service(), site, in_ray, "hello-12345", 100);
    ASSERT_EQ(plan.objects.size(), whole.objects.size());
    const doc::Value& workers = plan.objects.back();
    EXPECT_EQ(*doc::find(workers, {"spec", "replicas"}), doc::Value(replicas)) << capacity;
    for (std::size_t i = 1; i < plan.objects.size(); ++i) {
      const doc::Value* pods = doc::find(plan.objects[i], {"spec", "template"});
      const doc::Value* of_whole = doc::find(whole.objects[i], {"spec", "template"});
      ASSERT_EQ(pods == nullptr, of_whole == nullptr);
      if (pods != nullptr) EXPECT_EQ(*pods, *of_whole) << capacity;
    }
  }
}

TEST(PlanService, TheServicesPointToOneClusterOrToAll) {
  const spec::Site site = spec::default_site();
  const auto one = front_services(service(), site, "ray", "hello-12345", false);
  ASSERT_EQ(one.size(), 2u);
  EXPECT_EQ(doc::find_string(one[0], {"metadata", "name"}), "hello-head-svc");
  EXPECT_EQ(doc::find_string(one[0], {"spec", "selector", ray_cluster_label}), "hello-12345");
  EXPECT_EQ(doc::find_string(one[1], {"metadata", "name"}), "hello-serve-svc");
  EXPECT_EQ(doc::find_string(one[1], {"metadata", "labels", "team"}), "risk");
  EXPECT_EQ(doc::find_string(one[1], {"spec", "selector", ray_cluster_label}), "hello-12345");
  const auto all = front_services(service(), site, "ray", "hello-12345", true);
  EXPECT_EQ(doc::find_string(all[1], {"spec", "selector", ray_cluster_label}), "");
  EXPECT_EQ(doc::find_string(all[1], {"spec", "selector", spec::origin_name_label}), "hello");
}

TEST(PlanService, TheHeadTakesNoRequestsWhereThereAreWorkers) {
  auto serves = [](const spec::RayService& of) {
    const Plan plan = plan_cluster(of, spec::default_site(), in_ray, "hello-12345", 100);
    for (const doc::Value& object : plan.objects) {
      if (doc::find_string(object, {"kind"}) == "StatefulSet")
        return doc::find_string(object,
                                {"spec", "template", "metadata", "labels", ray_serve_label});
    }
    return std::string_view("no head");
  };
  EXPECT_EQ(serves(service()), "");
  EXPECT_EQ(serves(service("  rayClusterConfig:",
                           "  excludeHeadPodFromServeSvc: false\n  rayClusterConfig:")),
            "true");
  EXPECT_EQ(serves(service("replicas: 3\n      minReplicas: 2", "replicas: 0")), "true");
}

TEST(PlanService, ARouteLeadsToTheService) {
  const auto ingress = front_services(service(),
                                      with_route({.kind = "Ingress",
                                                  .host = "{service}.bank.example",
                                                  .path = "/",
                                                  .ingress_class = "nginx",
                                                  .gateway = "",
                                                  .tls_secret = "cert",
                                                  .annotations = {}}),
                                      "ray", "hello-12345", false);
  ASSERT_EQ(ingress.size(), 3u);
  EXPECT_EQ(
      doc::write_json(ingress[2].at("spec")),
      R"({"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":)"
      R"({"name":"hello-serve-svc","port":{"name":"serve"}}}}]},"host":"hello.bank.example"}],)"
      R"("ingressClassName":"nginx","tls":[{"hosts":["hello.bank.example"],"secretName":"cert"}]})");
  EXPECT_FALSE(doc::find_string(ingress[1], {"metadata", "annotations", route_annotation}).empty());
  const auto gateway = front_services(service(),
                                      with_route({.kind = "HTTPRoute",
                                                  .host = "a.b",
                                                  .path = "/x",
                                                  .ingress_class = "",
                                                  .gateway = "edge/main",
                                                  .tls_secret = "",
                                                  .annotations = {}}),
                                      "ray", "hello-12345", false);
  EXPECT_EQ(doc::write_json(gateway.at(2).at("spec")),
            R"({"parentRefs":[{"name":"main","namespace":"edge"}],"rules":[{"matches":[{"path":)"
            R"({"type":"PathPrefix","value":"/x"}}],"backendRefs":[{"name":"hello-serve-svc",)"
            R"("port":8000}]}],"hostnames":["a.b"]})");
  const auto route = front_services(service(),
                                    with_route({.kind = "Route",
                                                .host = "",
                                                .path = "/",
                                                .ingress_class = "",
                                                .gateway = "",
                                                .tls_secret = "",
                                                .annotations = {{"a", "b"}}}),
                                    "ray", "hello-12345", false);
  EXPECT_EQ(doc::find_string(route.at(2), {"spec", "tls", "termination"}), "edge");
  EXPECT_EQ(doc::find_string(route.at(2), {"metadata", "annotations", "a"}), "b");
}

}  // namespace
}  // namespace raykeep::plan
