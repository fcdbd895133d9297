// The lab's API server, and a namespace in it that exists only for this program: Pod Security
// "restricted", a quota, and the lab's tenant bound to ClusterRole "edit". Removed at the end.
#pragma once

#include <cstdlib>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

#include "doc/document.h"
#include "kube/client.h"
#include "net/run_until_done.h"

namespace raykeep::kube {

/// The lab's private folder with CA and kubeconfigs, set by tests/api/run.
inline std::string pki() {
  auto folder = std::getenv("RAYKEEP_API_PKI");
  if (!folder) {
    fmt::print(stderr, "api_test: run it by tests/api/run, in a lab\n");
    std::exit(2);
  }
  return folder;
}

inline Config config_of(const std::string& identity) {
  auto config = load_config(
      {.kubeconfig = pki() + "/" + identity + ".kubeconfig", .context = "", .ns = ""}, {});
  if (!config) throw std::runtime_error(config.error().text);
  return *config;
}

inline doc::Value yaml(const std::string& text) {
  auto read = doc::read_yaml(text, "test");
  if (read.documents.size() != 1) throw std::runtime_error("the test's YAML is wrong: " + text);
  return read.documents[0].value;
}

/// An event loop with clients of both identities.
struct Cluster {
  Cluster()
      : admin(loop.get_executor(), config_of("admin"), clock),
        tenant(loop.get_executor(), config_of("tenant"), clock) {}

  template <class T>
  auto run(awaitable<T> work) {
    return net::testing::run_until_done(loop, std::move(work));
  }
  template <class T>
  Failure failure(awaitable<T> work) {
    return net::testing::failure_of(loop, std::move(work));
  }
  Deadline soon() const { return Deadline::after(clock, std::chrono::minutes(3)); }

  /// Waits, by list and watch, until the object of that name satisfies `good`.
  void wait_until(Client& client, const Ref& ref, std::function<bool(const doc::Value&)> good) {
    Selector selector{.labels = "", .fields = "metadata.name=" + ref.name};
    for (;;) {
      auto list = run(client.list(ref.kind, ref.ns, selector, soon()));
      for (const auto& object : list.items) {
        if (good(object)) return;
      }
      bool met = false;
      run(client.watch(
          ref.kind, ref.ns, selector, list.resource_version,
          [&](Event event) {
            met = event.type != Event::Type::bookmark && event.type != Event::Type::deleted &&
                  good(event.object);
            return !met;
          },
          soon()));
      if (met) return;
    }
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  Client admin;
  Client tenant;
};

/// Makes the namespace before the first test and removes it after the last.
class Namespace : public ::testing::Environment {
 public:
  static std::string name() { return fmt::format("api-test-{}", getpid()); }

  void SetUp() override {
    Cluster cluster;
    auto ns = name();
    cluster.run(cluster.admin.apply(yaml(fmt::format(R"(
apiVersion: v1
kind: Namespace
metadata: {{name: {}, labels: {{pod-security.kubernetes.io/enforce: restricted}}}})",
                                                     ns)),
                                    {}, cluster.soon()));
    cluster.run(cluster.admin.apply(yaml(fmt::format(R"(
apiVersion: v1
kind: ResourceQuota
metadata: {{name: quota, namespace: {}}}
spec: {{hard: {{services: "1", pods: "5"}}}})",
                                                     ns)),
                                    {}, cluster.soon()));
    cluster.run(cluster.admin.apply(yaml(fmt::format(R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: tenant, namespace: {}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}}
subjects: [{{kind: ServiceAccount, name: tenant, namespace: ray}}])",
                                                     ns)),
                                    {}, cluster.soon()));
    // The controllers give a new namespace its account and fill in the quota's status; before, pods
    // are refused.
    cluster.wait_until(cluster.admin, {{"v1", "ServiceAccount"}, ns, "default"},
                       [](const doc::Value&) { return true; });
    cluster.wait_until(cluster.admin, {{"v1", "ResourceQuota"}, ns, "quota"},
                       [](const doc::Value& quota) {
                         return !doc::find_string(quota, {"status", "hard", "pods"}).empty();
                       });
  }

  void TearDown() override {
    Cluster cluster;
    cluster.run(cluster.admin.remove({{"v1", "Namespace"}, "", name()}, {}, cluster.soon()));
  }
};

}  // namespace raykeep::kube
