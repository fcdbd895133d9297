#include "control/matches.h"

#include <gtest/gtest.h>

#include "control/testing.h"
#include "doc/document.h"

namespace raykeep::control {
namespace {

doc::Value value(const std::string& yaml) {
  doc::ReadResult read = doc::read_yaml(yaml, "test");
  return read.documents.at(0).value;
}

struct Row {
  const char *name, *planned, *live, *difference;
};

TEST(Matches, AsksOnlyWhetherWhatIsPlannedIsThere) {
  const Row table[] = {
      {"the same", "{a: 1, b: [x]}", "{a: 1, b: [x]}", ""},
      {"defaults and status of the server", "{spec: {replicas: 1}}",
       "{spec: {replicas: 1, progressDeadlineSeconds: 600}, status: {replicas: 1}}", ""},
      {"an edited number", "{spec: {replicas: 1}}", "{spec: {replicas: 3}}", "spec.replicas"},
      {"a missing field", "{spec: {a: {b: x}}}", "{spec: {a: {}}}", "spec.a.b"},
      {"what is planned empty may be absent", "{spec: {ingress: [], x: {}, y: '', z: {a: {}}}}",
       "{spec: {}}", ""},
      {"false is not absent", "{c: {allowPrivilegeEscalation: false}}", "{c: {}}",
       "c.allowPrivilegeEscalation"},
      {"amounts", "{limits: {cpu: 1000m, memory: 1Gi, nvidia.com/gpu: 1}}",
       "{limits: {cpu: '1', memory: 1024Mi, nvidia.com/gpu: '1'}}", ""},
      {"another amount", "{limits: {cpu: 1000m}}", "{limits: {cpu: '2'}}", "limits.cpu"},
      {"text is not an amount", "{env: [{name: A, value: 1000m}]}",
       "{env: [{name: A, value: '1'}]}", "env[A].value"},
      {"numbers of another type", "{a: 1}", "{a: 1.0}", ""},
      {"a container that somebody added", "{containers: [{name: ray, image: i}]}",
       "{containers: [{name: sidecar, image: s}, {name: ray, image: i, terminationMessagePath: "
       "x}]}",
       ""},
      {"a container's image", "{containers: [{name: ray, image: i}]}",
       "{containers: [{name: ray, image: j}]}", "containers[ray].image"},
      {"a container that is gone", "{containers: [{name: ray}, {name: log}]}",
       "{containers: [{name: ray}]}", "containers[log]"},
      {"a rule that somebody added to a policy", "{ingress: [{ports: [{protocol: TCP, port: 1}]}]}",
       "{ingress: [{ports: [{protocol: TCP, port: 1}]}, {}]}", "ingress"},
      {"a port that somebody added to a policy", "{ingress: [{ports: [{protocol: TCP, port: 1}]}]}",
       "{ingress: [{ports: [{protocol: TCP, port: 1}, {protocol: TCP, port: 2}]}]}",
       "ingress[0].ports"},
      {"another order of what has no names", "{args: [a, b]}", "{args: [b, a]}", "args[0]"},
      {"a volume mounted twice",
       "{mounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, subPath: x}]}",
       "{mounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, subPath: x}]}", ""},
      {"another owner", "{metadata: {ownerReferences: [{uid: a}]}}",
       "{metadata: {ownerReferences: [{uid: b}]}}", "metadata.ownerReferences[a]"},
  };
  for (const Row& row : table)
    EXPECT_EQ(first_difference(value(row.planned), value(row.live)), row.difference) << row.name;
}

TEST(Matches, WhatTheServerWritesDifferentlyIsKnownUntilEitherChanges) {
  doc::Value planned = value("{kind: Service, spec: {x: 1}}");
  doc::Value live =
      value("{kind: Service, metadata: {resourceVersion: '5'}, spec: {x: one}, status: {a: 1}}");
  doc::Value touched =
      value("{kind: Service, metadata: {resourceVersion: '6'}, spec: {x: one}, status: {a: 2}}");
  doc::Value edited = value("{kind: Service, metadata: {resourceVersion: '7'}, spec: {x: two}}");
  EXPECT_EQ(normalised(planned, live), normalised(planned, touched));
  EXPECT_NE(normalised(planned, live), normalised(planned, edited));
  // As a list gives it: without kind, and in another order.
  EXPECT_EQ(normalised(planned, value("{kind: X, apiVersion: v1, spec: {a: 1, b: {c: 2}}}")),
            normalised(planned, value("{spec: {b: {c: 2}, a: 1}}")));
  EXPECT_NE(normalised(planned, live), normalised(value("{kind: Service, spec: {x: 2}}"), live));
}

}  // namespace
}  // namespace raykeep::control
