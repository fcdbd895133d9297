// What rules look for. One function for each meaning; where two engines mean the same by different
// names they share it, where they differ in a detail there are two, or a parameter. Every function
// appends what it finds and has no other effect.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/pod.h"

namespace raykeep::profile {

struct Fault {
  std::string pointer;
  std::string what;
};
using Faults = std::vector<Fault>;
using Words = std::span<const std::string_view>;

// --- host.cc: the node and its namespaces
void host_namespaces(const Pod& pod, bool network_too, Faults& faults);
void host_namespace(const Pod& pod, std::string_view field, Faults& faults);
void host_ports(const Pod& pod, std::int64_t least, std::int64_t most, Faults& faults);
void host_paths(const Pod& pod, Faults& faults);
void runtime_socket(const Pod& pod, std::string_view path, Faults& faults);
void hosts_of_probes(const Pod& pod, Faults& faults);
void windows_host_process(const Pod& pod, bool containers_only, Faults& faults);

// --- privilege.cc: what a process may do
void privileged(const Pod& pod, Faults& faults);
/// `unless_said`: only an explicit true is wrong.
void privilege_escalation(const Pod& pod, bool unless_said, Faults& faults);
void added_capabilities(const Pod& pod, Words allowed, bool any_case, Faults& faults);
/// One of these must be dropped by each container.
void undropped_capabilities(const Pod& pod, Words one_of, bool any_case, Faults& faults);
void proc_mount(const Pod& pod, Faults& faults);
void writable_root(const Pod& pod, bool usual_only, Faults& faults);

// --- users.cc: as whom
void root_user(const Pod& pod, Faults& faults);
/// `pod_too`: what the pod says must be true as well, even where each container says true itself.
void may_be_root(const Pod& pod, bool pod_too, Faults& faults);
void root_or_undecided_user(const Pod& pod, Faults& faults);
/// Users and groups from 1000 to 65536, and both said.
void ids_outside_range(const Pod& pod, Faults& faults);
/// A user or group that is not out of the numbers that OpenShift gives to namespaces.
void user_outside_openshift(const Pod& pod, Faults& faults);
void group_outside_openshift(const Pod& pod, Faults& faults);

// --- confinement.cc: seccomp, AppArmor, SELinux, sysctls
void seccomp_turned_off(const Pod& pod, Faults& faults);
void seccomp_not_set(const Pod& pod, bool pod_too, Faults& faults);
/// By the profile that each container has in the end; `absent_is_wrong`: that there is none, too.
void seccomp_in_effect(const Pod& pod, bool absent_is_wrong, Faults& faults);
void apparmor_fields(const Pod& pod, Faults& faults);
void apparmor_annotations(const Pod& pod, bool empty_is_good, Faults& faults);
/// By the profile that each container has in the end: the runtime's default and nothing else.
void apparmor_in_effect(const Pod& pod, Faults& faults);
void selinux_types(const Pod& pod, Words allowed, Faults& faults);
/// `said_at_all`: empty texts are wrong, too.
void selinux_users(const Pod& pod, bool said_at_all, Faults& faults);
void selinux_beyond_type(const Pod& pod, Words allowed, Faults& faults);
void selinux_options(const Pod& pod, Faults& faults);
void sysctls(const Pod& pod, Words allowed, Faults& faults);

// --- volumes.cc
void volume_kinds(const Pod& pod, Words allowed, Faults& faults);
void volume_kind(const Pod& pod, std::string_view kind, Faults& faults);

// --- containers.cc: resources, images, probes and what else stands in a container
struct Amount {
  std::string_view section;   // "limits"
  std::string_view resource;  // "memory"
};
/// `ephemeral_too`: also of ephemeral containers, which cannot have any.
void amounts(const Pod& pod, std::span<const Amount> wanted, bool ephemeral_too, Faults& faults);
void images_without_tag(const Pod& pod, bool after_last_slash, Faults& faults);
void images_with_tag(const Pod& pod, std::string_view tag, Faults& faults);
void images_named(const Pod& pod, std::string_view part, Faults& faults);
/// Of pods that are meant to stay: not of a Job's.
void no_probe_at_all(const Pod& pod, Faults& faults);
void missing_probes(const Pod& pod, Words wanted, Faults& faults);
void interactive(const Pod& pod, Faults& faults);
void mounted_token(const Pod& pod, Faults& faults);
void missing_label(const Pod& pod, std::string_view label, Faults& faults);

// --- plan_checks.cc: whole objects, alone or side by side
using Objects = std::span<const doc::Value>;
void default_namespace(const doc::Value& object, Faults& faults);
void service_type(const doc::Value& object, std::string_view type, Faults& faults);
void external_ips(const doc::Value& object, Faults& faults);
void ingress_at_all(const doc::Value& object, Faults& faults);
void ingress_without_host(const doc::Value& object, Faults& faults);
void ingress_with_wildcard(const doc::Value& object, Faults& faults);
void ingress_without_tls(const doc::Value& object, Faults& faults);
void secret_of_type(const doc::Value& object, std::string_view type, Faults& faults);
void removed_api(const doc::Value& object, Words versions, Faults& faults);
void binding_of(const doc::Value& object, std::string_view cluster_role, Faults& faults);
void binding_of_anyone(const doc::Value& object, Faults& faults);
void role_with_exec(const doc::Value& object, Faults& faults);
void same_selector(const doc::Value& object, Objects all, Faults& faults);
void blocking_budget(const doc::Value& object, Objects all, Faults& faults);
void unguarded_pods(const doc::Value& object, Objects all, Faults& faults);

}  // namespace raykeep::profile
