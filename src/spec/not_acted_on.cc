// What the document asks for and does not get in this release: every field of KubeRay's schema that
// is read and then left alone has its line here. A warning where the cluster would behave
// differently, a notice where only a controller that is not there would have read the field, an
// error where leaving it alone would be wrong.
#include <fmt/format.h>

#include "base/text.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

void of_autoscaling(const Cursor& spec) {
  Cursor on = spec["enableInTreeAutoscaling"];
  if (on.boolean()) {
    on.report("RK2400", "autoscaling is not acted on yet: every group runs at its replicas",
              "set replicas to what should run, and enableInTreeAutoscaling to false");
  } else if (spec["autoscalerOptions"]) {
    spec["autoscalerOptions"].report_key("RK2409", "autoscalerOptions are not acted on",
                                         "remove them");
  }
}

void of_ingress(const Cursor& head) {
  if (head["enableIngress"].boolean()) {
    head["enableIngress"].report(
        "RK2403", "no Ingress or Route is made",
        "make one for the Service <name>-head-svc, and name its controller in the Site's "
        "peers.submitters");
  } else if (head["ingressOptions"]) {
    head["ingressOptions"].report_key("RK2403", "ingressOptions are not acted on yet",
                                      "remove them");
  }
}

void of_groups(const std::vector<Cursor>& groups) {
  for (const Cursor& group : groups) {
    std::optional<std::int64_t> hosts = group["numOfHosts"].integer();
    if (hosts && *hosts > 1) {
      group["numOfHosts"].report(
          "RK2402", fmt::format("replicas of {} hosts cannot be honoured yet", *hosts),
          "use numOfHosts: 1 and more replicas if the pods need not stand and fall together");
    } else if (hosts && *hosts < 1) {
      group["numOfHosts"].report("RK2005", fmt::format("{} hosts make no replica", *hosts),
                                 "write 1");
    }
    if (group["idleTimeoutSeconds"]) {
      group["idleTimeoutSeconds"].report_key("RK2409", "idleTimeoutSeconds is not acted on yet",
                                             "remove it");
    }
    if (group["priority"].integer().value_or(0) != 0) {
      group["priority"].report_key("RK2409", "priority is not acted on yet", "remove it");
    }
    Cursor victims = group["scaleStrategy"]["workersToDelete"];
    if (victims && !victims.items().empty()) {
      victims.report_key(
          "RK2410", "workersToDelete is not acted on yet: the Deployment chooses which pod goes",
          "delete the pods yourself after lowering replicas");
    }
  }
}

void of_whole_cluster(const Cursor& spec) {
  if (spec["historyServerOptions"]) {
    spec["historyServerOptions"].report_key("RK2404", "no history collector runs beside Ray",
                                            "add it to the pod templates as a container");
  }
  if (spec["networkPolicy"]) {
    spec["networkPolicy"].report_key("RK2405",
                                     "Raykeep makes network policies of its own, exact to the port",
                                     "write further peers into the Site, under peers and egress");
  }
  if (spec["tlsOptions"]["enabled"].boolean()) {
    spec["tlsOptions"]["enabled"].report(
        "RK2406", "tlsOptions are not acted on: Ray's traffic is not encrypted by them",
        "encryption is the Site's affair, under tls");
  } else if (spec["tlsOptions"]) {
    spec["tlsOptions"].report_key("RK2406", "tlsOptions are not acted on", "remove them");
  }
  std::string upgrade = spec["upgradeStrategy"]["type"].text("None");
  if (spec["upgradeStrategy"]) {
    spec["upgradeStrategy"].report_key(
        "RK2407",
        fmt::format("upgradeStrategy {} is not acted on: changed templates roll "
                    "as StatefulSets and Deployments do",
                    upgrade),
        "remove it");
  }
  if (std::string by = spec["managedBy"].text("ray.io/kuberay-operator");
      by != "ray.io/kuberay-operator") {
    spec["managedBy"].report(
        "RK2408", fmt::format("managedBy {} is not acted on: the cluster runs here", quoted(by)),
        "do not bring the document up here if another cluster should run it");
  } else if (spec["managedBy"]) {
    spec["managedBy"].report_key(
        "RK2408", "managedBy names KubeRay's operator, and Raykeep runs the cluster",
        "remove it, and see that no KubeRay operator watches the namespace");
  }
}

void of_metadata(const Cursor& metadata) {
  for (const auto& [key, value] : metadata["labels"].members()) {
    if (key == "ray.io/gang-scheduling-enabled" || key == "ray.io/priority-class-name" ||
        key == "ray.io/scheduler-name") {
      value.report_key("RK2411", fmt::format("{} is not acted on: no PodGroup is made", key),
                       "put the scheduler's own labels and schedulerName into the pod templates");
    }
    constexpr std::string_view schedulers[] = {"kai.scheduler/", "volcano.sh/",
                                               "yunikorn.apache.org/", "kueue.x-k8s.io/"};
    bool schedulers_own = std::ranges::any_of(
        schedulers, [&](std::string_view prefix) { return key.starts_with(prefix); });
    if (schedulers_own) {
      value.report_key("RK2411",
                       fmt::format("{} is not acted on: it is not copied to the pods", key),
                       "put it into the labels of the pod templates");
    }
  }
  for (const char* key : {"finalizers", "ownerReferences"}) {
    if (metadata[key] && !metadata[key].items().empty()) {
      metadata[key].report_key("RK2412", fmt::format("{} of the document are not kept", key),
                               "remove them");
    }
  }
}

}  // namespace

void report_not_acted_on(const Cursor& root) {
  Cursor spec = root["spec"];
  of_autoscaling(spec);
  of_ingress(spec["headGroupSpec"]);
  of_groups(spec["workerGroupSpecs"].items());
  of_whole_cluster(spec);
  of_metadata(root["metadata"]);
}

}  // namespace raykeep::spec
