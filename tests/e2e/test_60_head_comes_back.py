"""The head comes back: drills on a cluster whose GCS keeps its state in a Redis outside, under constant load on Serve.

In each: no request fails, no worker restarts, a detached actor keeps its count. Processes of a pod are found from outside, as
the machine's own: a container cannot kill its process 1.
"""
import json
import os
import pathlib
import signal
import time

import pytest
from calls import calls
from conftest import E2E
from lab import until
from redis_at_the_desk import PASSWORD, Redis

KEPT = "kept"
SITE = E2E / "ft/site.yaml"
DOCUMENT = E2E / "ft/ray-cluster.yaml"

DEPLOY = """
import ray
from ray import serve
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On
ray.init(logging_level="ERROR", namespace="drill")

@ray.remote(num_cpus=0, max_restarts=0)
class Counter:
    def __init__(self): self.count = 0
    def up(self): self.count += 1; return self.count

@serve.deployment(num_replicas=2, max_replicas_per_node=1, ray_actor_options={"num_cpus": 0.1, "resources": {"worker": 0.1}})
class App:
    async def __call__(self, request): return "served"

serve.start(http_options={"host": "0.0.0.0", "port": 8000}, proxy_location="EveryNode")
serve.run(App.bind(), name="app", route_prefix="/")
Counter.options(name="counter", lifetime="detached", resources={"worker": 0.1}).remote()
counter = ray.get_actor("counter", namespace="drill")
print("count", ray.get(counter.up.remote()))
"""
COUNT = """
import ray
ray.init(logging_level="ERROR", namespace="drill")
print("count", ray.get(ray.get_actor("counter", namespace="drill").up.remote(), timeout=60))
"""


class Process:
    """A process of a pod, as the machine sees it."""

    def __init__(self, lab, pod, name):
        self.lab, self.uid, self.name = lab, lab.get("pod", pod)["metadata"]["uid"], name

    def pids(self) -> list:
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                cgroups = (folder / "cgroup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            named = any(pathlib.PurePath(os.fsdecode(word)).name == self.name for word in words[:4])
            if named and (self.uid in cgroups or self.uid.replace("-", "_") in cgroups):
                found.append(int(folder.name))
        return sorted(found)

    def pid(self) -> int:
        return until(f"{self.name} runs", self.pids)[0]

    def signal(self, which) -> int:
        pid = self.pid()
        os.kill(pid, which)
        return pid


@pytest.fixture(scope="module")
def redis(lab):
    acl = lab.raykeep("site", "redis-acl", "--site", SITE, "-f", DOCUMENT, "-n", "ray").stdout.strip()
    made = Redis(lab, acl)
    made.start()
    lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={PASSWORD}")
    lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={made.ca}")
    yield made
    made.close()
    lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca")


@pytest.fixture(scope="module")
def kept(lab, redis):
    lab.raykeep("up", "-f", DOCUMENT, "--site", SITE, "-n", "ray", "--timeout", "5m", timeout=400)
    lab.python(lab.pod(KEPT, "head"), DEPLOY)
    yield KEPT
    lab.raykeep("down", KEPT, "-n", "ray", "--timeout", "3m")


@pytest.fixture(scope="module")
def load(lab, kept):
    addresses = [pod["status"]["podIP"] for pod in lab.pods(kept, "worker")]
    with calls(lab, addresses) as made:
        yield made


@pytest.fixture
def unharmed(lab, kept, load):
    """What must hold over each drill."""
    def workers():
        return {p["metadata"]["uid"]: sum(c["restartCount"] for c in p["status"]["containerStatuses"])
                for p in lab.pods(kept, "worker")}

    def raylets():
        return [Process(lab, p["metadata"]["name"], "raylet").pids() for p in lab.pods(kept, "worker")]

    before, lives, pids = load.tally(), workers(), raylets()
    yield
    said = lab.python(lab.pod(kept, "head"), COUNT).stdout
    assert int(said.split("count ")[1]) >= 2, "the detached actor began anew"
    time_of_load = load.since(before)
    assert time_of_load["sent"] > 0 and time_of_load["failed"] == 0, time_of_load
    assert workers() == lives and raylets() == pids, "a worker was restarted"


def head_is_ready(lab):
    pods = [p for p in lab.pods(KEPT, "head") if not p["metadata"].get("deletionTimestamp")]
    conditions = {c["type"]: c["status"] for p in pods for c in p["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"


def alive(lab):
    return lab.alive_nodes(lab.pod(KEPT, "head"))


def gcs(lab):
    return Process(lab, lab.pod(KEPT, "head"), "gcs_server")


def test_no_redis_secret_is_in_a_pod_spec_command_line_environment_or_log(lab, kept, load):
    for kind in ("pods", "statefulsets", "configmaps", "events"):
        assert PASSWORD not in lab.kubectl("get", kind, "-o", "yaml").stdout, kind
    head = lab.pod(kept, "head")
    assert PASSWORD not in lab.kubectl("logs", head, "--all-containers").stdout
    for pid in Process(lab, head, "gcs_server").pids() + Process(lab, head, "raykeep").pids():
        assert PASSWORD.encode() not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        assert PASSWORD.encode() not in pathlib.Path(f"/proc/{pid}/environ").read_bytes()


def test_a_killed_gcs_serves_again_in_its_own_pod(lab, kept, redis, unharmed):
    old = gcs(lab).signal(signal.SIGKILL)
    until("another GCS runs", lambda: [p for p in gcs(lab).pids() if p != old], patience=10, every=0.05)
    until("two workers and the head are alive", lambda: alive(lab) == 3)


def test_a_hung_gcs_is_found_and_restarted_alone(lab, kept, unharmed):
    raylet = Process(lab, lab.pod(kept, "head"), "raylet").pid()
    old = gcs(lab).signal(signal.SIGSTOP)
    until("another GCS runs", lambda: [p for p in gcs(lab).pids() if p != old], patience=40)
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert Process(lab, lab.pod(kept, "head"), "raylet").pid() == raylet


def test_a_killed_dashboard_comes_back_alone(lab, kept, unharmed):
    head = lab.pod(kept, "head")
    before = gcs(lab).pid()
    old = Process(lab, head, "dashboard.py").signal(signal.SIGKILL)
    until("another dashboard runs", lambda: [p for p in Process(lab, head, "dashboard.py").pids() if p != old], patience=20)
    until("the head is ready", lambda: head_is_ready(lab), patience=60)
    assert gcs(lab).pid() == before


def test_five_kills_in_a_row_are_answered_by_five_restarts_in_place(lab, kept, unharmed):
    for _ in range(5):
        old = gcs(lab).signal(signal.SIGKILL)
        until("another GCS runs", lambda: [p for p in gcs(lab).pids() if p != old], patience=20, every=0.05)
        until("it serves", lambda: alive(lab) == 3)


def test_redis_away_for_a_while_is_not_noticed_by_the_gcs(lab, kept, redis, unharmed):
    before = gcs(lab).pid()
    redis.kill()
    away = time.monotonic()
    until("the outage was long enough for Ray alone to die of it", lambda: time.monotonic() - away > 8, every=1)
    redis.start()
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


def test_a_hung_redis_is_not_noticed_by_the_gcs(lab, kept, redis, unharmed):
    before = gcs(lab).pid()
    redis.freeze()
    try:
        away = time.monotonic()
        until("the outage was long enough", lambda: time.monotonic() - away > 8, every=1)
    finally:
        redis.thaw()
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


def test_a_killed_head_container_comes_back(lab, kept, unharmed):
    head = lab.pod(kept, "head")
    Process(lab, head, "raykeep").signal(signal.SIGKILL)
    until("the container was restarted",
          lambda: sum(c["restartCount"] for c in lab.get("pod", head)["status"]["containerStatuses"]) >= 1, patience=60)
    until("the head is ready", lambda: head_is_ready(lab), patience=120)
    until("two workers and the head are alive", lambda: alive(lab) == 3)


def test_a_deleted_head_pod_comes_back_with_its_state(lab, kept, unharmed):
    head = lab.pod(kept, "head")
    old = lab.get("pod", head)["metadata"]["uid"]
    lab.kubectl("delete", "pod", head, "--wait=false")
    until("another pod is ready", lambda: old not in [p["metadata"]["uid"] for p in lab.pods(kept, "head")]
          and head_is_ready(lab), patience=180, every=1)
    until("two workers and the head are alive", lambda: alive(lab) == 3)


def test_status_knows_where_the_state_is(lab, kept):
    said = json.loads(lab.raykeep("status", kept, "-n", "ray", "-o", "json").stdout)
    assert said["clusters"][0]["state"] == "ready", said
    assert not [w for w in said["clusters"][0].get("warnings", []) if "lost" in w], said
