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
from kept import COUNT, DEPLOY, KEPT, load_on
from lab import until
from processes import Process, cut
from redis_at_the_desk import ADDRESS, PASSWORD

# CI has the time for some drills, and short; `make soak` for all, at full length.
LONG = "RAYKEEP_SOAK" in os.environ


def last(seconds):
    """Lets that much time pass."""
    began = time.monotonic()
    until(f"{seconds} s have passed", lambda: time.monotonic() - began > seconds, patience=seconds + 60, every=1)


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


@pytest.mark.soak
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


@pytest.mark.soak
def test_a_killed_dashboard_comes_back_alone(lab, kept, unharmed):
    head = lab.pod(kept, "head")
    before = gcs(lab).pid()
    old = Process(lab, head, "dashboard.py").signal(signal.SIGKILL)
    until("another dashboard runs", lambda: [p for p in Process(lab, head, "dashboard.py").pids() if p != old], patience=20)
    until("the head is ready", lambda: head_is_ready(lab), patience=60)
    assert gcs(lab).pid() == before


@pytest.mark.soak
def test_kills_in_a_row_are_answered_by_restarts_in_place(lab, kept, unharmed):
    for _ in range(20):
        old = gcs(lab).signal(signal.SIGKILL)
        until("another GCS runs", lambda: [p for p in gcs(lab).pids() if p != old], patience=20, every=0.05)
        until("it serves", lambda: alive(lab) == 3)


# Ray alone dies of an outage of two seconds.
@pytest.mark.parametrize("outage", [8, 30, 60] if LONG else [8])
def test_redis_away_for_a_while_is_not_noticed_by_the_gcs(lab, kept, redis, unharmed, outage):
    before = gcs(lab).pid()
    redis.kill()
    last(outage)
    redis.start()
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


@pytest.mark.soak
def test_a_hung_redis_is_not_noticed_by_the_gcs(lab, kept, redis, unharmed):
    before = gcs(lab).pid()
    redis.freeze()
    try:
        last(8)
    finally:
        redis.thaw()
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


@pytest.mark.soak
def test_a_head_cut_off_from_redis_goes_on_when_it_is_back(lab, kept, unharmed):
    before = gcs(lab).pid()
    with cut(lab, lab.pod(kept, "head"), ADDRESS):
        last(15)
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


@pytest.mark.soak
def test_workers_cut_off_from_the_head_serve_on_and_come_back(lab, kept, unharmed):
    before = gcs(lab).pid()
    with cut(lab, lab.pod(kept, "head"), *[p["status"]["podIP"] for p in lab.pods(kept, "worker")]):
        last(20)
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pids() == [before]


@pytest.mark.soak
def test_ray_does_not_need_the_api_server(lab, kept, unharmed):
    head = lab.pod(kept, "head")
    processes = gcs(lab)
    before = processes.pid()
    stopped = lab.daemon("apiserver")
    os.kill(stopped, signal.SIGSTOP)
    try:
        last(20)
        processes.signal(signal.SIGKILL)
        until("another GCS runs", lambda: [p for p in processes.pids() if p != before], patience=10, every=0.05)
        last(100)
    finally:
        os.kill(stopped, signal.SIGCONT)
    until("the API server answers", lambda: lab.kubectl("get", "pod", head, check=False).returncode == 0)
    until("the head is ready", lambda: head_is_ready(lab), patience=120)
    until("two workers and the head are alive", lambda: alive(lab) == 3)


@pytest.mark.soak
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


@pytest.mark.soak
def test_a_hung_raylet_of_a_worker_is_replaced_in_its_pod(lab, kept, load):
    """Here requests to that one node fail: its processes are Ray's no more. The others go on, and Serve comes back to it."""
    before = gcs(lab).pid()
    workers = lab.pods(kept, "worker")
    raylet = Process(lab, workers[0]["metadata"]["name"], "raylet")
    other = Process(lab, workers[1]["metadata"]["name"], "raylet")
    old, unhurt = raylet.signal(signal.SIGSTOP), other.pids()
    until("another raylet runs", lambda: [p for p in raylet.pids() if p != old], patience=90)
    until("two workers and the head are alive", lambda: alive(lab) == 3)
    assert gcs(lab).pid() == before and other.pids() == unhurt
    assert [p["metadata"]["uid"] for p in lab.pods(kept, "worker")] == [p["metadata"]["uid"] for p in workers]
    # How soon is Ray's own: its Serve controller places the replica, then the proxy.
    until("both workers serve", lambda: load.quiet(), patience=240)


def test_status_knows_where_the_state_is(lab, kept):
    def cluster():
        return json.loads(lab.raykeep("status", kept, "-n", "ray", "-o", "json").stdout)["clusters"][0]

    until("status says ready", lambda: cluster()["state"] == "ready", patience=60)
    said = cluster()
    assert not [w for w in said.get("warnings", []) if "lost" in w], said


def test_the_users_own_drills_find_the_cluster_as_good(lab, kept):
    """`raykeep drill`, as its users have it: with the namespace's rights, from outside."""
    asked = lab.raykeep("drill", kept, "-n", "ray", check=False)
    assert asked.returncode == 2 and "harms cluster kept" in asked.stderr, asked
    until("all workers are ready", lambda: all({c["type"]: c["status"] for c in p["status"]["conditions"]}["Ready"] == "True"
                                               for p in lab.pods(kept, "worker")))
    names = [] if LONG else ["--only", "gcs-kill,dashboard-kill"]
    done = lab.raykeep("drill", kept, "-n", "ray", "--yes", "--serve-path", "/", "-o", "json", *names, check=False, timeout=1200)
    assert done.stdout.startswith("{"), str(done)
    told = {each["drill"]: each for each in json.loads(done.stdout)["drills"]}
    assert done.returncode == 0 and all(each["good"] for each in told.values()), str(done)
    kill = told["gcs-kill"]
    assert kill["requests"] > 0 and kill["outageSeconds"] < 2 and kill["actors"] >= 4, str(done)


@pytest.mark.soak
def test_a_redis_that_comes_back_empty_is_told_and_serving_goes_on(lab, kept, redis):
    """What only Redis knew is gone, so nothing new can begin; what runs goes on."""
    with load_on(lab, kept) as load:  # the drills may have replaced a worker
        until("calls are answered", lambda: load.quiet())
        before = load.tally()
        redis.ask("FLUSHALL")
        until("status tells it", lambda: "without" in lab.raykeep("status", kept, "-n", "ray").stdout, patience=60, every=2)
        last(5)
        during = load.since(before)
    assert during["sent"] > 0 and during["failed"] == 0, during


@pytest.mark.soak
def test_what_lost_its_state_begins_anew_by_itself(lab, kept):
    """A GCS that begins on the emptied Redis knows nobody: every node's Ray begins anew, in its pod, and the cluster is a cluster again."""
    pods = {p["metadata"]["uid"] for p in lab.pods(kept)}
    old = gcs(lab).signal(signal.SIGKILL)
    until("another GCS runs", lambda: [p for p in gcs(lab).pids() if p != old], patience=20)
    until("two workers and the head are alive", lambda: alive(lab) == 3, patience=180, every=2)
    until("the head is ready", lambda: head_is_ready(lab), patience=120)
    assert {p["metadata"]["uid"] for p in lab.pods(kept)} == pods
    assert "count 1" in lab.python(lab.pod(kept, "head"), DEPLOY).stdout, "it takes new work"
    assert not [w for w in json.loads(lab.raykeep("status", kept, "-n", "ray", "-o", "json").stdout)["clusters"][0].get("warnings", [])]
