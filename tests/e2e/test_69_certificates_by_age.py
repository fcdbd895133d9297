"""Certificates of ten minutes: renewed by their age under load; and what is said, and what still works, when the controller stays away
until they have ended. Half an hour: make soak."""
import json
import time

import pytest
from calls import calls
from controller import NAME, is_ready, logs
from kept import KEPT, redis  # noqa: F401
from lab import until
from native import controller, native, native_site  # noqa: F401

pytestmark = pytest.mark.soak
LIFETIME = 600


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return native_site(tmp_path_factory.mktemp("native"), "{mode: native, certificateLifetime: 10m}")


def nodes(lab) -> dict:
    return {p["metadata"]["uid"]: p for p in lab.pods(KEPT, "worker") + lab.pods(KEPT, "head") if not p["metadata"].get("deletionTimestamp")}


def are_new(lab, old) -> bool:
    now = nodes(lab)
    return len(now) == 3 and not set(old) & set(now) and all(map(is_ready, now.values()))


def status(lab) -> dict:
    return json.loads(lab.raykeep("status", KEPT, "-n", "ray", "-o", "json", check=False).stdout)["clusters"][0]


def test_they_are_renewed_by_age_under_load(lab, native):
    old = nodes(lab)
    with calls(lab, [f"{KEPT}-serve-svc.ray.svc"], "n1", kept=False, port=52381, tls=True) as load:
        before, began = load.tally(), time.monotonic()
        until("every node has a new certificate", lambda: are_new(lab, old), patience=LIFETIME)
        took = time.monotonic() - began
        said = load.since(before)
    print(f"{took:.0f} s", said, logs(lab)[-5000:])
    assert said["sent"] > 1000 and said["failed"] == 0, said
    assert status(lab)["state"] == "ready"


def test_without_the_controller_they_end_and_status_says_what_that_means(lab, native):
    old = nodes(lab)
    lab.kubectl("scale", f"deployment/{NAME}", "--replicas=0")
    try:
        until("they are to be renewed, and nobody does", lambda: "not renewed in time" in json.dumps(status(lab)), patience=LIFETIME)
        until("they have ended", lambda: "3 of 3 nodes have ended" in json.dumps(status(lab)), patience=LIFETIME)
        time.sleep(20)  # well past it
        said = status(lab)
        print(said)
        assert "the first ended" in said["certificates"], said
        # Nodes stay what they are: connections that stand go on.
        assert set(nodes(lab)) == set(old)
        assert all(map(is_ready, nodes(lab).values())), said
        # A new process of Ray's is refused.
        fresh = lab.kubectl("exec", lab.pod(KEPT, "head"), "--", "timeout", "20", "ray", "health-check", check=False)
        assert fresh.returncode != 0, fresh
    finally:
        lab.kubectl("scale", f"deployment/{NAME}", "--replicas=2")
        lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=90s")
    until("the controller has mended it", lambda: are_new(lab, old), patience=600)
    assert status(lab)["state"] == "ready"
    assert "succeeded" in lab.kubectl("exec", lab.pod(KEPT, "head"), "--", "sh", "-c", "ray health-check && echo succeeded").stdout
