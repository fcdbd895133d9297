"""`raykeep verify` in the lab: green on a cluster as it was planned, and each injected fault found and named."""
import copy
import json
import os
import signal
import subprocess
import threading

import pytest
from controller import installed
from kept import DOCUMENT, KEPT, SITE
from lab import RAYKEEP, ROOT, until

LONG = "RAYKEEP_SOAK" in os.environ
HEAD, WORKER = f"{KEPT}-head", f"{KEPT}-worker-workergroup"
W = "worker(workergroup)"


@pytest.fixture(scope="module")
def controller(lab, kept):
    """Installed with `edit` and nothing more, as its users do it."""
    with installed(lab, SITE):
        yield


def verify(lab, *args, **more) -> dict:
    done = lab.raykeep("verify", KEPT, "-n", "ray", "-o", "json", *args, check=False, timeout=300, **more)
    assert done.returncode in (0, 3), done
    said = json.loads(done.stdout)
    assert said["good"] == (done.returncode == 0), done
    return said


def errors(said) -> list:
    return [f for f in said["findings"] if f["severity"] == "error"]


def left(lab) -> list:
    found = lab.kubectl("get", "jobs,replicasets,pods,networkpolicies", "-l", "raykeep.io/short-lived", "-o", "name").stdout
    return found.split()


def policy(lab, name) -> dict:
    return lab.get("networkpolicy", name)


def put(lab, name, spec):
    lab.kubectl("patch", "networkpolicy", name, "--type=json", "-p",
                json.dumps([{"op": "replace", "path": "/spec", "value": spec}]))


def test_the_planned_cluster_is_green(lab, kept):
    for _ in range(20 if LONG else 2):
        said = verify(lab)
        assert said["good"] and not errors(said), said["findings"]
        assert not left(lab)
    tested = {f["id"] for f in said["flows"] if f["result"] in ("open", "refused")}
    assert {"head->redis redis", "head->dns dns", "ingress->head serve", f"ingress->{W} serve", f"{W}->{W} node-manager",
            "controller->head raykeep"} <= tested, tested  # by a stand-in: no controller runs here
    assert sum(p["tried"] for p in said["pairs"]) > 500 and not any(p["untried"] for p in said["pairs"])
    print("seconds of the last run:", said["seconds"])


# --- faults in the policies: each must be found, and named by its rule

def rule_for(spec, direction, port):
    """The first rule of a direction that has this port."""
    return next(i for i, r in enumerate(spec[direction]) if any(p.get("port") == port for p in r["ports"]))


def without_port(direction, port):
    def change(spec):
        rule = spec[direction][rule_for(spec, direction, port)]
        rule["ports"] = [p for p in rule["ports"] if p["port"] != port]
        if not rule["ports"]:
            spec[direction].remove(rule)
    return change


def without_rule(direction, port):
    def change(spec):
        del spec[direction][rule_for(spec, direction, port)]
    return change


def with_port(direction, number, **fields):
    def change(spec):
        rule = spec[direction][rule_for(spec, direction, number)]
        next(p for p in rule["ports"] if p["port"] == number).update(fields)
    return change


def with_peer(direction, port, peer):
    def change(spec):
        spec[direction][rule_for(spec, direction, port)]["from" if direction == "ingress" else "to"] = [peer]
    return change


def set_to(**fields):
    def change(spec):
        spec.update(fields)
    return change


DNS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
       "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
WRONG_NAMESPACE = copy.deepcopy(DNS)
WRONG_NAMESPACE["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] = "dns"
WRONG_POD = copy.deepcopy(DNS)
WRONG_POD["podSelector"]["matchLabels"]["k8s-app"] = "coredns"
ANY_POD = {"podSelector": {}}

# name: (policy, change, code, object, what it must also say)
CHANGED = {
    "DNS rule missing, head": (HEAD, without_rule("egress", 53), "RK7002", f"{HEAD} egress", "head->dns dns"),
    "DNS rule missing, workers": (WORKER, without_rule("egress", 53), "RK7002", f"{WORKER} egress", f"{W}->dns dns"),
    "DNS in a wrong namespace": (HEAD, with_peer("egress", 53, WRONG_NAMESPACE), "RK7002", f"{HEAD} egress", "head->dns dns"),
    "DNS with a wrong pod label": (WORKER, with_peer("egress", 53, WRONG_POD), "RK7002", f"{WORKER} egress", f"{W}->dns dns"),
    "DNS to every pod here": (HEAD, with_peer("egress", 53, ANY_POD), "RK7003", f"{HEAD} egress", "53"),
    "Redis rule missing": (HEAD, without_rule("egress", 6380), "RK7002", f"{HEAD} egress", "head->redis redis"),
    "Redis on a wrong port": (HEAD, with_port("egress", 6380, port=6379), "RK7002", f"{HEAD} egress", "head->redis redis"),
    "Redis at a wrong address": (HEAD, with_peer("egress", 6380, {"ipBlock": {"cidr": "10.240.0.101/32"}}), "RK7002",
                                 f"{HEAD} egress", "head->redis redis"),
    "Redis' whole network": (HEAD, with_peer("egress", 6380, {"ipBlock": {"cidr": "10.240.0.0/24"}}), "RK7003",
                             f"{HEAD} egress", "10.240.0.0"),
    "GCS closed at the head": (HEAD, without_port("ingress", 6379), "RK7002", f"{HEAD} ingress", f"{W}->head gcs-server"),
    "GCS closed at the workers": (WORKER, without_port("egress", 6379), "RK7002", f"{WORKER} egress", f"{W}->head gcs-server"),
    "GCS on a wrong port": (HEAD, with_port("ingress", 6379, port=6378), "RK7003", f"{HEAD} ingress", "6378"),
    "worker range cut short": (HEAD, with_port("ingress", 10002, endPort=10020), "RK7002", f"{HEAD} ingress", "10021-10033"),
    "worker range too wide": (HEAD, with_port("ingress", 10002, endPort=19999), "RK7003", f"{HEAD} ingress", "10034-19999"),
    "worker range lost": (WORKER, without_port("ingress", 10002), "RK7002", f"{WORKER} ingress", f"head->{W} worker"),
    "dashboard closed to workers": (WORKER, without_port("egress", 8265), "RK7002", f"{WORKER} egress", f"{W}->head dashboard"),
    "log reading closed": (WORKER, without_port("ingress", 52365), "RK7002", f"{WORKER} ingress", f"head->{W} agent-http"),
    "profiling closed": (HEAD, without_port("egress", 52366), "RK7002", f"{HEAD} egress", f"head->{W} agent-grpc"),
    "objects closed": (WORKER, without_port("egress", 8076), "RK7002", f"{WORKER} egress", "object-manager"),
    "raylet closed": (HEAD, without_port("ingress", 8077), "RK7002", f"{HEAD} ingress", f"{W}->head node-manager"),
    "callers of Serve shut out": (WORKER, without_rule("ingress", 8000), "RK7002", f"{WORKER} ingress", f"ingress->{W} serve"),
    "Serve for every pod here": (WORKER, with_peer("ingress", 8000, ANY_POD), "RK7003", f"{WORKER} ingress", "8000"),
    "Serve for every namespace": (HEAD, with_peer("ingress", 8000, {"namespaceSelector": {}, "podSelector": {
        "matchLabels": {"app": "caller"}}}), "RK7003", f"{HEAD} ingress", "8000"),
    "controller shut out": (HEAD, without_rule("ingress", 52370), "RK7002", f"{HEAD} ingress", "controller->head raykeep"),
    "head calls everybody": (HEAD, set_to(egress=[{}]), "RK7003", f"{HEAD} egress[0]", "every port"),
    "everybody calls the head": (HEAD, set_to(ingress=[{}]), "RK7003", f"{HEAD} ingress[0]", "every port"),
    "policy of other pods": (HEAD, set_to(podSelector={"matchLabels": {"ray.io/cluster": "other"}}), "RK7002",
                             f"{HEAD} ingress", f"{W}->head gcs-server"),
    "direction not isolated": (WORKER, set_to(policyTypes=["Egress"], ingress=[]), "RK7002", f"{WORKER} ingress",
                               f"head->{W} node-manager"),
}


def named(said, code, where, also) -> list:
    return [f for f in errors(said) if f["code"] == code and where in f["object"] and also in f["what"]]


@pytest.mark.parametrize("name", CHANGED)
def test_a_fault_in_a_policy_is_named(lab, kept, name):
    target, change, code, where, also = CHANGED[name]
    before = policy(lab, target)["spec"]
    spec = copy.deepcopy(before)
    change(spec)
    put(lab, target, spec)
    try:
        said = verify(lab, "--no-probes")
    finally:
        put(lab, target, before)
    assert named(said, code, where, also), errors(said)
    assert not verify(lab, "--no-probes")["findings"]


@pytest.mark.parametrize("target", [HEAD, WORKER])
def test_a_policy_that_is_gone_is_named(lab, kept, target):
    before = policy(lab, target)
    lab.kubectl("delete", "networkpolicy", target)
    try:
        said = verify(lab, "--no-probes")
    finally:
        for field in ("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"):
            before["metadata"].pop(field, None)
        lab.kubectl("create", "-f", "-", stdin=json.dumps(before))
    assert [f["object"] for f in errors(said)] == [f"NetworkPolicy {target}"], errors(said)
    assert errors(said)[0]["code"] == "RK7001" and "closed: " in errors(said)[0]["what"]


FOREIGN = {
    "everything for everybody": {"podSelector": {}, "ingress": [{}]},
    "a port of the head for a namespace": {"podSelector": {"matchLabels": {"ray.io/node-type": "head"}}, "ingress": [{
        "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}], "ports": [{"port": 22}]}]},
    "the internet": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{
        "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}], "ports": [{"port": 443}]}]},
    "an office": {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.240.0.0/24"}}], "ports": [{"port": 8265}]}]},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_hole_of_somebody_elses_policy_is_named_and_can_be_accepted(lab, kept, name):
    made = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "somebodys"}, "spec": FOREIGN[name]}
    lab.kubectl("create", "-f", "-", stdin=json.dumps(made))
    try:
        said = verify(lab, "--no-probes")
        accepted = verify(lab, "--no-probes", "--accept", "somebodys")
    finally:
        lab.kubectl("delete", "networkpolicy", "somebodys")
    assert {f["object"].split("[")[0].rsplit(" ", 1)[0] for f in errors(said)} == {"NetworkPolicy somebodys"}, errors(said)
    assert not errors(accepted)


# --- faults that only packets show

@pytest.fixture
def cilium_policy(lab):
    """Makes a CiliumNetworkPolicy, as the administrator; raykeep cannot read it with a tenant's rights."""
    def make(spec):
        made = {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "unseen", "namespace": "ray"}, "spec": spec}
        lab.admin("apply", "-f", "-", stdin=json.dumps(made))
    yield make
    lab.admin("-n", "ray", "delete", "ciliumnetworkpolicy", "unseen", "--ignore-not-found")


def test_what_another_kind_of_policy_lets_through_is_found_by_a_packet(lab, kept, cilium_policy):
    cilium_policy({"endpointSelector": {"matchLabels": {"ray.io/node-type": "head"}},
                   "ingress": [{"fromEntities": ["all"], "toPorts": [{"ports": [{"port": "8265", "protocol": "TCP"}]}]}]})
    said = until("it is found", lambda: [f for f in errors(verify(lab)) if f["code"] == "RK7007"], patience=90)
    assert [f["object"] for f in said] == ["stranger->head"] or "stranger->head" in {f["object"] for f in said}, said
    assert "8265" in " ".join(f["what"] for f in said)
    assert not left(lab)


@pytest.mark.soak
def test_what_another_kind_of_policy_stops_is_found_by_a_packet(lab, kept, cilium_policy):
    cilium_policy({"endpointSelector": {"matchLabels": {"ray.io/node-type": "worker"}},
                   "egressDeny": [{"toEntities": ["cluster"], "toPorts": [{"ports": [{"port": "8265", "protocol": "TCP"}]}]}]})
    said = until("it is found", lambda: [f for f in errors(verify(lab)) if f["code"] == "RK7006"], patience=90)
    assert [f["object"] for f in said] == [f"{W}->head dashboard"], said


@pytest.mark.soak
def test_a_site_that_names_the_wrong_name_server_is_found_by_a_packet(lab, kept, tmp_path):
    """Policies and Site agree, and both are wrong."""
    site = tmp_path / "site.yaml"
    site.write_text(SITE.read_text() + "  dns: {servers: [{name: dns, namespaceLabels: {kubernetes.io/metadata.name: dns}, "
                    "podLabels: {k8s-app: kube-dns}}]}\n")
    before = {name: policy(lab, name)["spec"] for name in (HEAD, WORKER)}
    try:
        for name, spec in before.items():
            spec = copy.deepcopy(spec)
            with_peer("egress", 53, WRONG_NAMESPACE)(spec)
            put(lab, name, spec)
        done = lab.raykeep("verify", "-f", DOCUMENT, "--site", site, "-n", "ray", "-o", "json", check=False)
        said = json.loads(done.stdout)
    finally:
        for name, spec in before.items():
            put(lab, name, spec)
    assert {f["object"] for f in errors(said) if f["code"] == "RK7006"} >= {"head->dns dns", f"{W}->dns dns-tcp"}, said
    assert "spec.dns" in next(f["remedy"] for f in errors(said) if f["object"] == "head->dns dns")


@pytest.mark.soak
def test_a_missing_rule_is_seen_by_packets_too(lab, kept):
    before = policy(lab, HEAD)["spec"]
    spec = copy.deepcopy(before)
    without_rule("egress", 6380)(spec)
    put(lab, HEAD, spec)
    try:
        said = verify(lab)
    finally:
        put(lab, HEAD, before)
    flow = next(f for f in said["flows"] if f["id"] == "head->redis redis")
    assert flow["result"] == "dropped" and not flow["good"], flow
    assert [f["code"] for f in errors(said)] == ["RK7002"], errors(said)


@pytest.mark.soak
def test_a_pod_that_goes_while_it_is_tried_is_no_fault(lab, kept):
    worker = lab.pods(kept, "worker")[0]["metadata"]["name"]
    running = threading.Thread(target=lambda: (until("verify is under way", lambda: left(lab), patience=30, every=0.2),
                                               lab.kubectl("delete", "pod", worker, "--wait=false")))
    running.start()
    said = verify(lab)
    running.join()
    assert not errors(said), errors(said)
    assert any("went away" in f["note"] for f in said["flows"]) or any(p["untried"] for p in said["pairs"]), said
    until("two workers again", lambda: len([p for p in lab.pods(kept, "worker") if not p["metadata"].get("deletionTimestamp")]) == 2)
    lab.kubectl("rollout", "status", f"deployment/{WORKER}", "--timeout=120s")


# --- leaving nothing

def begin(lab):
    """verify, as a process at the desk; its pid there, once its short-lived pods are there."""
    process = subprocess.Popen([ROOT / "lab/exec", "--name", lab.name, RAYKEEP, "verify", KEPT, "-n", "ray"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until("short-lived objects are there", lambda: left(lab), patience=30, every=0.1)
    found = subprocess.run(["pgrep", "-f", f"{RAYKEEP} verify {KEPT}"], capture_output=True, text=True).stdout.split()
    pids = [int(p) for p in found if os.readlink(f"/proc/{p}/exe").endswith("raykeep")]
    assert len(pids) == 1, found
    return process, pids[0]


def test_an_interrupted_run_leaves_nothing(lab, kept):
    process, pid = begin(lab)
    os.kill(pid, signal.SIGTERM)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and "interrupted" in said, said
    assert not left(lab)


def test_a_killed_run_is_tidied_up_by_kubernetes(lab, kept):
    process, pid = begin(lab)
    os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=60)
    jobs = lab.get("jobs", "-l", "raykeep.io/short-lived")["items"]
    assert jobs and all(j["spec"]["activeDeadlineSeconds"] <= 180 and j["spec"]["ttlSecondsAfterFinished"] <= 10 for j in jobs)
    for each in lab.get("networkpolicies,replicasets", "-l", "raykeep.io/short-lived")["items"]:
        assert each["metadata"]["ownerReferences"][0]["kind"] in ("Job", "ReplicaSet"), each["metadata"]
    if LONG:
        until("all is gone", lambda: not left(lab), patience=240, every=5)
    else:
        lab.kubectl("delete", "jobs", "-l", "raykeep.io/short-lived", "--cascade=foreground", timeout=60)
        until("all is gone", lambda: not left(lab), patience=60, every=1)


# --- watching

SHUFFLE = """
import ray, random, time
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On
ray.init(logging_level="ERROR")

@ray.remote(num_cpus=0, num_returns=4)
def split():
    return tuple(random.randbytes(300_000) for _ in range(4))

@ray.remote(num_cpus=0)
def join(*parts): return sum(map(len, parts))

nodes = [On(n["NodeID"], soft=False) for n in ray.nodes() if n["Alive"]]
assert len(nodes) == 3
for _ in range(3):
    parts = [split.options(scheduling_strategy=on).remote() for on in nodes]
    sums = [join.options(scheduling_strategy=on).remote(*[p[k] for p in parts]) for k, on in enumerate(nodes)]
    assert ray.get(sums) == [900_000] * 3
from ray.job_submission import JobSubmissionClient
client = JobSubmissionClient("http://127.0.0.1:8265")
job = client.submit_job(entrypoint="python -c 'import ray; ray.init(); print(len(ray.nodes()))'")
for _ in range(240):
    if client.get_job_status(job).is_terminal(): break
    time.sleep(0.5)
assert client.get_job_status(job) == "SUCCEEDED", client.get_job_logs(job)
print("shuffled")
"""


def test_the_controllers_own_flows_are_tried_and_it_puts_back_what_was_changed(lab, kept, controller):
    said = verify(lab)
    tested = {f["id"]: f["result"] for f in said["flows"] if f["from"] == "controller"}
    assert not errors(said), errors(said)
    assert tested["controller->head raykeep"] == "open" and "open" in {r for i, r in tested.items() if "api-server" in i}, tested
    before = policy(lab, HEAD)["spec"]
    spec = copy.deepcopy(before)
    without_rule("egress", 53)(spec)
    put(lab, HEAD, spec)
    until("the controller has put it back", lambda: policy(lab, HEAD)["spec"] == before, patience=30)


@pytest.mark.soak
def test_an_api_server_that_the_controller_cannot_reach_is_named(lab, kept, controller):
    """Its policy is taken away, and the namespace's default denies all."""
    before = policy(lab, "raykeep-controller")
    lab.kubectl("delete", "networkpolicy", "raykeep-controller")
    try:
        said = until("it is found", lambda: errors(verify(lab)), patience=60)
    finally:
        for field in ("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"):
            before["metadata"].pop(field, None)
        lab.kubectl("create", "-f", "-", stdin=json.dumps(before))
    assert any(f["code"] == "RK7006" and "api-server" in f["object"] for f in said), said


@pytest.mark.soak
def test_watching_a_broad_workload_finds_no_flow_that_the_table_lacks(lab, kept, controller, load):
    """Serve under load, a shuffle, a job, and a worker that drains."""
    said = {}
    watching = threading.Thread(target=lambda: said.update(verify(lab, "--no-probes", "--watch", "60s")))
    watching.start()
    try:
        assert "shuffled" in lab.python(lab.pod(kept, "head"), SHUFFLE).stdout
        lab.kubectl("delete", "pod", lab.pods(kept, "worker")[0]["metadata"]["name"], "--wait=false")
    finally:
        watching.join()
    assert said, "verify did not end well"
    assert not errors(said), errors(said)
    unused = {f["object"] for f in said["findings"] if f["code"] == "RK7013"}
    # What such a workload is made of was seen.
    seen = {f["id"] for f in said["flows"]} - unused
    assert {f"{W}->head gcs-server", f"head->{W} node-manager", "head->redis redis", f"ingress->{W} serve",
            f"{W}->{W} object-manager", "controller->head raykeep"} <= seen, unused
    until("two workers again", lambda: len([p for p in lab.pods(kept, "worker") if not p["metadata"].get("deletionTimestamp")]) == 2)


@pytest.mark.soak
def test_watching_finds_a_flow_that_the_table_lacks(lab, kept):
    """A task that calls out: it is dropped, and told."""
    program = "import socket\ns = socket.socket(); s.settimeout(20)\ntry: s.connect(('10.240.0.100', 4444))\nexcept OSError: pass"
    caller = threading.Thread(target=lambda: lab.python(lab.pod(kept, "head"), program))
    caller.start()
    said = verify(lab, "--no-probes", "--watch", "8s")
    caller.join()
    assert any(f["code"] == "RK7012" and "10.240.0.100:4444" in f["object"] for f in errors(said)), said["findings"]
