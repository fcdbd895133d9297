// The containers of a pod template, by the rules that the API server has for pods
// (pkg/apis/core/validation): the mistakes there would surface only as an event on a StatefulSet or
// Deployment that never gets a pod.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/groups.h"
#include "spec/names.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

/// Kubernetes' own resources end in no domain; anything else is a device that comes whole.
bool is_extended(std::string_view resource) {
  return resource.contains('/') && !resource.starts_with("kubernetes.io/") &&
         !resource.contains(".kubernetes.io/");
}

void check_resources(const Cursor& resources) {
  for (const char* kind : {"requests", "limits"}) {
    for (const auto& [name, at] : resources[kind].members()) {
      std::optional<Quantity> amount = quantity_of(at);
      if (!amount) continue;
      if (amount->is_negative()) {
        at.report("RK2206", fmt::format("{} is negative", describe(at.value())));
      } else if (is_extended(name) && amount->milli() % 1000 != 0) {
        at.report("RK2220",
                  fmt::format("{} of {} is not a whole number", describe(at.value()), name));
      }
      if (std::string wrong = wrong_with_label_key(name); !wrong.empty()) {
        at.report_key("RK2223", fmt::format("the resource's name {} {}", quoted(name), wrong));
      }
    }
  }
  for (const auto& [name, at] : resources["requests"].members()) {
    Cursor limit = resources["limits"][name];
    std::optional<Quantity> asked = quantity_of(at), most = quantity_of(limit);
    bool devices = is_extended(name);
    if (asked && most && *asked > *most) {
      at.report("RK2205",
                fmt::format("the request {} is above the limit {}", describe(at.value()),
                            describe(limit.value())),
                "lower the request or raise the limit");
    } else if (devices && asked && (!most || *asked != *most)) {
      at.report("RK2220", fmt::format("request and limit of {} differ", name),
                "write the same amount under limits");
    }
  }
}

/// Ray derives a node's size from its container.
void check_size_known(const Cursor& container) {
  Cursor resources = container["resources"];
  bool memory = resources["limits"]["memory"] || resources["requests"]["memory"];
  bool cpu = resources["limits"]["cpu"] || resources["requests"]["cpu"];
  if (memory && cpu) return;
  const char* lacking = memory ? "CPU amount"
                        : cpu  ? "memory limit"
                               : "CPU amount and no memory limit";
  (resources ? resources : container)
      .report(
          "RK2207",
          fmt::format("Ray's container has no {}: Ray takes the whole Kubernetes node for its own",
                      lacking),
          "write resources.limits for cpu and memory");
}

void check_ports(const Cursor& container) {
  std::set<std::string> names, numbers;
  for (const Cursor& port : container["ports"].items()) {
    Cursor number = port["containerPort"];
    std::optional<std::int64_t> value = number.integer();
    if (value && (*value < 1 || *value > 65535)) {
      number.report("RK2208", fmt::format("{} is not a port", *value),
                    "write a number from 1 to 65535");
    } else if (value &&
               !numbers.insert(fmt::format("{}/{}", *value, port["protocol"].text("TCP"))).second) {
      number.report("RK2209", fmt::format("port {} is in the list already", *value),
                    "remove one of them");
    }
    Cursor name = port["name"];
    if (!name || !name.value().is_string()) continue;
    if (std::string wrong = wrong_with_port_name(name.text()); !wrong.empty()) {
      name.report("RK2210", fmt::format("the port's name {} {}", quoted(name.text()), wrong));
    } else if (!names.insert(name.text()).second) {
      name.report("RK2202",
                  fmt::format("{} is the name of another port already", quoted(name.text())));
    }
  }
}

void check_environment(const Cursor& container) {
  std::set<std::string> names;
  for (const Cursor& variable : container["env"].items()) {
    Cursor name = variable["name"];
    if (!name || !name.value().is_string()) continue;
    if (std::string wrong = wrong_with_env_name(name.text()); !wrong.empty()) {
      name.report("RK2211", fmt::format("the variable's name {} {}", quoted(name.text()), wrong));
    }
    if (!names.insert(name.text()).second) {
      name.report("RK2221",
                  fmt::format("{} is set twice, and the last one wins", quoted(name.text())));
    }
    Cursor from = variable["valueFrom"];
    if (!from) continue;
    if (variable["value"] && !variable["value"].text().empty()) {
      from.report_key("RK2212", "value and valueFrom are both written", "keep one of them");
    }
    if (std::size_t sources = from.members().size(); sources != 1 && from.value().is_object()) {
      from.report("RK2212", fmt::format("valueFrom has {} sources, not one", sources));
    }
  }
}

void check_probe(const Cursor& probe) {
  if (!probe || !probe.value().is_object()) return;
  int ways = 0;
  for (const char* way : {"exec", "httpGet", "tcpSocket", "grpc"}) ways += probe[way] ? 1 : 0;
  if (ways != 1) {
    probe.report("RK2219", fmt::format("the probe asks in {} ways, not one", ways),
                 "write one of exec, httpGet, tcpSocket, grpc");
  }
  for (const char* count :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
        "failureThreshold", "terminationGracePeriodSeconds"}) {
    Cursor at = probe[count];
    if (at.integer().value_or(0) < 0)
      at.report("RK2005", fmt::format("{} is negative", *at.integer()));
  }
}

void check_image(const Cursor& container) {
  Cursor image = container["image"];
  if (!image) {
    if (container.value().is_object())
      container.report("RK2203", "the container has no image", "write image");
  } else if (image.value().is_string()) {
    std::string wrong = wrong_with_image(image.text());
    if (!wrong.empty())
      image.report("RK2204", fmt::format("the image {} {}", quoted(image.text()), wrong));
  }
}

void check_container(const Cursor& container, std::set<std::string>& names) {
  Cursor name = container["name"];
  if (name && name.value().is_string()) {
    if (std::string wrong = wrong_with_dns_label(name.text()); !wrong.empty()) {
      std::string better = as_dns_label(name.text());
      name.report("RK2201", fmt::format("the container's name {} {}", quoted(name.text()), wrong),
                  better.empty() ? "" : "write " + quoted(better));
    } else if (name.text() == "raykeep-agent") {
      name.report("RK2224", "raykeep-agent is the name of Raykeep's own container",
                  "choose another name");
    } else if (!names.insert(name.text()).second) {
      name.report("RK2202",
                  fmt::format("{} is the name of another container already", quoted(name.text())),
                  "choose another name");
    }
  }
  check_image(container);
  check_resources(container["resources"]);
  check_ports(container);
  check_environment(container);
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"})
    check_probe(container[probe]);
}

}  // namespace

void validate_containers(const Cursor& pod_template) {
  Cursor spec = pod_template["spec"];
  validate_labels(pod_template.at({"metadata", "labels"}), "RK2023");
  validate_annotations(pod_template.at({"metadata", "annotations"}), "RK2024");
  std::vector<Cursor> containers = spec["containers"].items();
  // Without `containers` the shape has its finding already.
  if (containers.empty() && pod_template && (!spec || spec["containers"])) {
    (spec ? spec["containers"] : pod_template)
        .report("RK2200", "the pod has no container", "write at least Ray's");
  }
  std::set<std::string> names;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Cursor& container : spec[list].items()) {
      if (container) check_container(container, names);
    }
  }
  if (!containers.empty() && containers[0] && containers[0].value().is_object())
    check_size_known(containers[0]);
  if (spec["ephemeralContainers"]) {
    spec["ephemeralContainers"].report_key("RK2222", "a template has no ephemeral containers",
                                           "remove them");
  }
  std::string restart = spec["restartPolicy"].text("Always");
  if (restart == "Never" || restart == "OnFailure") {
    spec["restartPolicy"].report("RK2218", fmt::format("restartPolicy {} becomes Always", restart),
                                 "remove it: a worker that ends is started again");
  }
}

}  // namespace raykeep::spec
