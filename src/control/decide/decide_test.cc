// The decision as a table: a cluster that is well, one change, and what follows with its reason.
#include "control/decide/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace raykeep::decide {
namespace {

using std::chrono::minutes;

const Time now = Time(std::chrono::hours(1000));
Time ago(seconds span) { return now - span; }

struct Case {
  Observed seen;
  Desired want;
};

/// A cluster with its GCS in Redis, one head, three workers: all is well.
Case well() {
  Case made;
  made.seen.owner_uid = "o1";
  made.seen.objects = {{.name = "NetworkPolicy demo-head"},
                       {.name = "StatefulSet demo-head", .head = true},
                       {.name = "Deployment demo-worker-a"}};
  made.seen.head = Pod{.name = "demo-head-0", .uid = "h1", .node = "n1"};
  made.seen.answer = Answer::answers;
  made.seen.fence = {.storage = Storage::redis,
                     .on_road = true,
                     .lease = Fence::Lease::held,
                     .holder = "h1",
                     .epoch_known = true};
  for (const char* name : {"a", "b", "c"}) {
    made.seen.workers.push_back({.name = name, .uid = std::string("u") + name, .node = "n2"});
    made.seen.worker_lost_since.push_back(now);
  }
  made.seen.head_says_since = ago(minutes(10));
  made.seen.notes = {{.name = "raykeep-cleanup-demo", .owner_uid = "o1"}};
  made.seen.settled = true;
  made.want.keeps_keys = true;
  return made;
}

/// The head's node is lost: no answer for ten seconds, the lease free for five.
Case lost() {
  Case made = well();
  made.seen.answer = Answer::silent;
  made.seen.silent_since = ago(seconds(10));
  made.seen.fence.lease = Fence::Lease::free;
  made.seen.fence.holder = "";
  made.seen.free_since = ago(seconds(5));
  made.seen.settled = false;
  return made;
}

/// Its pod was asked to end, and its node has not confirmed for a minute.
Case overdue() {
  Case made = lost();
  made.seen.head->going = true;
  made.seen.head->grace = seconds(3);
  made.seen.head_going_since = ago(minutes(1));
  made.seen.avoided_node = "n1";
  return made;
}

/// The same with the GCS on a volume whose claim says that detaching cuts a node off.
Case on_volume(Case made) {
  made.seen.fence = {.storage = Storage::rocksdb, .detach_cuts = true};
  made.seen.free_since = std::nullopt;
  made.seen.notes.clear();
  made.want.keeps_keys = false;
  return made;
}

Case with(Case made, const std::function<void(Observed&)>& change) {
  change(made.seen);
  return made;
}

Case wanting(Case made, const std::function<void(Desired&)>& change) {
  change(made.want);
  return made;
}

std::string actions_of(const Decision& decision) {
  std::string text;
  for (const Action& action : decision.actions)
    text += (text.empty() ? "" : "\n") + to_string(action);
  return text;
}

constexpr const char* lease_gone =
    "its lease in Redis has run out, and Redis refuses its writes once another took it";
constexpr const char* detached =
    "its volume is detached before another head gets it, which cuts it off";

std::string ask(const char* fence = lease_gone) {
  return std::string(
             "avoid node n1: the scheduler does not know yet that the node is lost\n"
             "ask to end Pod demo-head-0: the head on node n1 does not answer, and ") +
         fence;
}
std::string force(const char* fence = lease_gone) {
  return std::string(
             "force-delete Pod demo-head-0: node n1 does not confirm the head's end, and ") +
         fence;
}
const std::string avoid_first =
    "avoid node n1: the scheduler does not know yet that the node is lost\n";

struct Row {
  const char* name;
  Case given;
  std::string actions;    // all of them, each with its reason
  const char* condition;  // "Type=Status Reason" of the one that tells
};

std::vector<Row> head_rows() {
  using Says = PodSays;
  return {
      {"a cluster that is well is left alone", well(), "", "Ready=True Ready"},
      {"no head pod: its StatefulSet makes it",
       with(well(),
            [](auto& s) {
              s.head.reset();
              s.answer = Answer::unasked;
              s.settled = false;
            }),
       "", "HeadAnswers=False HeadMissing"},
      {"a head that was not asked yet", with(well(), [](auto& s) { s.answer = Answer::unasked; }),
       "", "HeadAnswers=Unknown HeadNotAsked"},
      {"a head without a node waits for the scheduler",
       with(well(),
            [](auto& s) {
              s.answer = Answer::unasked;
              s.head->says = Says::unplaced;
            }),
       "", "HeadAnswers=False HeadUnplaced"},
      {"a head whose containers are being made is its kubelet's business",
       with(lost(), [](auto& s) { s.head->says = Says::starting; }), "",
       "HeadAnswers=False HeadStarting"},
      {"a head that has ended is its StatefulSet's business",
       with(lost(), [](auto& s) { s.head->says = Says::ended; }), "",
       "HeadAnswers=False HeadEnded"},
      {"refused: the node lives and starts the container again",
       with(lost(), [](auto& s) { s.answer = Answer::refused; }), "",
       "HeadAnswers=False HeadRestarting"},
      {"silent for a moment: wait", with(lost(), [](auto& s) { s.silent_since = ago(seconds(4)); }),
       "", "HeadAnswers=False HeadSilent"},
      {"silent, and the lease has just run out: wait",
       with(lost(), [](auto& s) { s.free_since = ago(seconds(1)); }), "",
       "HeadAnswers=False HeadSilent"},
      {"silent and lease free: its node is asked", lost(), ask(), "HeadAnswers=False HeadAsked"},
      {"a node that is avoided already is not avoided again",
       with(lost(), [](auto& s) { s.avoided_node = "n1"; }),
       "ask to end Pod demo-head-0: the head on node n1 does not answer, and " +
           std::string(lease_gone),
       "HeadAnswers=False HeadAsked"},
      {"another node was avoided before: now this one",
       with(lost(), [](auto& s) { s.avoided_node = "n7"; }), ask(), "HeadAnswers=False HeadAsked"},
      {"the kubelet said not ready, so it acts: wait longer",
       with(lost(),
            [](auto& s) {
              s.head->says = Says::not_ready;
              s.silent_since = ago(seconds(50));
            }),
       "", "HeadAnswers=False HeadSilent"},
      {"the kubelet said not ready a minute ago and nothing followed",
       with(lost(),
            [](auto& s) {
              s.head->says = Says::not_ready;
              s.silent_since = ago(seconds(61));
            }),
       ask(), "HeadAnswers=False HeadAsked"},
      {"Kubernetes itself gave up on the node",
       with(lost(), [](auto& s) { s.head->says = Says::node_lost; }), ask(),
       "HeadAnswers=False HeadAsked"},
      {"Kubernetes gave up on the node and the address refuses: nobody starts the container again",
       with(lost(),
            [](auto& s) {
              s.head->says = Says::node_lost;
              s.answer = Answer::refused;
            }),
       ask(), "HeadAnswers=False HeadAsked"},
      {"Kubernetes gave up on the node and the head answers: it serves",
       with(well(), [](auto& s) { s.head->says = Says::node_lost; }), "",
       "HeadAnswers=True HeadAnswers"},
      {"the kubelet never began with the pod: wait a little",
       with(lost(),
            [](auto& s) {
              s.answer = Answer::unasked;
              s.head->says = Says::unacknowledged;
              s.head_says_since = ago(seconds(9));
            }),
       "", "HeadAnswers=False HeadUnacknowledged"},
      {"the kubelet never began with the pod: its node is lost, too",
       with(lost(),
            [](auto& s) {
              s.answer = Answer::unasked;
              s.head->says = Says::unacknowledged;
              s.head_says_since = ago(seconds(10));
            }),
       avoid_first + "ask to end Pod demo-head-0: node n1 does not begin with the pod, and " +
           lease_gone,
       "HeadAnswers=False HeadAsked"},
      {"a third fail-over in ten minutes waits longer",
       with(lost(), [](auto& s) { s.recent_failovers = 2; }), "", "HeadAnswers=False HeadSilent"},
      {"and comes in the end",
       with(lost(),
            [](auto& s) {
              s.recent_failovers = 2;
              s.silent_since = ago(seconds(20));
            }),
       ask(), "HeadAnswers=False HeadAsked"},
      {"the wait for repeats ends at five minutes",
       with(lost(),
            [](auto& s) {
              s.recent_failovers = 40;
              s.silent_since = ago(seconds(300));
            }),
       ask(), "HeadAnswers=False HeadAsked"},
  };
}

std::vector<Row> fence_rows() {
  return {
      {"the head renews its lease: something stands between it and us",
       with(lost(),
            [](auto& s) {
              s.silent_since = ago(seconds(60));
              s.fence.lease = Fence::Lease::held;
              s.fence.holder = "h1";
            }),
       "", "HeadAnswers=False HeadHoldsLease"},
      {"it held the lease when it fell silent, and that has not had time to run out",
       with(lost(),
            [](auto& s) {
              s.silent_since = ago(seconds(9));
              s.fence.lease = Fence::Lease::held;
              s.fence.holder = "h1";
            }),
       "", "HeadAnswers=False HeadSilent"},
      {"the same after Kubernetes gave up on its node",
       with(lost(),
            [](auto& s) {
              s.silent_since = ago(seconds(60));
              s.fence.lease = Fence::Lease::held;
              s.fence.holder = "h1";
              s.head->says = PodSays::node_lost;
            }),
       "", "HeadAnswers=False HeadHoldsLease"},
      {"an earlier head holds the lease: ending this one would not help",
       with(lost(),
            [](auto& s) {
              s.fence.lease = Fence::Lease::held;
              s.fence.holder = "h0";
            }),
       "", "HeadAnswers=False OldHeadHoldsLease"},
      {"Redis does not answer us, either",
       with(lost(),
            [](auto& s) {
              s.fence.lease = Fence::Lease::unknown;
              s.fence.problem = "timeout";
            }),
       "", "HeadAnswers=False StoreNotAsked"},
      {"Redis lost its data: nothing is proven",
       with(lost(), [](auto& s) { s.fence.epoch_known = false; }), "", "HeadAnswers=False NoEpoch"},
      {"no storage: another head could not go on, and nothing stops the old one",
       with(lost(), [](auto& s) { s.fence = {}; }), "", "HeadAnswers=False NoStorage"},
      {"Redis without the road: it would not refuse the old head",
       with(lost(), [](auto& s) { s.fence.on_road = false; }), "", "HeadAnswers=False NoFence"},
      {"a missing fence is told in good times: memory", with(well(), [](auto& s) { s.fence = {}; }),
       "", "FailoverReady=False NoStorage"},
      {"a missing fence is told in good times: no road",
       with(well(), [](auto& s) { s.fence.on_road = false; }), "", "FailoverReady=False NoFence"},
      {"a missing fence is told in good times: Redis not reachable from here",
       with(well(), [](auto& s) { s.fence.lease = Fence::Lease::unknown; }), "",
       "FailoverReady=Unknown StoreNotAsked"},
      {"a missing fence is told in good times: no epoch",
       with(well(), [](auto& s) { s.fence.epoch_known = false; }), "",
       "FailoverReady=False NoEpoch"},
      {"a fence in the store", well(), "", "FailoverReady=True LeaseInStore"},
      {"no head to look at", with(well(), [](auto& s) { s.head.reset(); }), "",
       "FailoverReady=Unknown HeadMissing"},
  };
}

std::vector<Row> ending_rows() {
  return {
      {"asked to end: its node has time to confirm",
       with(overdue(), [](auto& s) { s.head_going_since = ago(seconds(6)); }), "",
       "HeadAnswers=False HeadEnding"},
      {"its node does not confirm, and the lease is free", overdue(), force(),
       "HeadAnswers=False HeadForced"},
      {"evicted by Kubernetes, not confirmed: the node is avoided first",
       with(overdue(),
            [](auto& s) {
              s.avoided_node = "";
              s.head->says = PodSays::node_lost;
            }),
       avoid_first + force(), "HeadAnswers=False HeadForced"},
      {"a long grace period of somebody else's deletion is waited for",
       with(overdue(), [](auto& s) { s.head->grace = seconds(60); }), "",
       "HeadAnswers=False HeadEnding"},
      {"not confirmed, but it holds its lease: it serves",
       with(overdue(),
            [](auto& s) {
              s.silent_since = ago(seconds(60));
              s.fence.lease = Fence::Lease::held;
              s.fence.holder = "h1";
            }),
       "", "HeadAnswers=False HeadHoldsLease"},
      {"not confirmed, and Redis does not answer",
       with(overdue(), [](auto& s) { s.fence.lease = Fence::Lease::unknown; }), "",
       "HeadAnswers=False StoreNotAsked"},
      {"not confirmed, and the lease has just run out",
       with(overdue(), [](auto& s) { s.free_since = now; }), "", "HeadAnswers=False HeadSilent"},
      {"not confirmed, and no fence: for ever", with(overdue(), [](auto& s) { s.fence = {}; }), "",
       "HeadAnswers=False NoStorage"},
      {"not confirmed, and not on the road",
       with(overdue(), [](auto& s) { s.fence.on_road = false; }), "", "HeadAnswers=False NoFence"},
      {"ending, and it answers: it drains",
       with(overdue(), [](auto& s) { s.answer = Answer::answers; }), "",
       "HeadAnswers=True HeadLeaving"},
      {"never begun with, not confirmed",
       with(overdue(),
            [](auto& s) {
              s.answer = Answer::unasked;
              s.head->says = PodSays::unacknowledged;
            }),
       force(), "HeadAnswers=False HeadForced"},
      {"the cluster is being removed: the pod that hangs goes, and no node is avoided for it",
       with(overdue(),
            [](auto& s) {
              s.owner = Owner::going;
              s.avoided_node = "";
            }),
       force(), "Ready=False Removing"},
      {"the cluster is being removed: a silent head is nobody's to replace",
       with(lost(), [](auto& s) { s.owner = Owner::going; }), "", "HeadAnswers=False HeadUnwanted"},
      {"suspended: a silent head is not replaced",
       wanting(lost(), [](auto& d) { d.suspended = true; }), "", "HeadAnswers=False HeadUnwanted"},
      {"suspended: a pod that hangs goes", wanting(overdue(), [](auto& d) { d.suspended = true; }),
       force(), "Ready=False Suspended"},
      {"a document that cannot be used stops no fail-over",
       wanting(overdue(),
               [](auto& d) {
                 d.document = Desired::Document::unreadable;
                 d.problem = "x";
               }),
       force(), "Accepted=False Unreadable"},
  };
}

std::vector<Row> volume_rows() {
  return {
      {"volume: silent here, and Kubernetes trusts the node still", on_volume(lost()), "",
       "HeadAnswers=False HeadSilent"},
      {"volume: Kubernetes gave up on the node",
       with(on_volume(lost()), [](auto& s) { s.head->says = PodSays::node_lost; }), ask(detached),
       "HeadAnswers=False HeadAsked"},
      {"volume: not confirmed", on_volume(overdue()), force(detached),
       "HeadAnswers=False HeadForced"},
      {"volume: nobody said that detaching cuts",
       with(on_volume(overdue()), [](auto& s) { s.fence.detach_cuts = false; }), "",
       "HeadAnswers=False VolumeFenceUnknown"},
      {"volume: said so, but the volume may be shared",
       with(on_volume(overdue()), [](auto& s) { s.fence.shared_volume = true; }), "",
       "HeadAnswers=False SharedVolume"},
      {"volume: told in good times that nobody said so",
       with(on_volume(well()), [](auto& s) { s.fence.detach_cuts = false; }), "",
       "FailoverReady=False VolumeFenceUnknown"},
      {"volume: told in good times that it is cut", on_volume(well()), "",
       "FailoverReady=True VolumeDetach"},
  };
}

std::vector<Row> object_rows() {
  using Stands = Object::Stands;
  using Document = Desired::Document;
  return {
      {"a missing object is made",
       with(well(), [](auto& s) { s.objects[0].stands = Stands::absent; }),
       "apply NetworkPolicy demo-head: it is missing", "Applied=False Applying"},
      {"a changed object is put right",
       with(well(),
            [](auto& s) {
              s.objects[2].stands = Stands::differs;
              s.objects[2].what = "spec.replicas";
            }),
       "apply Deployment demo-worker-a: spec.replicas differs from the plan",
       "Applied=False Applying"},
      {"everything missing is made in the plan's order",
       with(well(),
            [](auto& s) {
              for (auto& o : s.objects) o.stands = Stands::absent;
              s.head.reset();
            }),
       "apply NetworkPolicy demo-head: it is missing\napply StatefulSet demo-head: it is missing\n"
       "apply Deployment demo-worker-a: it is missing",
       "HeadAnswers=False HeadMissing"},
      {"a new document for the head lets it forget the avoided node",
       with(well(),
            [](auto& s) {
              s.avoided_node = "n7";
              s.objects[1].stands = Stands::differs;
              s.objects[1].what = "spec.template";
            }),
       "clear avoided node of StatefulSet demo-head: its pods are replaced now in any case\n"
       "apply StatefulSet demo-head: spec.template differs from the plan",
       "Applied=False Applying"},
      {"an avoided node alone changes nothing",
       with(well(), [](auto& s) { s.avoided_node = "n7"; }), "", "Ready=True Ready"},
      {"a fail-over and a new document at once: the node is avoided, not forgotten",
       with(lost(),
            [](auto& s) {
              s.avoided_node = "n7";
              s.objects[1].stands = Stands::differs;
            }),
       ask() + "\napply StatefulSet demo-head: it differs from the plan",
       "HeadAnswers=False HeadAsked"},
      {"an object that is being deleted is waited for",
       with(well(), [](auto& s) { s.objects[2].stands = Stands::going; }), "",
       "Applied=False Going"},
      {"somebody else's object in the way: nothing is touched",
       with(well(),
            [](auto& s) {
              s.objects[0].stands = Stands::foreign;
              s.objects[0].what = "Helm";
              s.objects[1].stands = Stands::absent;
              s.orphans = {{.name = "Service old"}};
            }),
       "", "Applied=False Foreign"},
      {"what no plan names any more goes after the rest",
       with(well(),
            [](auto& s) {
              s.orphans = {{.name = "Deployment demo-worker-old"}};
              s.objects[0].stands = Stands::absent;
            }),
       "apply NetworkPolicy demo-head: it is missing\n"
       "remove Deployment demo-worker-old: no plan names it any more",
       "Applied=False Applying"},
      {"what is going already is not removed again",
       with(well(), [](auto& s) { s.orphans = {{.name = "Service old", .going = true}}; }), "",
       "Applied=True AsPlanned"},
      {"a volume claim is kept for its data",
       with(well(),
            [](auto& s) { s.orphans = {{.name = "PersistentVolumeClaim old", .claim = true}}; }),
       "", "Applied=True AsPlanned"},
      {"a document that cannot be read: what runs is left as it is",
       wanting(with(well(),
                    [](auto& s) {
                      s.objects.clear();
                      s.orphans = {{.name = "Service a"}};
                    }),
               [](auto& d) {
                 d.document = Document::unreadable;
                 d.problem = "line 3: no";
               }),
       "", "Accepted=False Unreadable"},
      {"a document that the policy refuses: what runs is left as it is",
       wanting(with(well(), [](auto& s) { s.objects[1].stands = Stands::differs; }),
               [](auto& d) {
                 d.document = Document::refused;
                 d.problem = "image x is not allowed";
               }),
       "", "Accepted=False PolicyRefused"},
      {"the API server said no: tried again, and told",
       with(well(),
            [](auto& s) {
              s.objects[0].stands = Stands::absent;
              s.apply_problem = "quota";
            }),
       "apply NetworkPolicy demo-head: it is missing", "Applied=False ApplyFailed"},
      {"suspended: nothing is wanted, nothing is there",
       wanting(with(well(),
                    [](auto& s) {
                      s.head.reset();
                      s.workers.clear();
                    }),
               [](auto& d) { d.suspended = true; }),
       "", "Ready=False Suspended"},
      {"a trouble of a pod is told",
       with(well(),
            [](auto& s) {
              s.settled = false;
              s.trouble = "image cannot be pulled";
            }),
       "", "Ready=False Troubled"},
      {"on its way", with(well(), [](auto& s) { s.settled = false; }), "", "Ready=False Starting"},
      {"being removed: nothing is applied",
       with(well(),
            [](auto& s) {
              s.owner = Owner::going;
              s.objects[0].stands = Stands::absent;
            }),
       "", "Ready=False Removing"},
      {"a note is written before the keys are",
       with(well(),
            [](auto& s) {
              s.notes.clear();
              s.objects[1].stands = Stands::absent;
              s.head.reset();
            }),
       "write note o1: its keys in Redis must be found when the cluster is gone\n"
       "apply StatefulSet demo-head: it is missing",
       "Applied=False Applying"},
      {"no note where nothing outlives the cluster",
       wanting(with(well(), [](auto& s) { s.notes.clear(); }),
               [](auto& d) { d.keeps_keys = false; }),
       "", "Ready=True Ready"},
  };
}

std::vector<Row> worker_rows() {
  auto lose = [](Observed& s, std::size_t index, seconds since) {
    s.workers[index].says = PodSays::node_lost;
    s.worker_lost_since[index] = ago(since);
  };
  return {
      {"a worker whose node is lost is replaced",
       with(well(), [&](auto& s) { lose(s, 1, seconds(10)); }),
       "replace Pod b: node n2 does not report any more", "Ready=True Ready"},
      {"not at once", with(well(), [&](auto& s) { lose(s, 1, seconds(9)); }), "",
       "Ready=True Ready"},
      {"not twice",
       with(well(),
            [&](auto& s) {
              lose(s, 1, seconds(60));
              s.workers[1].going = true;
            }),
       "", "Ready=True Ready"},
      {"not when most look lost: that is the control plane",
       with(well(),
            [&](auto& s) {
              lose(s, 0, seconds(60));
              lose(s, 1, seconds(60));
            }),
       "", "Ready=True Ready"},
      {"one of two is replaced",
       with(well(),
            [&](auto& s) {
              s.workers.pop_back();
              lose(s, 0, seconds(60));
            }),
       "replace Pod a: node n2 does not report any more", "Ready=True Ready"},
      {"not when its kubelet says that it is not ready",
       with(well(), [&](auto& s) { s.workers[0].says = PodSays::not_ready; }), "",
       "Ready=True Ready"},
      {"not while suspended",
       wanting(with(well(), [&](auto& s) { lose(s, 1, seconds(60)); }),
               [](auto& d) { d.suspended = true; }),
       "", "Ready=False Suspended"},
      {"not while the cluster goes",
       with(well(),
            [&](auto& s) {
              lose(s, 1, seconds(60));
              s.owner = Owner::going;
            }),
       "", "Ready=False Removing"},
  };
}

std::vector<Row> clean_up_rows() {
  auto gone = [] {
    return with(well(), [](Observed& s) {
      s.owner = Owner::absent;
      s.owner_uid = "";
      s.head.reset();
      s.workers.clear();
      s.worker_lost_since.clear();
      s.objects.clear();
    });
  };
  const std::string clean =
      "clean keys of raykeep-cleanup-demo: the cluster is gone and its head with it";
  return {
      {"the cluster is gone: its keys are cleaned", gone(), clean, ""},
      {"not while its head is there: it would write them again",
       with(gone(),
            [](auto& s) { s.head = Pod{.name = "demo-head-0", .uid = "h1", .going = true}; }),
       "", ""},
      {"its head is gone, and its owner with the Secrets not yet",
       with(well(),
            [](auto& s) {
              s.owner = Owner::going;
              s.head.reset();
            }),
       "clean keys of raykeep-cleanup-demo: the cluster is gone and its head with it",
       "Ready=False Removing"},
      {"its head's pod is between two lives",
       with(well(),
            [](auto& s) {
              s.owner = Owner::going;
              s.head.reset();
              s.notes[0].in_use = true;
            }),
       "", "Ready=False Removing"},
      {"not while the owner is going", with(well(), [](auto& s) { s.owner = Owner::going; }), "",
       "Ready=False Removing"},
      {"a cluster of the same name came after it: the old one's keys go",
       with(well(),
            [](auto& s) {
              s.notes.push_back({.name = "raykeep-cleanup-demo-old", .owner_uid = "o0"});
            }),
       "clean keys of raykeep-cleanup-demo-old: the cluster is gone and its head with it",
       "Ready=True Ready"},
      {"its head's set goes a moment later than its owner",
       with(gone(), [](auto& s) { s.notes[0].in_use = true; }), "", ""},
      {"never when a living cluster keeps its state there",
       with(well(),
            [](auto& s) {
              s.notes.push_back(
                  {.name = "raykeep-cleanup-demo-old", .owner_uid = "o0", .in_use = true});
            }),
       "drop note raykeep-cleanup-demo-old: a living cluster keeps its state under the same "
       "keys",
       "Ready=True Ready"},
      {"tried again for ten minutes",
       with(gone(),
            [](auto& s) {
              s.notes[0].tried_since = ago(minutes(9));
              s.notes[0].problem = "timeout";
            }),
       clean, ""},
      {"then leftovers are told and let be",
       with(gone(),
            [](auto& s) {
              s.notes[0].tried_since = ago(minutes(10));
              s.notes[0].problem = "timeout";
            }),
       "drop note raykeep-cleanup-demo: keys are left in Redis: timeout; its "
       "administrator can "
       "remove what begins with the cluster's storage namespace",
       ""},
      {"nothing at all is there", with(gone(), [](auto& s) { s.notes.clear(); }), "", ""},
  };
}

std::vector<Row> table() {
  std::vector<Row> all;
  for (auto rows : {head_rows(), fence_rows(), ending_rows(), volume_rows(), object_rows(),
                    worker_rows(), clean_up_rows()})
    std::ranges::move(rows, std::back_inserter(all));
  return all;
}

TEST(Decide, FollowsTheTable) {
  for (const Row& row : table()) {
    Decision decision = decide(row.given.seen, row.given.want, now);
    EXPECT_EQ(actions_of(decision), row.actions) << row.name;
    std::string_view wanted = row.condition;
    if (wanted.empty()) {
      EXPECT_TRUE(decision.conditions.empty()) << row.name << '\n' << to_string(decision);
      continue;
    }
    const Condition* found = decision.find(wanted.substr(0, wanted.find('=')));
    ASSERT_NE(found, nullptr) << row.name << '\n' << to_string(decision);
    EXPECT_EQ(found->type + '=' + std::string(to_string(found->status)) + ' ' + found->reason,
              wanted)
        << row.name;
  }
}

TEST(Decide, HasATableOfAtLeastSixtyStates) { EXPECT_GE(table().size(), 60u); }

TEST(Decide, GivesEveryActionConditionAndEventAReason) {
  for (const Row& row : table()) {
    Decision decision = decide(row.given.seen, row.given.want, now);
    for (const Action& action : decision.actions) EXPECT_FALSE(action.reason.empty()) << row.name;
    for (const Condition& each : decision.conditions)
      EXPECT_FALSE(each.reason.empty() || each.message.empty()) << row.name << ' ' << each.type;
    for (const Event& each : decision.events)
      EXPECT_FALSE(each.reason.empty() || each.message.empty()) << row.name;
  }
}

/// Whatever else is seen, each property of the fence is needed for the force.
TEST(Decide, NeverForcesWithoutAFence) {
  for (const Row& row : table()) {
    Decision decision = decide(row.given.seen, row.given.want, now);
    for (const Action& action : decision.actions) {
      if (action.verb != Action::Verb::force_delete && action.verb != Action::Verb::ask_to_end)
        continue;
      const Fence& fence = row.given.seen.fence;
      bool by_store = fence.storage == Storage::redis && fence.on_road && fence.epoch_known &&
                      fence.lease == Fence::Lease::free;
      bool by_volume =
          fence.storage == Storage::rocksdb && fence.detach_cuts && !fence.shared_volume;
      EXPECT_TRUE(by_store || by_volume) << row.name;
      EXPECT_EQ(action.uid, row.given.seen.head->uid) << row.name;
    }
  }
}

TEST(Decide, SaysWhenPatienceEnds) {
  auto after = [](Case made) { return decide(made.seen, made.want, now).look_again; };
  EXPECT_EQ(after(well()), std::nullopt);
  EXPECT_EQ(after(with(lost(), [](auto& s) { s.silent_since = ago(seconds(3)); })), seconds(2));
  EXPECT_EQ(after(lost()), seconds(7));
  EXPECT_EQ(after(with(overdue(), [](auto& s) { s.head_going_since = ago(seconds(6)); })),
            seconds(1));
}

TEST(Decide, PrintsWhatItDecided) {
  Case given = lost();
  EXPECT_EQ(to_string(decide(given.seen, given.want, now)),
            R"(avoid node n1: the scheduler does not know yet that the node is lost
ask to end Pod demo-head-0: the head on node n1 does not answer, and its lease in Redis has run out, and Redis refuses its writes once another took it
HeadAnswers=False HeadAsked: the head on node n1 does not answer; its node is asked to end it
Accepted=True Usable: the stored document and Site can be used
Applied=True AsPlanned: every object is as planned
FailoverReady=True LeaseInStore: Redis refuses the writes of a head that lost its lease
Ready=False HeadAsked: the head on node n1 does not answer; its node is asked to end it
warning Pod demo-head-0 HeadLost: the head on node n1 does not answer; its node is asked to end it
)");
}

}  // namespace
}  // namespace raykeep::decide
