"""The controller in the lab: two replicas with the tenant's own account keep a cluster true, and replace a head whose node is lost."""
import json
import os
import pathlib
import signal
import time

import pytest
from controller import NAME, installed, is_ready, logs
from kept import COUNT, DOCUMENT, KEPT, SITE
from lab import until
from processes import Node, Process, cut

# CI has the time for some drills, and short; `make soak` for all, at full length.
LONG = "RAYKEEP_SOAK" in os.environ


@pytest.fixture(scope="module")
def controller(lab, kept):
    with installed(lab, SITE) as done:
        assert f"Deployment {NAME} created" in done.stdout, done
        until("one leads", lambda: leader(lab), patience=30)
        yield
    forget_notes(lab)


def forget_notes(lab):
    lab.kubectl("delete", "configmaps", "-l", "raykeep.io/cleanup")


def leader(lab) -> str:
    found = lab.kubectl("get", "lease", NAME, "-o", "jsonpath={.spec.holderIdentity}", check=False)
    return found.stdout if found.returncode == 0 else ""


def cluster(lab) -> dict:
    return json.loads(lab.raykeep("status", KEPT, "-n", "ray", "-o", "json").stdout)["clusters"][0]


def conditions(lab) -> dict:
    return {c["type"]: (c["status"], c["reason"]) for c in cluster(lab).get("conditions", [])}


def head_pod(lab):
    pods = [p for p in lab.pods(KEPT, "head") if not p["metadata"].get("deletionTimestamp")]
    return pods[0] if pods else None


@pytest.fixture(autouse=True)
def explained(lab):
    """What the replicas said, for whoever reads of a failure."""
    yield
    print(logs(lab))


def test_where_rights_are_missing_it_says_what_an_administrator_must_apply(lab, kept):
    done = lab.raykeep("controller", "install", "-n", "ray", check=False)
    assert done.returncode == 1 and "--rights-only" in done.stderr, done
    rights = lab.raykeep("controller", "install", "-n", "ray", "-o", "yaml", "--rights-only").stdout
    lab.admin("apply", "-f", "-", stdin=rights)
    try:
        lab.kubectl("rollout", "restart", f"deployment/{NAME}")  # what it says from now on is said with these rights
        lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")
        until("the old ones are gone", lambda: len(lab.get("pods", "-l", f"app.kubernetes.io/name={NAME}")["items"]) == 2, patience=30)
        until("it has looked, with the rights of its Role alone", lambda: conditions(lab).get("Ready") == ("True", "Ready"), patience=60)
        assert "forbidden" not in logs(lab), logs(lab)
    finally:
        print(logs(lab))
        lab.admin("delete", "-n", "ray", f"deployment/{NAME}", f"networkpolicy/{NAME}", f"poddisruptionbudget/{NAME}", f"role/{NAME}",
                  f"rolebinding/{NAME}", f"serviceaccount/{NAME}", f"lease/{NAME}", "--ignore-not-found")
        forget_notes(lab)


def test_it_finds_all_as_it_should_be(lab, kept, controller):
    before = {p["metadata"]["uid"] for p in lab.pods(kept)}
    until("it has looked", lambda: conditions(lab).get("Ready") == ("True", "Ready"), patience=60)
    until("the store was asked", lambda: conditions(lab)["FailoverReady"] == ("True", "LeaseInStore"), patience=60)
    assert "LeaseInStore" in lab.raykeep("status", KEPT, "-n", "ray", "-o", "wide").stdout
    said = logs(lab)
    assert "forbidden" not in said and '"event":"apply"' not in said, "what `up` made is as the controller plans it"
    assert {p["metadata"]["uid"] for p in lab.pods(kept)} == before


def test_what_somebody_removes_or_changes_comes_back(lab, kept, controller):
    for kind, name in (("networkpolicy", f"{KEPT}-head"), ("service", f"{KEPT}-head-svc"), ("poddisruptionbudget", f"{KEPT}-head")):
        old = lab.get(kind, name)["metadata"]["uid"]
        lab.kubectl("delete", kind, name)
        until(f"{kind} {name} is back", lambda: (found := lab.kubectl("get", kind, name, "-o", "jsonpath={.metadata.uid}", check=False)
                                                 ).returncode == 0 and found.stdout != old, patience=15)
    lab.kubectl("patch", "networkpolicy", f"{KEPT}-head", "--type=merge", "-p", '{"spec": {"ingress": [{}]}}')
    until("the hole is closed", lambda: {} not in lab.get("networkpolicy", f"{KEPT}-head")["spec"]["ingress"], patience=15)


def it_works(lab):
    lab.kubectl("delete", "service", f"{KEPT}-head-svc")
    until("the Service is back", lambda: lab.kubectl("get", "service", f"{KEPT}-head-svc", check=False).returncode == 0, patience=20)


def test_a_leader_that_ends_hands_over(lab, kept, controller):
    old = leader(lab)
    lab.kubectl("delete", "pod", old, "--wait=false")
    began = time.monotonic()
    until("another leads", lambda: leader(lab) not in ("", old), patience=20, every=0.2)
    took = time.monotonic() - began
    print(f"leader deleted: another leads after {took:.1f} s")
    assert took < 5, "it did not give its Lease back"
    it_works(lab)
    lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")


def test_a_leader_that_hangs_is_followed_and_does_nothing_more(lab, kept, controller):
    old = leader(lab)
    hung, began = Process(lab, old, "raykeep"), time.monotonic()
    hung.signal(signal.SIGSTOP)
    try:
        new = until("another leads", lambda: (name := leader(lab)) not in ("", old) and name, patience=30, every=0.2)
        print(f"leader hung: another leads after {time.monotonic() - began:.1f} s")
        it_works(lab)
    finally:
        hung.signal(signal.SIGCONT)
    until("the old one knows", lambda: '"event":"does_not_lead"' in lab.kubectl("logs", old).stdout, patience=20)
    assert leader(lab) == new
    lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")


def test_it_outlives_an_api_server_that_is_away(lab, kept, controller):
    def lives():
        pods = lab.get("pods", "-l", f"app.kubernetes.io/name={NAME}")["items"] + lab.pods(kept)
        return {p["metadata"]["uid"]: sum(c["restartCount"] for c in p["status"]["containerStatuses"]) for p in pods}

    before, pid = lives(), lab.daemon("apiserver")
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(120 if LONG else 12)
    finally:
        os.kill(pid, signal.SIGCONT)
    until("one leads", lambda: leader(lab), patience=60)
    it_works(lab)
    assert lives() == before
    status = pathlib.Path(f"/proc/{Process(lab, leader(lab), 'raykeep').pid()}/status").read_text()
    print("the leader's memory:", status.split("VmRSS:")[1].split("\n")[0].strip())


def keep_dns_off(lab, node):
    """Names are asked of one pod; a test of the head is not to depend on where that runs."""
    def dns():
        return json.loads(lab.admin("get", "pods", "-n", "kube-system", "-l", "k8s-app=kube-dns", "-o", "json").stdout)["items"]
    if all(p["spec"]["nodeName"] != node for p in dns()):
        return
    lab.admin("cordon", node)
    lab.admin("delete", "pod", "-n", "kube-system", "-l", "k8s-app=kube-dns")
    until("DNS runs elsewhere", lambda: (all_ := dns()) and all(is_ready(p) and p["spec"].get("nodeName") != node for p in all_),
          patience=60)
    lab.admin("uncordon", node)


def let_lead(lab, node):
    """Makes the replica on that node the leader."""
    def there():
        name = until("one leads", lambda: leader(lab), patience=30)
        pod = lab.kubectl("get", "pod", name, "-o", "jsonpath={.spec.nodeName}", check=False)
        if pod.stdout == node:
            return True
        lab.kubectl("delete", "pod", name, "--wait=false", check=False)
        until("it leads no more", lambda: leader(lab) != name, patience=30, every=0.2)
        return False

    until(f"the leader is on {node}", there, patience=120)
    lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")


class Old(Process):
    """The GCS of a pod that Kubernetes has forgotten."""

    def __init__(self, lab, pod):
        self.lab, self.uid, self.name = lab, pod["metadata"]["uid"], "gcs_server"


def tokens(redis) -> list:
    """Who may write, and who lives, says the store."""
    return [redis.ask("GET", key).stdout for key in redis.keys() if key.endswith((":EPOCH", ":LEASE"))]


def test_a_head_on_a_frozen_node_is_replaced_and_the_old_one_can_write_nothing(lab, kept, redis, load, controller):
    old = head_pod(lab)
    node = old["spec"]["nodeName"]
    keep_dns_off(lab, node)
    let_lead(lab, node)  # at its worst: who should notice is lost, too
    until("calls are answered", load.quiet)
    workers = lab.pods(kept, "worker")
    beside = {p["status"]["podIP"] for p in workers if p["spec"]["nodeName"] == node}
    elsewhere = {p["metadata"]["uid"] for p in workers if p["spec"]["nodeName"] != node}
    epoch = int(cluster(lab)["gcs"]["epoch"])
    before, frozen, began = load.tally(), Node(lab, node), time.monotonic()
    frozen.freeze()
    try:
        until("another head is there", lambda: (p := head_pod(lab)) and p["metadata"]["uid"] != old["metadata"]["uid"], patience=90,
              every=0.2)
        replaced = time.monotonic() - began
        new = until("it is ready", lambda: is_ready(p := head_pod(lab)) and p, patience=120, every=0.2)
        during = load.since(before)
        print(f"node frozen: another head pod after {replaced:.1f} s, ready after {time.monotonic() - began:.1f} s; {during}")
        assert new["spec"]["nodeName"] != node and replaced < 30
        assert not [r for r in during["reasons"] if r.split(":")[0] not in beside], during
        # The old head goes on where it stood, and its kubelet does not: what ends it is the fence.
        assert Old(lab, old).pids()
        frozen.thaw_pods()
        began = time.monotonic()
        def fenced():
            said = tokens(redis)
            assert said and all(new["metadata"]["uid"] in each for each in said), said
            return not Old(lab, old).pids()

        until("the old GCS has ended", fenced, patience=60, every=0.2)
        print(f"pods of the node thawed: the old GCS has ended after {time.monotonic() - began:.1f} s")
    finally:
        frozen.thaw()
    assert int(cluster(lab)["gcs"]["epoch"]) == epoch + 1
    until("all workers are ready", lambda: len(p := lab.pods(kept, "worker")) == 2 and all(map(is_ready, p)), patience=180)
    assert elsewhere <= {p["metadata"]["uid"] for p in lab.pods(kept, "worker")}, "a worker on the other node was replaced"
    assert head_pod(lab)["metadata"]["uid"] == new["metadata"]["uid"]
    assert int(lab.python(lab.pod(kept, "head"), COUNT).stdout.split("count ")[1]) >= 1, "GCS answers"
    assert all(new["metadata"]["uid"] in each for each in tokens(redis))
    events = lab.kubectl("get", "events").stdout
    assert "HeadLost" in events and "HeadForceDeleted" in events


def is_forgotten(lab, pod) -> bool:
    """Whether Kubernetes has the pod no more; another of its name may be there."""
    found = lab.kubectl("get", "pod", pod["metadata"]["name"], "-o", "jsonpath={.metadata.uid}", check=False)
    return found.stdout != pod["metadata"]["uid"]


STEPS = {
    "before anybody noticed": lambda lab, old: True,
    "when the head's end was asked for": lambda lab, old: is_forgotten(lab, old) or lab.get("pod", old["metadata"]["name"])["metadata"].get("deletionTimestamp"),
    "when the head was removed by force": is_forgotten,
}


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_a_leader_that_is_killed_in_the_middle_of_a_fail_over_is_followed_there(lab, kept, redis, controller, step):
    old = head_pod(lab)
    node = old["spec"]["nodeName"]
    keep_dns_off(lab, node)
    let_lead(lab, next(p["spec"]["nodeName"] for p in lab.pods(kept, "worker") if p["spec"]["nodeName"] != node))
    frozen, began = Node(lab, node), time.monotonic()
    frozen.freeze()
    try:
        until(step, lambda: STEPS[step](lab, old), patience=60, every=0.1)
        Process(lab, leader(lab), "raykeep").signal(signal.SIGKILL)
        new = until("another head is ready", lambda: is_ready(p := head_pod(lab)) and p["metadata"]["uid"] != old["metadata"]["uid"] and p,
                    patience=150)
        print(f"leader killed {step}: another head is ready {time.monotonic() - began:.1f} s after the node froze")
        assert all(new["metadata"]["uid"] in each for each in tokens(redis))
    finally:
        frozen.thaw()
    until("the old GCS has ended", lambda: not Old(lab, old).pids(), patience=60)
    until("all workers are ready", lambda: len(p := lab.pods(kept, "worker")) == 2 and all(map(is_ready, p)), patience=180)
    lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")


@pytest.mark.soak
def test_a_leader_cut_off_from_the_api_server_is_followed(lab, kept, controller):
    old, server = leader(lab), "10.96.0.1"
    with cut(lab, old, server):
        began = time.monotonic()
        until("another leads", lambda: leader(lab) not in ("", old), patience=30, every=0.2)
        print(f"leader cut off: another leads after {time.monotonic() - began:.1f} s")
        it_works(lab)
    assert leader(lab) != old
    lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=60s")


@pytest.mark.soak
def test_a_head_that_only_the_controller_cannot_reach_is_left_alone(lab, kept, controller):
    """Its kubelet says that it is ready, and the store that it lives."""
    head = head_pod(lab)
    with cut(lab, leader(lab), head["status"]["podIP"]):
        time.sleep(90)
        assert not lab.get("pod", head["metadata"]["name"])["metadata"].get("deletionTimestamp")
    assert head_pod(lab)["metadata"]["uid"] == head["metadata"]["uid"]


def test_up_leaves_the_work_to_the_controller(lab, kept, controller):
    changed = DOCUMENT.read_text().replace("- replicas: 2", "- replicas: 1").replace("minReplicas: 2", "minReplicas: 1")
    done = lab.raykeep("up", "-f", "-", "--site", SITE, "-n", "ray", "--timeout", "3m", stdin=changed, timeout=240)
    assert "carries it out" in done.stdout and f"{KEPT} is ready" in done.stdout, done
    assert lab.get("deployment", f"{KEPT}-worker-workergroup")["spec"]["replicas"] == 1


@pytest.mark.soak
def test_what_is_taken_out_of_the_document_is_taken_out_of_the_cluster(lab, kept, controller):
    changed = DOCUMENT.read_text().replace("- replicas: 2", "- replicas: 1").replace("minReplicas: 2", "minReplicas: 1")
    more = changed.replace("- name: ray-worker\n", "- name: ray-worker\n          env: [{name: DRILL, value: here}]\n")
    for text, there in ((more, True), (changed, False)):
        lab.raykeep("up", "-f", "-", "--site", SITE, "-n", "ray", "--timeout", "3m", stdin=text, timeout=240)
        pod = lab.get("deployment", f"{KEPT}-worker-workergroup")["spec"]["template"]["spec"]["containers"][0]
        assert any(v["name"] == "DRILL" for v in pod["env"]) == there


def test_what_is_anothers_stays_anothers(lab, kept, controller):
    """Somebody took the name of a Service that is missing: it is neither adopted nor changed."""
    name = f"{KEPT}-head-svc"
    ours = lab.get("service", name)
    theirs = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
              "spec": {"selector": {"app": "somebody"}, "ports": [{"port": 4242}]}}
    # Deleted and taken before the controller can make it anew.
    others = [p["metadata"]["name"] for p in lab.get("pods", "-l", f"app.kubernetes.io/name={NAME}")["items"]]
    for each in others:
        Process(lab, each, "raykeep").signal(signal.SIGSTOP)
    try:
        lab.kubectl("delete", "service", name)
        lab.kubectl("create", "-f", "-", stdin=json.dumps(theirs))
    finally:
        for each in others:
            Process(lab, each, "raykeep").signal(signal.SIGCONT)
    until("it is told", lambda: "belongs to somebody else" in lab.raykeep("status", KEPT, "-n", "ray").stdout, patience=60, every=1)
    assert lab.get("service", name)["spec"]["selector"] == {"app": "somebody"}
    lab.kubectl("delete", "service", name)
    until("ours is back", lambda: lab.kubectl("get", "service", name, "-o", "jsonpath={.spec.selector}", check=False).stdout
          == json.dumps(ours["spec"]["selector"], separators=(",", ":")), patience=60)


def test_down_leaves_nothing_in_redis(lab, kept, redis, controller):
    assert redis.keys()
    done = lab.raykeep("down", kept, "-n", "ray", "--timeout", "3m", timeout=240)
    assert "the controller removes the cluster's keys" in done.stdout, done
    # What keeps a forgotten head out stays for a day.
    until("the keys are gone", lambda: all("RAYKEEP:" in key for key in redis.keys()), patience=90, every=2)
    until("the note is gone", lambda: not lab.get("configmaps", "-l", "raykeep.io/cleanup")["items"], patience=30)
