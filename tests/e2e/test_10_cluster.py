"""The main job: an unchanged KubeRay document becomes a working Ray cluster with namespace rights only."""
import json
import pathlib

from conftest import DEMO
from lab import until
from probe import probe

MOVE_A_GIGABYTE = """
import socket, ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On
ray.init(logging_level="ERROR")
import numpy as np

@ray.remote(num_cpus=0)
def make():
    return np.arange(128 * 2**20, dtype=np.int64)      # 1 GiB

@ray.remote(num_cpus=0)
def look(a):
    return socket.gethostname(), a.nbytes, int(a[-1])

nodes = {n["NodeManagerHostname"]: n["NodeID"] for n in ray.nodes() if n["Alive"]}
assert len(nodes) == 2, nodes
(a, a_id), (b, b_id) = sorted(nodes.items())
made = make.options(scheduling_strategy=On(a_id, soft=False)).remote()
host, size, last = ray.get(look.options(scheduling_strategy=On(b_id, soft=False)).remote(made), timeout=120)
assert host == b and size == 2**30 and last == 128 * 2**20 - 1, (host, size, last)
print("moved", size, "bytes from", a, "to", b)
"""

ASK_WITHOUT_TOKEN = """
import urllib.error, urllib.request, os
def status(headers):
    try:
        request = urllib.request.Request("http://127.0.0.1:8265/api/version", headers=headers)
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
token = open(os.environ["RAY_AUTH_TOKEN_PATH"]).read().strip()
print(status({}), status({"Authorization": "Bearer wrong"}), status({"Authorization": "Bearer " + token}))
"""

CONNECT_WITHOUT_TOKEN = """
import os
os.environ["RAY_AUTH_MODE"] = "disabled"
os.environ.pop("RAY_AUTH_TOKEN_PATH", None)
import ray
try:
    ray.init(address="auto", logging_level="ERROR")
    print("connected", len(ray.nodes()))
except BaseException as error:
    print("refused", type(error).__name__)
"""


def ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def test_up_ends_with_every_pod_ready(lab, up, cluster):
    pods = lab.pods(cluster)
    assert len(pods) == 2, str(up)
    assert all(ready(p) for p in pods), str(up)


def test_every_container_has_a_read_only_root_and_is_restricted(lab, cluster):
    for pod in lab.pods(cluster):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        for container in spec["containers"] + spec.get("initContainers", []):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, container["name"]
            assert context["allowPrivilegeEscalation"] is False
            assert "ALL" in context["capabilities"]["drop"]
            assert set(container["resources"]["requests"]) >= {"cpu", "memory", "ephemeral-storage"}
            assert set(container["resources"]["limits"]) >= {"cpu", "memory", "ephemeral-storage"}


def test_a_ray_job_runs_over_both_nodes(lab, head, worker):
    lab.desk("kubectl", "exec", "-i", head, "--", "sh", "-c", "cat > /tmp/job.py",
             stdin=(DEMO / "job.py").read_text())
    done = lab.kubectl("exec", head, "--", "ray", "job", "submit", "--address", "http://127.0.0.1:8265",
                       "--", "python3", "/tmp/job.py")
    assert f"node {head}:" in done.stdout and f"node {worker}:" in done.stdout, str(done)
    assert "2 nodes, sum of 0..1000000 = 500000500000" in done.stdout, str(done)


def test_an_object_of_one_gigabyte_moves_between_nodes(lab, head):
    done = lab.python(head, MOVE_A_GIGABYTE)
    assert "moved 1073741824 bytes" in done.stdout, str(done)


def test_the_dashboard_asks_for_the_token(lab, head):
    assert lab.python(head, ASK_WITHOUT_TOKEN).stdout.split() == ["401", "403", "200"]


def test_gcs_asks_for_the_token(lab, head):
    done = lab.python(head, CONNECT_WITHOUT_TOKEN, check=False, timeout=120)
    assert "connected" not in done.stdout, str(done)


def test_the_token_is_in_no_pod_spec_command_line_or_log(lab, up, cluster, head, worker):
    import base64
    token = base64.b64decode(lab.get("secret", cluster)["data"]["auth_token"]).decode()
    assert len(token) >= 32
    places = {"up's output": up.stdout + up.stderr}
    for kind in ("pods", "statefulsets", "deployments", "configmaps", "services", "events"):
        places[kind] = lab.kubectl("get", kind, "-o", "yaml").stdout
    for pod in (head, worker):
        places[f"log of {pod}"] = lab.kubectl("logs", pod, "--all-containers").stdout
        look = lab.kubectl("exec", pod, "--", "sh", "-c", f"grep -rlF -- {token} /tmp/ray 2>/dev/null; true")
        assert look.stdout == "", f"in files of {pod}: {look.stdout}"
    for name, text in places.items():
        assert token not in text, name
    for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert token not in process.read_bytes().decode(errors="replace"), process
        except (FileNotFoundError, ProcessLookupError):
            pass


def test_up_twice_changes_nothing(lab, cluster):
    def versions():
        found = {}
        for kind in ("configmaps", "secrets", "services", "networkpolicies", "poddisruptionbudgets", "statefulsets",
                     "deployments", "pods"):
            for item in lab.get(kind)["items"]:
                meta = item["metadata"]
                if meta.get("labels", {}).get("ray.io/cluster") == cluster:
                    found[kind, meta["name"]] = meta["resourceVersion"]
        return found

    before = until("the cluster is quiet", lambda: (lambda v: v if v == versions() else None)(versions()), every=2)
    lab.raykeep("up", "-f", DEMO / "ray-cluster.yaml", "--site", DEMO / "site.yaml", "-n", "ray")
    assert versions() == before


def test_diff_of_what_runs_is_empty(lab, cluster):
    done = lab.raykeep("diff", "-f", DEMO / "ray-cluster.yaml", "--site", DEMO / "site.yaml", "-n", "ray")
    assert done.returncode == 0, str(done)


def test_render_gives_the_same_bytes_twice(lab):
    arguments = ("render", "-f", DEMO / "ray-cluster.yaml", "--site", DEMO / "site.yaml", "-n", "ray")
    first = lab.raykeep(*arguments).stdout
    assert first.count("\nkind: ") >= 8
    assert lab.raykeep(*arguments).stdout == first


def test_status_says_that_all_is_well(lab, cluster):
    state = json.loads(lab.raykeep("status", cluster, "-n", "ray", "-o", "json").stdout)
    text = lab.raykeep("status", cluster, "-n", "ray").stdout
    assert cluster in text and "1/1" in text, text
    assert state, text


def test_ray_tried_no_flow_that_the_table_lacks(lab, cluster, drops, head, worker):
    """After start, job and gigabyte, and before anybody probes: the policies dropped nothing to or from a Ray pod."""
    addresses = {pod["status"]["podIP"] for pod in lab.pods(cluster)}

    def of_ray(drop):
        # Ray's dashboard asks for a cloud's metadata once when it starts, with usage statistics off, too
        # (dashboard/modules/usage_stats, Ray 2.60). It gets as far as its own pod.
        return {drop.source, drop.target} & addresses and (drop.target, drop.port) != ("169.254.169.254", "80")

    assert not [drop for drop in drops.seen() if of_ray(drop)]
    # A packet that the table lacks is seen, or the line above would prove nothing.
    target = lab.get("pod", worker)["status"]["podIP"]
    assert probe(lab, head, [(target, 9999, "TCP")]) == ["dropped"]
    drops.await_one("the drop of port 9999", lambda drop: (drop.target, drop.port) == (target, "9999"))
