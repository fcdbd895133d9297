"""Ray in a mesh that refuses plaintext everywhere, in a namespace with default deny, with the namespace's rights alone."""
import json
import signal

from kept import COUNT
from lab import until
from meshed import MESHED, all_alive, move_a_gigabyte
from processes import Process

JOB = """
import sys, time
from ray.job_submission import JobSubmissionClient
client = JobSubmissionClient("http://meshed-head-svc:8265", headers={"Authorization": "Bearer " + sys.argv[1]})
job = client.submit_job(entrypoint="python3 -c 'import ray; ray.init(); print(sum(ray.get([ray.remote(lambda i=i: i).remote() for i in range(100)])))'")
while not (state := client.get_job_status(job)).is_terminal():
    time.sleep(0.5)
print(state, client.get_job_logs(job).splitlines()[-1])
"""


def proxies(pod):
    return [c for c in pod["spec"].get("initContainers", []) + pod["spec"]["containers"] if c["name"] == "istio-proxy"]


def test_every_pod_has_a_sidecar_and_stays_restricted(lab, cluster):
    assert lab.admin("get", "namespace", "ray", "-o", "jsonpath={.metadata.labels}").stdout.count('"restricted"') == 3
    for pod in lab.pods(cluster):
        assert len(proxies(pod)) == 1, pod["metadata"]["name"]
        added = [c for c in pod["spec"]["initContainers"] + pod["spec"]["containers"]
                 if c["securityContext"]["capabilities"].get("add")]
        assert not added, added


def test_the_pods_are_on_both_nodes_and_ray_sees_them(lab, cluster, head):
    assert {p["spec"]["nodeName"] for p in lab.pods(cluster)} == {"n1", "n2"}
    assert lab.alive_nodes(head) == 3


def test_the_mesh_is_strict_before_anything_of_ours(lab, cluster):
    rules = json.loads(lab.admin("get", "peerauthentication", "-A", "-o", "json").stdout)["items"]
    assert [(r["metadata"]["namespace"], r["spec"]["mtls"]["mode"]) for r in rules] == [("istio-system", "STRICT")]


def test_a_gigabyte_passes_between_the_nodes(lab, cluster):
    move_a_gigabyte(lab, cluster)


def test_a_job_is_submitted_from_a_pod_of_the_mesh(lab, cluster, load):
    token = lab.python(lab.pod(cluster, "head"), "import os; print(open(os.environ['RAY_AUTH_TOKEN_PATH']).read())").stdout.strip()
    assert "SUCCEEDED 4950" in lab.python("caller", JOB, token).stdout


def test_serve_answers_through_its_service(lab, cluster, load):
    before = load.tally()
    until("200 more calls", lambda: load.since(before)["sent"] > 200, patience=60)
    assert load.since(before)["failed"] == 0, load.since(before)


def test_a_killed_gcs_serves_again_in_its_own_pod(lab, cluster, load):
    before, head = load.tally(), lab.pod(cluster, "head")
    gcs = Process(lab, head, "gcs_server")
    old = gcs.signal(signal.SIGKILL)
    until("another GCS runs", lambda: [p for p in gcs.pids() if p != old], patience=10, every=0.05)
    all_alive(lab)
    assert lab.pod(cluster, "head") == head
    assert load.since(before)["failed"] == 0, load.since(before)


def test_the_head_fails_over_with_its_state(lab, cluster, load):
    before, head = load.tally(), lab.pod(cluster, "head")
    count = int(lab.python(head, COUNT).stdout.split("count ")[1])
    old = lab.get("pod", head)["metadata"]["uid"]
    lab.kubectl("delete", "pod", head, "--wait=false")
    until("another head is there", lambda: old not in [p["metadata"]["uid"] for p in lab.pods(cluster, "head")], patience=180)
    all_alive(lab)
    assert int(lab.python(lab.pod(cluster, "head"), COUNT).stdout.split("count ")[1]) > count, "the detached actor began anew"
    during = load.since(before)
    assert during["sent"] > 0 and during["failed"] == 0, during


def test_status_says_ready(lab, cluster):
    def state():
        return json.loads(lab.raykeep("status", MESHED, "-n", "ray", "-o", "json").stdout)["clusters"][0]["state"]

    until("status says ready", lambda: state() == "ready", patience=60)


def test_a_deleted_worker_drains_under_load(lab, cluster, load):
    """Its replica of Serve moves to the pod that takes its place, and its proxy stays until it has."""
    before, worker = load.tally(), lab.pods(cluster, "worker")[0]["metadata"]["name"]
    lab.kubectl("delete", "pod", worker, "--wait=false")
    until("it is gone", lambda: worker not in [p["metadata"]["name"] for p in lab.pods(cluster)], patience=180, every=1)
    all_alive(lab)
    during = load.since(before)
    assert during["sent"] > 0 and during["failed"] == 0, during
