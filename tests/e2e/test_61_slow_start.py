"""Nodes on which Ray's agents take far longer to begin than a raylet waits for them: they come up all the same, at once."""
import time

import pytest
import yaml
from conftest import DEMO

LATE = "late"
# Each Python program imports this first. Ray 2.60's raylet gives the dashboard agent 15 s, the other one 30 s.
SLOWLY = """
import time
with open("/proc/self/cmdline") as words:
    text = words.read()
if "/dashboard/agent.py" in text:
    time.sleep(600)
if "/runtime_env/agent/main.py" in text:
    time.sleep(45)
"""
WORK = """
import ray
ray.init(logging_level="ERROR")

@ray.remote(num_cpus=0, runtime_env={"env_vars": {"LATE": "served"}})
def work():
    import os
    return os.environ["LATE"]

print(ray.get(work.remote(), timeout=150))
"""
LISTENS = """
import socket
s = socket.socket()
print(s.connect_ex(("127.0.0.1", 52365)))
"""


@pytest.fixture
def late(lab, tmp_path):
    document = yaml.safe_load((DEMO / "ray-cluster.yaml").read_text())
    document["metadata"]["name"] = LATE
    for group in [document["spec"]["headGroupSpec"], *document["spec"]["workerGroupSpecs"]]:
        pod = group["template"]["spec"]
        pod["volumes"] = [{"name": "slowly", "configMap": {"name": "slowly"}}]
        pod["containers"][0]["env"] = [{"name": "PYTHONPATH", "value": "/slowly"}]
        pod["containers"][0]["volumeMounts"] = [{"name": "slowly", "mountPath": "/slowly"}]
    path = tmp_path / "late.yaml"
    path.write_text(yaml.safe_dump(document))
    lab.kubectl("create", "configmap", "slowly", f"--from-literal=sitecustomize.py={SLOWLY}")
    yield path
    lab.raykeep("down", LATE, "-n", "ray", "--timeout", "3m")
    lab.kubectl("delete", "configmap/slowly")


def test_a_raylet_does_not_wait_for_its_agents(lab, late):
    began = time.monotonic()
    lab.raykeep("up", "-f", late, "--site", DEMO / "site.yaml", "-n", "ray", "--timeout", "4m", timeout=300)
    print(f"up after {time.monotonic() - began:.0f} s")
    pods = {role: lab.pod(LATE, role) for role in ("head", "worker")}
    for role, pod in pods.items():
        assert lab.python(pod, LISTENS).stdout.strip() != "0", "the agent was not late, so this shows nothing"
        lives = lab.kubectl("logs", pod).stdout.count('"event":"start_ray"')
        assert lives == 1, f"{role}: Ray was started {lives} times"
    assert lab.python(pods["head"], WORK).stdout.strip() == "served"
