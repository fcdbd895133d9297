#include "control/pod_trouble.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/text.h"
#include "control/agent_report.h"
#include "control/fields.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using std::chrono::seconds;

// Ray's head takes 30 to 60 s to become ready on a busy machine (measured); sooner is no trouble.
constexpr seconds ordinary_start = seconds(120);
constexpr seconds ordinary_wait = seconds(60);

/// A pod under examination.
struct Patient {
  const doc::Value& pod;
  const Observed& observed;
  std::string name{name_of(pod)};

  Diagnosis diagnosis(std::string reason, std::string what, std::string why, std::string next,
                      bool hopeless = false) const {
    return {"Pod " + name, std::move(reason), std::move(what), std::move(why), std::move(next), 0,
            hopeless};
  }
  seconds since(std::string_view time) const {
    auto moment = parse_time(time);
    return moment ? observed.at - *moment : seconds(0);
  }
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return has(text, part); });
}

/// The message of the newest event about the pod with that reason; empty if there is none.
std::string_view event_message(const Patient& patient, std::string_view reason) {
  for (const doc::Value& event : patient.observed.events | std::views::reverse) {
    if (doc::find_string(event, {"involvedObject", "uid"}) == uid_of(patient.pod) &&
        doc::find_string(event, {"reason"}) == reason) {
      return doc::find_string(event, {"message"});
    }
  }
  return "";
}

std::vector<const doc::Value*> container_statuses(const doc::Value& pod) {
  std::vector<const doc::Value*> all;
  for (std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
    for (const doc::Value& each : list_at(pod, {"status", list})) all.push_back(&each);
  }
  return all;
}

std::string_view image_of(const Patient& patient, std::string_view container) {
  for (std::string_view list : {"initContainers", "containers"}) {
    for (const doc::Value& each : list_at(patient.pod, {"spec", list})) {
      if (doc::find_string(each, {"name"}) == container) return doc::find_string(each, {"image"});
    }
  }
  return "";
}

std::string_view memory_limit_of(const Patient& patient, std::string_view container) {
  for (const doc::Value& each : list_at(patient.pod, {"spec", "containers"})) {
    if (doc::find_string(each, {"name"}) == container)
      return doc::find_string(each, {"resources", "limits", "memory"});
  }
  return "";
}

/// The part of a long chain of causes that says something: "rpc error: code = NotFound desc =
/// failed to ..." ends with the reason.
std::string pull_reason(std::string_view message) {
  std::size_t rpc = message.find("desc = ");
  if (rpc != std::string_view::npos) message.remove_prefix(rpc + 7);
  return std::string(message);
}

std::string pull_remedy(std::string_view why, std::string_view image) {
  if (has_any(why, {"x509", "certificate"})) {
    return "the node does not trust the registry's certificate; its administrators must add the "
           "authority";
  }
  if (has_any(why, {"unauthorized", "authentication required", "authorization failed", "403",
                    "no basic auth", "access denied"})) {
    return "name a pull secret in the Site's imagePullSecrets (kubectl create secret "
           "docker-registry ...)";
  }
  if (has_any(why, {"no such host", "i/o timeout", "connection refused", "network is unreachable",
                    "no route to host", "dial tcp", "Temporary failure"})) {
    return "the node cannot reach the registry; set the Site's registry to the mirror that nodes "
           "can reach";
  }
  if (has_any(why, {"not found", "manifest unknown", "NotFound"})) {
    return fmt::format("check the name {}, or push the image to its registry", image);
  }
  return "kubectl describe pod shows the whole message";
}

std::optional<Diagnosis> image_trouble(const Patient& patient, const doc::Value& status) {
  std::string_view reason = doc::find_string(status, {"state", "waiting", "reason"});
  std::string_view message = doc::find_string(status, {"state", "waiting", "message"});
  std::string image(image_of(patient, doc::find_string(status, {"name"})));
  if (reason == "InvalidImageName") {
    return patient.diagnosis(
        "InvalidImageName", fmt::format("the image name {} makes no sense", quoted(image, 200)),
        std::string(message), "write registry/name:tag in the document's pod template", true);
  }
  if (reason == "ErrImageNeverPull") {
    return patient.diagnosis(
        "ImageNeverPull",
        fmt::format("the image {} is not on node {}, and its pull policy is Never", image,
                    doc::find_string(patient.pod, {"spec", "nodeName"})),
        "", "load the image on the node, or set imagePullPolicy: IfNotPresent");
  }
  if (reason != "ErrImagePull" && reason != "ImagePullBackOff" && reason != "RegistryUnavailable" &&
      reason != "ImageInspectError")
    return std::nullopt;
  std::string_view told = event_message(patient, "Failed");
  if (has(told, "ImagePullBackOff") || has(told, "ErrImagePull")) told = "";
  std::string why = pull_reason(!told.empty() ? told : message);
  return patient.diagnosis("ImagePull", fmt::format("the image {} cannot be pulled", image), why,
                           pull_remedy(why, image));
}

std::optional<Diagnosis> config_trouble(const Patient& patient, const doc::Value& status) {
  std::string_view reason = doc::find_string(status, {"state", "waiting", "reason"});
  std::string message(doc::find_string(status, {"state", "waiting", "message"}));
  std::string container(doc::find_string(status, {"name"}));
  if (reason == "CreateContainerConfigError") {
    std::string next = "create it, or take the reference out of the document's pod template";
    if (has(message, "runAsNonRoot") || has(message, "non-numeric user")) {
      next = "set pods.runAsUser in the Site, or use an image with a numeric user that is not root";
      return patient.diagnosis(
          "RunAsNonRoot",
          fmt::format("container {} would run as root, which the namespace forbids", container),
          message, next, true);
    }
    return patient.diagnosis(
        "ContainerConfig",
        fmt::format("container {} refers to something that is not there", container), message,
        next);
  }
  if (reason == "CreateContainerError" || reason == "RunContainerError" ||
      reason == "PostStartHookError") {
    return patient.diagnosis(
        "ContainerStart", fmt::format("container {} cannot be started", container), message,
        "check command, mounts and security context in the document's pod template");
  }
  return std::nullopt;
}

/// Without the escape sequences by which programs colour their lines.
std::string without_colours(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    bool sequence = line[at] == '\x1b' && at + 1 < line.size() && line[at + 1] == '[';
    if (!sequence) {
      out += line[at];
      continue;
    }
    at = line.find_first_not_of("0123456789;", at + 2);
    if (at == std::string_view::npos) break;
  }
  return out;
}

/// The last lines of a container's log that say something, as one line.
std::string last_words(const Patient& patient, std::string_view container) {
  auto found = patient.observed.logs.find(fmt::format("{}/{}", patient.name, container));
  if (found == patient.observed.logs.end()) return "";
  std::vector<std::string> lines;
  for (std::string_view line : split(found->second, '\n')) {
    std::string bare = without_colours(line);
    if (!trim(bare).empty()) lines.emplace_back(trim(bare));
  }
  if (lines.size() > 3) lines.erase(lines.begin(), lines.end() - 3);
  return join(lines, " | ");
}

/// Ray's own words for a GCS that cannot be reached (ray/_private/utils, gcs_client, raylet main).
bool cannot_reach_head(std::string_view log) {
  return has_any(
      log, {"Failed to connect to GCS", "failed to connect to GCS", "Unable to connect to GCS",
            "Timed out while waiting for GCS", "GCS server at", "unable to connect to the head",
            "Failed to get cluster ID from GCS", "Could not connect to GCS"});
}

bool is_worker(const Patient& patient) {
  return label_of(patient.pod, "ray.io/node-type") == "worker";
}

/// Is the head ready, and long enough for a worker to have tried again? Ray does every 5 s, in
/// rounds of 30 s.
bool head_serves(const Patient& patient) {
  return std::ranges::any_of(patient.observed.pods, [&](const doc::Value& pod) {
    if (label_of(pod, "ray.io/node-type") != "head" || !is_ready(pod)) return false;
    return patient.since(doc::find_string(*condition(pod, "Ready"), {"lastTransitionTime"})) >
           seconds(40);
  });
}

std::optional<Diagnosis> unreachable_head(const Patient& patient, std::string_view container) {
  auto found = patient.observed.logs.find(fmt::format("{}/{}", patient.name, container));
  if (!is_worker(patient) || found == patient.observed.logs.end() ||
      !cannot_reach_head(found->second))
    return std::nullopt;
  if (!head_serves(patient)) return std::nullopt;  // it waits for the head, as it should
  bool dns = has_any(found->second, {"Name or service not known", "name resolution",
                                     "DNS resolution failed", "Domain name not found"});
  return patient.diagnosis(
      "HeadUnreachable",
      dns ? "the worker cannot find the head's name in DNS"
          : "the worker cannot reach the head's GCS",
      last_words(patient, container),
      dns ? "check that the Site's dns names the cluster's name servers and their ports"
          : "the head is ready, so a network policy stands between them: raykeep up again, then "
            "look at the namespace's own policies");
}

std::string way_of_ending(const doc::Value& ended, std::string_view limit) {
  std::int64_t code = integer_at(ended, {"exitCode"});
  std::int64_t signal = integer_at(ended, {"signal"}, code > 128 && code < 160 ? code - 128 : 0);
  if (doc::find_string(ended, {"reason"}) == "OOMKilled")
    return fmt::format("used more memory than its limit{}{} and was killed",
                       limit.empty() ? "" : " of ", limit);
  if (signal == 9) return "was killed (signal 9)";
  if (signal != 0) return fmt::format("ended with signal {}", signal);
  if (code == 127) return "ended with exit code 127: its command is not in the image";
  if (code == 126) return "ended with exit code 126: its command cannot be executed";
  return fmt::format("ended with exit code {}", code);
}

std::optional<Diagnosis> crash_trouble(const Patient& patient, const doc::Value& status) {
  bool loops = doc::find_string(status, {"state", "waiting", "reason"}) == "CrashLoopBackOff";
  const doc::Value* now = doc::find(status, {"state", "terminated"});
  const doc::Value* before = doc::find(status, {"lastState", "terminated"});
  const doc::Value* ended = now != nullptr ? now : before;
  if (true_at(status, {"ready"}) || ended == nullptr) return std::nullopt;
  if (!loops && integer_at(*ended, {"exitCode"}) == 0) return std::nullopt;
  std::string container(doc::find_string(status, {"name"}));
  if (auto head = unreachable_head(patient, container)) return head;
  std::int64_t restarts = integer_at(status, {"restartCount"});
  bool oom = doc::find_string(*ended, {"reason"}) == "OOMKilled";
  std::string what = fmt::format("container {} {}", container,
                                 way_of_ending(*ended, memory_limit_of(patient, container)));
  if (restarts > 0)
    what += fmt::format(", {} restart{} so far", restarts, restarts == 1 ? "" : "s");
  std::string why = last_words(patient, container);
  if (why.empty()) why = std::string(trim(doc::find_string(*ended, {"message"})));
  std::string next =
      oom ? "raise the memory limit in the document's pod template, or give Ray less to hold"
          : fmt::format("kubectl logs {} -c {} --previous -n {}", patient.name, container,
                        patient.observed.ns);
  return patient.diagnosis(oom ? "OutOfMemory" : "Crash", what, why, next);
}

/// The scheduler's sentence up to what it says about preemption.
std::string scheduling_reason(std::string_view message) {
  for (std::string_view rest : {". preemption:", ". no new claims to deallocate"}) {
    message = message.substr(0, message.find(rest));
  }
  return std::string(trim(message));
}

std::optional<Diagnosis> scheduling_trouble(const Patient& patient) {
  const doc::Value* scheduled = condition(patient.pod, "PodScheduled");
  if (scheduled == nullptr || doc::find_string(*scheduled, {"status"}) != "False")
    return std::nullopt;
  std::string why = scheduling_reason(doc::find_string(*scheduled, {"message"}));
  if (doc::find_string(*scheduled, {"reason"}) == "SchedulingGated") {
    return patient.diagnosis("Gated", "a scheduling gate holds the pod back", why,
                             "the queue or controller that set the gate must open it");
  }
  std::string next =
      "compare the pod template's nodeSelector, affinity and tolerations with the nodes";
  if (has(why, "Insufficient "))
    next = "lower the requests in the document, or wait until nodes have room";
  else if (has(why, "persistentvolumeclaim") || has(why, "PersistentVolume"))
    next = "look at the claim: kubectl describe pvc";
  else if (has(why, "untolerated taint"))
    next = "add the tolerations for these taints to the document's pod template";
  return patient.diagnosis("Unschedulable", "no node takes the pod", why, next);
}

bool is_waiting_to_be_created(const Patient& patient) {
  return std::ranges::any_of(container_statuses(patient.pod), [](const doc::Value* status) {
    std::string_view reason = doc::find_string(*status, {"state", "waiting", "reason"});
    return reason == "ContainerCreating" || reason == "PodInitializing";
  });
}

std::optional<Diagnosis> mount_trouble(const Patient& patient) {
  if (!is_waiting_to_be_created(patient)) return std::nullopt;
  for (std::string_view reason : {"FailedMount", "FailedAttachVolume"}) {
    std::string_view message = event_message(patient, reason);
    if (message.empty()) continue;
    // The kubelet has not seen the Secret or ConfigMap yet, and asks again by itself.
    if (has(message, "failed to sync") && has(message, "cache")) continue;
    if (has(message, plan::authority_name))
      return patient.diagnosis("NoAuthority", "nobody has made the authority of Ray's own TLS yet",
                               std::string(message),
                               "the controller does: raykeep controller install --site FILE");
    bool token = has(message, "secret \"") && has(message, "ray-token");
    return patient.diagnosis(
        "Mount", "a volume cannot be mounted", std::string(message),
        token ? "raykeep up makes the token's Secret; with raykeep render, create it as its first "
                "lines say"
              : "create what the volume refers to, or take it out of the document's pod template");
  }
  std::string_view sandbox = event_message(patient, "FailedCreatePodSandBox");
  if (!sandbox.empty() &&
      patient.since(doc::find_string(patient.pod, {"status", "startTime"})) > seconds(20)) {
    return patient.diagnosis(
        "Sandbox",
        fmt::format("node {} cannot give the pod its network",
                    doc::find_string(patient.pod, {"spec", "nodeName"})),
        pull_reason(sandbox),
        "Kubernetes tries again; if it stays, the people who run the node must look");
  }
  return std::nullopt;
}

std::optional<Diagnosis> failed_phase(const Patient& patient) {
  if (doc::find_string(patient.pod, {"status", "phase"}) != "Failed") return std::nullopt;
  std::string_view reason = doc::find_string(patient.pod, {"status", "reason"});
  if (reason.empty()) return std::nullopt;  // its containers say why
  return patient.diagnosis(std::string(reason),
                           fmt::format("the pod was ended by its node: {}", reason),
                           std::string(doc::find_string(patient.pod, {"status", "message"})),
                           "its controller makes another; if it repeats, look at the node");
}

/// What the head's agent says of itself; nothing of another pod, or where it could not be asked.
std::optional<AgentReport> agent_of(const Patient& patient) {
  if (label_of(patient.pod, "ray.io/node-type") != "head" || patient.observed.agent.is_null())
    return std::nullopt;
  return read_agent_report(patient.observed.agent);
}

/// The head's Redis: what a person must mend there is told at once, and one that is merely away
/// only when it stays away.
std::optional<Diagnosis> store_trouble(const Patient& patient, const AgentReport& agent,
                                       seconds runs) {
  if (agent.store_problem.empty() || (!agent.store_needs_mending && runs <= ordinary_wait))
    return std::nullopt;
  return patient.diagnosis("Storage", "the head cannot use its Redis", agent.store_problem,
                           "mend that; the head looks again by itself, nothing needs a restart",
                           agent.store_needs_mending);
}

std::optional<Diagnosis> not_ready_trouble(const Patient& patient) {
  const std::optional<AgentReport> agent = agent_of(patient);
  for (const doc::Value& status : list_at(patient.pod, {"status", "containerStatuses"})) {
    std::string_view started = doc::find_string(status, {"state", "running", "startedAt"});
    if (true_at(status, {"ready"}) || started.empty()) continue;
    std::string container(doc::find_string(status, {"name"}));
    seconds runs = patient.since(started);
    if (agent) {
      if (auto store = store_trouble(patient, *agent, runs)) return store;
    }
    if (runs > ordinary_wait) {
      if (auto head = unreachable_head(patient, container)) return head;
    }
    if (runs <= ordinary_start) continue;
    std::string why = agent && !agent->reason.empty()
                          ? agent->reason
                          : std::string(event_message(patient, "Unhealthy"));
    if (std::string words = last_words(patient, container); !words.empty())
      why += (why.empty() ? "" : "; its log ends: ") + words;
    return patient.diagnosis(
        "NotReady",
        fmt::format("container {} runs and is not ready ({})", container, age_text(runs)), why,
        fmt::format("kubectl logs {} -c {} -n {}", patient.name, container, patient.observed.ns));
  }
  return std::nullopt;
}

std::optional<Diagnosis> nobody_cares(const Patient& patient) {
  bool pending = doc::find_string(patient.pod, {"status", "phase"}) == "Pending";
  bool placed = !doc::find_string(patient.pod, {"spec", "nodeName"}).empty();
  seconds age = patient.since(doc::find_string(patient.pod, {"metadata", "creationTimestamp"}));
  if (!pending || age <= ordinary_wait) return std::nullopt;
  if (!placed && condition(patient.pod, "PodScheduled") == nullptr) {
    std::string scheduler(doc::find_string(patient.pod, {"spec", "schedulerName"}));
    return patient.diagnosis("NoScheduler",
                             fmt::format("no scheduler has looked at the pod ({})", age_text(age)),
                             "", fmt::format("check that the scheduler {} runs", scheduler));
  }
  if (placed && container_statuses(patient.pod).empty()) {
    return patient.diagnosis(
        "NodeSilent",
        fmt::format("node {} has not begun with the pod ({})",
                    doc::find_string(patient.pod, {"spec", "nodeName"}), age_text(age)),
        "", "the people who run the node must look at its kubelet");
  }
  return std::nullopt;
}

std::optional<Diagnosis> leaving_trouble(const Patient& patient) {
  // deletionTimestamp already holds the grace period.
  seconds late = patient.since(doc::find_string(patient.pod, {"metadata", "deletionTimestamp"}));
  if (late <= seconds(30)) return std::nullopt;
  std::string node(doc::find_string(patient.pod, {"spec", "nodeName"}));
  const doc::Array& finalizers = list_at(patient.pod, {"metadata", "finalizers"});
  if (!finalizers.empty()) {
    return patient.diagnosis(
        "Finalizer", fmt::format("the pod should be gone ({})", age_text(late)),
        fmt::format("the finalizer {} holds it", doc::write_json(finalizers[0])),
        "whoever set the finalizer must take it away");
  }
  return patient.diagnosis(
      "NodeLost",
      fmt::format("the pod should be gone ({}), and node {} does not confirm it", age_text(late),
                  node),
      "",
      fmt::format("if the node is known to be off: kubectl delete pod {} -n {} --force",
                  patient.name, patient.observed.ns));
}

}  // namespace

std::optional<Diagnosis> trouble_of(const doc::Value& pod, const Observed& observed) {
  Patient patient{pod, observed};
  if (is_going(pod)) return leaving_trouble(patient);
  if (is_ready(pod)) return std::nullopt;
  if (auto found = scheduling_trouble(patient)) return found;
  for (const doc::Value* status : container_statuses(pod)) {
    if (auto found = image_trouble(patient, *status)) return found;
    if (auto found = config_trouble(patient, *status)) return found;
    if (auto found = crash_trouble(patient, *status)) return found;
  }
  if (auto found = failed_phase(patient)) return found;
  if (auto found = mount_trouble(patient)) return found;
  if (auto found = not_ready_trouble(patient)) return found;
  return nobody_cares(patient);
}

std::string stage_of(const doc::Value& pod, const Observed& observed) {
  Patient patient{pod, observed};
  if (is_going(pod)) return "ending";
  if (is_ready(pod)) return "ready";
  if (doc::find_string(pod, {"spec", "nodeName"}).empty()) return "waiting for a node";
  for (const doc::Value* status : container_statuses(pod)) {
    std::string_view waiting = doc::find_string(*status, {"state", "waiting", "reason"});
    if (waiting.empty() || waiting == "ContainerCreating" || waiting == "PodInitializing") continue;
    return std::string(waiting);
  }
  for (const doc::Value& status : list_at(pod, {"status", "initContainerStatuses"})) {
    if (doc::find(status, {"state", "running"}) != nullptr)
      return fmt::format("init container {}", doc::find_string(status, {"name"}));
  }
  if (is_waiting_to_be_created(patient) || container_statuses(pod).empty()) {
    bool pulling =
        !event_message(patient, "Pulling").empty() && event_message(patient, "Pulled").empty();
    return pulling ? "pulling image" : "creating containers";
  }
  return "starting";
}

}  // namespace raykeep::control
