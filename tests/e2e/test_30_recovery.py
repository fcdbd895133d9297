"""What comes back by itself."""
import datetime

import pytest
from lab import until


def new_pod_ready(lab, cluster, role, old_uid):
    for pod in lab.pods(cluster, role):
        conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
        if pod["metadata"]["uid"] != old_uid and conditions.get("Ready") == "True":
            return pod
    return None


def age(pod):
    started = datetime.datetime.fromisoformat(pod["status"]["startTime"])
    return (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()


def uid(lab, pod):
    return lab.get("pod", pod)["metadata"]["uid"]


def test_a_killed_worker_pod_comes_back(lab, cluster, worker):
    old = uid(lab, worker)
    lab.kubectl("delete", "pod", worker, "--grace-period=1", "--wait=false")
    until("a new worker is ready", lambda: new_pod_ready(lab, cluster, "worker", old))
    head = lab.pod(cluster, "head")
    until("two Ray nodes are alive", lambda: lab.alive_nodes(head) == 2)


@pytest.mark.soak
def test_a_deleted_head_comes_back_and_workers_rejoin(lab, cluster, head):
    old = uid(lab, head)
    # Status tells a lost state from a first start by workers that are a minute older than the head.
    until("the worker is a minute old", lambda: age(lab.pods(cluster, "worker")[0]) > 70)
    lab.kubectl("delete", "pod", head, "--grace-period=1", "--wait=false")
    pod = until("the head is ready again", lambda: new_pod_ready(lab, cluster, "head", old))
    assert pod["metadata"]["name"] == head, "the head's name stays"
    until("two Ray nodes are alive", lambda: lab.alive_nodes(head) == 2, patience=240)


@pytest.mark.soak
def test_status_says_that_state_was_lost_with_the_head(lab, cluster):
    text = lab.raykeep("status", cluster, "-n", "ray").stdout
    assert "state" in text and "lost" in text, text
