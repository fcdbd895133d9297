// The rules that a RayCluster must keep beyond its shape, one function a topic. Each reports at the
// place of the mistake and looks at all of its topic. KubeRay's rules are those of its 1.7
// utils/validation.go; Raykeep's own come from what the objects it makes can bear.
#pragma once

#include <optional>
#include <string_view>

#include "spec/quantity.h"
#include "spec/reader.h"

namespace raykeep::spec {

/// All of the below.
void validate(const Cursor& root);

/// metadata: names short enough for every label that Kubernetes makes of them, labels, annotations.
void validate_metadata(const Cursor& metadata);

/// A group's rayStartParams one by one, and its resources: known options, readable values, sizes
/// that fit.
void validate_start_params(const Cursor& group, bool head);

/// A group's ports together: one owner each, none among the worker ports.
void validate_ports(const Cursor& group, bool head);

/// The pod template's containers: names, images, resources, ports, variables, probes.
void validate_containers(const Cursor& pod_template);

/// Its volumes, and the mounts that need them.
void validate_volumes(const Cursor& pod_template);

/// What the Pod Security standard "restricted" forbids (k8s.io/pod-security-admission 0.34), since
/// the namespaces that Raykeep is for enforce it. What the standard wants written and the document
/// leaves out, the plan writes.
void validate_restricted(const Cursor& pod_template);

/// rayVersion, and what depends on it: token authentication, the images' tags.
void validate_version(const Cursor& spec);

/// The head's Service.
void validate_head_service(const Cursor& head);

/// gcsFaultToleranceOptions and its older spellings: KubeRay's rules.
void validate_fault_tolerance(const Cursor& root);

/// KubeRay's rules for the features that Raykeep does not act on yet: a document that KubeRay
/// refuses is refused.
void validate_features(const Cursor& root);

/// A finding for each thing the document asks for and does not get.
void report_not_acted_on(const Cursor& root);

/// A whole number that is not negative, in the text of a start parameter.
std::optional<std::int64_t> whole_number(std::string_view text);

/// KubeRay puts values unquoted on a shell's command line, so people quote them themselves: '{"a":
/// 1}'.
std::string_view without_shell_quotes(std::string_view text);

/// The first container of a group's template: Ray's.
Cursor ray_container(const Cursor& group);

/// The entry of its env with this name; absent if there is none.
Cursor ray_variable(const Cursor& group, std::string_view name);

/// The amount at a cursor, if one can be read.
std::optional<Quantity> quantity_of(const Cursor& at);

}  // namespace raykeep::spec
