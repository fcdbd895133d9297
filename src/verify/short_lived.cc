#include "verify/short_lived.h"

#include <algorithm>
#include <random>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/pod_trouble.h"
#include "plan/image.h"
#include "plan/mesh.h"
#include "plan/names.h"
#include "plan/restricted.h"

namespace raykeep::verify {
namespace {

using control::Access;
using control::name_of;

const kube::Kind job_kind{"batch/v1", "Job"};
constexpr std::string_view guest_label = "raykeep.io/guest";
constexpr int seconds_to_live = 150;
constexpr int seconds_after_end = 5;
constexpr auto between_looks = std::chrono::milliseconds(200);
constexpr auto patience_with_removal = std::chrono::seconds(30);

std::string random_run() {
  std::random_device device;
  return fmt::format("{:06x}", device() & 0xffffffu);
}

doc::Object metadata(const std::string& name, const std::string& ns, const std::string& run,
                     const std::string& guest) {
  return {{"name", name},
          {"namespace", ns},
          {"labels", doc::Object{{plan::managed_by_label, plan::managed_by},
                                 {short_lived_label, run},
                                 {guest_label, guest}}}};
}

doc::Object owned_by(const kube::Ref& owner, std::string_view uid) {
  return {{"apiVersion", owner.kind.api_version},
          {"kind", owner.kind.kind},
          {"name", owner.name},
          {"uid", uid}};
}

doc::Object pod_template(const std::string& run, Guest& guest) {
  doc::Object pod_metadata{{"labels", guest.labels}};
  doc::Object& labels = pod_metadata["labels"].get_object();
  labels[short_lived_label] = run;
  labels[guest_label] = guest.name;
  if (!guest.annotations.empty()) pod_metadata["annotations"] = guest.annotations;
  if (!guest.replicated) guest.pod_spec["restartPolicy"] = "Never";
  doc::Object made{{"metadata", std::move(pod_metadata)}, {"spec", std::move(guest.pod_spec)}};
  plan::leave_mesh(made);
  return made;
}

doc::Object workload(const std::string& name, const std::string& ns, const std::string& run,
                     Guest& guest) {
  doc::Object made{{"apiVersion", guest.replicated ? "apps/v1" : "batch/v1"},
                   {"kind", guest.replicated ? "ReplicaSet" : "Job"},
                   {"metadata", metadata(name, ns, run, guest.name)}};
  if (guest.replicated) {
    doc::Object selector{{short_lived_label, run}, {guest_label, guest.name}};
    made["spec"] = doc::Object{{"replicas", guest.pods},
                               {"selector", doc::Object{{"matchLabels", std::move(selector)}}},
                               {"template", pod_template(run, guest)}};
  } else {
    made["spec"] = doc::Object{{"activeDeadlineSeconds", seconds_to_live},
                               {"ttlSecondsAfterFinished", seconds_after_end},
                               {"backoffLimit", 0},
                               {"completions", guest.pods},
                               {"parallelism", guest.pods},
                               {"template", pod_template(run, guest)}};
  }
  return made;
}

doc::Object policy(const std::string& name, const std::string& ns, const std::string& run,
                   const std::string& guest, doc::Object spec, doc::Object owner) {
  doc::Object made{{"apiVersion", "networking.k8s.io/v1"},
                   {"kind", "NetworkPolicy"},
                   {"metadata", metadata(name, ns, run, guest)},
                   {"spec", std::move(spec)}};
  made["metadata"].get_object()["ownerReferences"] = doc::Array{std::move(owner)};
  return made;
}

bool first_container_runs(const doc::Value& pod) {
  const doc::Array& containers = control::list_at(pod, {"spec", "containers"});
  if (containers.empty()) return false;
  for (const doc::Value& status : control::list_at(pod, {"status", "containerStatuses"})) {
    if (doc::find_string(status, {"name"}) == doc::find_string(containers[0], {"name"}))
      return doc::find_object(status, {"state", "running"}) != nullptr;
  }
  return false;
}

/// How a pod that lives for seconds is seen; not whether it is ready, which it never is.
GuestPod guest_pod(const doc::Value& pod, const control::Observed& observed) {
  const doc::Array& containers = control::list_at(pod, {"spec", "containers"});
  GuestPod made{
      .guest = std::string(control::label_of(pod, guest_label)),
      .name = std::string(name_of(pod)),
      .ip = std::string(doc::find_string(pod, {"status", "podIP"})),
      .node = std::string(doc::find_string(pod, {"spec", "nodeName"})),
      .container = containers.empty() ? "" : std::string(doc::find_string(containers[0], {"name"})),
      .running = first_container_runs(pod)};
  if (!made.running) made.trouble = control::trouble_of(pod, observed);
  made.object = pod;
  return made;
}

}  // namespace

doc::Object probing_pod_spec(const spec::Site& site) {
  doc::Object container;
  container["name"] = "probe";
  container["image"] = plan::image_on_site(site.raykeep_image, site);
  if (!site.image_pull_policy.empty()) container["imagePullPolicy"] = site.image_pull_policy;
  container["command"] =
      doc::Array{"/raykeep", "probe", "--wait", fmt::format("{}s", seconds_to_live)};
  // A limit of 10m would have each of its starts take seconds.
  container["resources"] = doc::Object{
      {"limits", doc::Object{{"cpu", "250m"}, {"memory", "32Mi"}, {"ephemeral-storage", "16Mi"}}},
      {"requests", doc::Object{{"cpu", "50m"}, {"memory", "32Mi"}, {"ephemeral-storage", "16Mi"}}}};
  plan::make_restricted(container);
  doc::Object made;
  made["automountServiceAccountToken"] = false;
  made["enableServiceLinks"] = false;
  made["terminationGracePeriodSeconds"] = 1;
  // A condition that nobody sets: never ready, so in no Service's endpoints.
  made["readinessGates"] = doc::Array{doc::Object{{"conditionType", "raykeep.io/never"}}};
  doc::Object context{{"runAsNonRoot", true}};
  if (site.pods.run_as_user) context["runAsUser"] = *site.pods.run_as_user;
  if (site.pods.run_as_group) context["runAsGroup"] = *site.pods.run_as_group;
  context["seccompProfile"] = doc::Object{{"type", "RuntimeDefault"}};
  made["securityContext"] = std::move(context);
  made["containers"] = doc::Array{std::move(container)};
  doc::Array pull;
  for (const std::string& name : site.image_pull_secrets)
    pull.push_back(doc::Object{{"name", name}});
  if (!pull.empty()) made["imagePullSecrets"] = std::move(pull);
  if (!site.pods.service_account_name.empty())
    made["serviceAccountName"] = site.pods.service_account_name;
  return made;
}

doc::Object open_policy(const std::string& run, const std::string& guest, bool ingress,
                        bool egress) {
  doc::Object made;
  made["podSelector"] =
      doc::Object{{"matchLabels", doc::Object{{short_lived_label, run}, {guest_label, guest}}}};
  doc::Array types;
  if (ingress) {
    types.emplace_back("Ingress");
    made["ingress"] = doc::Array{doc::Object{}};
  }
  if (egress) {
    types.emplace_back("Egress");
    made["egress"] = doc::Array{doc::Object{}};
  }
  made["policyTypes"] = std::move(types);
  return made;
}

ShortLived::ShortLived(const Access& access, std::string ns)
    : access_(access), ns_(std::move(ns)), run_(random_run()) {}

awaitable<void> ShortLived::add(Guest guest) {
  const std::string name = fmt::format("raykeep-{}-{}", run_, guest.name);
  std::vector<doc::Object> policies = std::move(guest.policies);
  doc::Object object = workload(name, ns_, run_, guest);
  if (guest.replicated)
    object["metadata"].get_object()["ownerReferences"] =
        doc::Array{owned_by(made_.front().object, made_.front().uid)};
  // Noted before it is asked for: an answer that is lost must not leave the object behind.
  made_.push_back({.guest = guest.name,
                   .pods = guest.pods,
                   .object = kube::ref_of(object),
                   .uid = "",
                   .policies = {}});
  Made& made = made_.back();
  std::optional<doc::Value> created = co_await access_.client.create(object, access_.request());
  if (!created)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("create {}: there is one already", to_string(made.object)));
  made.uid = control::uid_of(*created);
  for (std::size_t i = 0; i < policies.size(); ++i) {
    std::string policy_name = policies.size() == 1 ? name : fmt::format("{}-{}", name, i);
    made.policies.push_back(policy_name);
    co_await access_.client.create(policy(policy_name, ns_, run_, guest.name,
                                          std::move(policies[i]), owned_by(made.object, made.uid)),
                                   access_.request());
  }
}

awaitable<std::vector<GuestPod>> ShortLived::look() {
  control::Observed observed;
  observed.ns = ns_;
  observed.pods = co_await control::list(access_, control::kinds::pod, ns_,
                                         fmt::format("{}={}", short_lived_label, run_));
  std::vector<GuestPod> seen;
  const bool all_run = std::ranges::all_of(observed.pods, first_container_runs);
  if (!all_run) {
    kube::List events =
        co_await access_.client.list(control::kinds::event, ns_, {}, access_.request());
    observed.events = std::move(events.items);
  }
  observed.at = control::wall_now();
  for (const doc::Value& pod : observed.pods) seen.push_back(guest_pod(pod, observed));
  for (const Made& made : made_) {
    auto there = std::ranges::count(seen, made.guest, &GuestPod::guest);
    for (auto missing = there; missing < made.pods; ++missing) {
      GuestPod none{.guest = made.guest};
      // What a controller could not make, its events tell.
      for (const doc::Value& event : observed.events) {
        if (doc::find_string(event, {"involvedObject", "uid"}) != made.uid) continue;
        if (doc::find_string(event, {"reason"}) != "FailedCreate") continue;
        none.trouble = control::Diagnosis{
            .object = fmt::format("{} {}", made.object.kind.kind, made.object.name),
            .reason = "Refused",
            .what = "its pod could not be made",
            .why = std::string(doc::find_string(event, {"message"})),
            .next = "",
            .hopeless = true,
            .refusal = true};
      }
      seen.push_back(std::move(none));
    }
  }
  co_return seen;
}

awaitable<std::vector<GuestPod>> ShortLived::wait(Deadline until) {
  for (;;) {
    std::vector<GuestPod> seen = co_await look();
    bool done = std::ranges::all_of(seen, [](const GuestPod& pod) {
      return (pod.running && !pod.ip.empty()) || (pod.trouble && pod.trouble->hopeless);
    });
    if (done || until.passed(access_.clock)) co_return seen;
    co_await control::pause(between_looks);
  }
}

awaitable<std::vector<std::string>> ShortLived::remove() {
  co_await boost::asio::this_coro::reset_cancellation_state();
  const Deadline until = Deadline::after(access_.clock, patience_with_removal);
  std::vector<std::string> left;
  for (const Made& made : made_) {
    try {
      // The pods go first, so that nothing is left when the Job is gone.
      co_await access_.client.remove(made.object, {.propagation = "Foreground"}, until);
      for (const std::string& name : made.policies)
        co_await access_.client.remove({control::kinds::network_policy, ns_, name}, {}, until);
    } catch (const Failure& failure) {
      left.push_back(fmt::format("{} ({})", to_string(made.object), failure.what()));
    }
  }
  const kube::Selector ours{.labels = fmt::format("{}={}", short_lived_label, run_)};
  for (bool gone = made_.empty(); !gone && left.empty();) {
    try {
      left.clear();
      for (const kube::Kind& kind :
           {job_kind, control::kinds::pod, control::kinds::network_policy}) {
        kube::List list = co_await access_.client.list(kind, ns_, ours, until);
        for (const doc::Value& item : list.items)
          left.push_back(fmt::format("{} {}", kind.kind, name_of(item)));
      }
    } catch (const Failure& failure) {
      left.push_back(failure.what());
    }
    gone = left.empty();
    if (gone || until.passed(access_.clock)) break;
    left.clear();
    co_await control::pause(between_looks);
  }
  made_.clear();
  co_return left;
}

}  // namespace raykeep::verify
