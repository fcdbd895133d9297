"""A Ray cluster in the lab's mesh: where its documents are, what must be true of it, and how its ports are spoken to."""
import json

from lab import ROOT, until

HERE = ROOT / "tests/e2e/mesh"
SITE, DOCUMENT = HERE / "site.yaml", HERE / "ray-cluster.yaml"
MESHED = "meshed"

# What a client in the clear would say first: gRPC's, then HTTP's. An answer of one byte is a port in the clear.
SPEAK = r"""
import concurrent.futures, json, socket, sys
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
GET = b"GET / HTTP/1.1\r\nHost: ray\r\nConnection: close\r\n\r\n"

def say(address, port, words):
    try:
        with socket.create_connection((address, port), timeout=3) as s:
            s.sendall(words)
            s.settimeout(5)
            return "answered" if s.recv(1) else "closed"
    except ConnectionResetError:
        return "reset"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"

def ask(target):
    fates = [say(*target, words) for words in (PREFACE, GET)]
    return "answered" if "answered" in fates else fates[0]

with concurrent.futures.ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(ask, json.loads(sys.argv[1])))))
"""


MOVE_A_GIGABYTE = """
import sys, numpy as np, ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On
ray.init(logging_level="ERROR")
nodes = {n["NodeManagerAddress"]: n["NodeID"] for n in ray.nodes() if n["Alive"]}
here, there = [On(nodes[address], soft=False) for address in sys.argv[1:]]

@ray.remote(num_cpus=0)
def make():
    return np.arange(128 * 2**20, dtype=np.int64)      # 1 GiB

@ray.remote(num_cpus=0)
def look(a):
    return ray.get_runtime_context().get_node_id(), a.nbytes, int(a[-1])

print(nodes[sys.argv[2]], *ray.get(look.options(scheduling_strategy=there).remote(make.options(scheduling_strategy=here).remote()), timeout=200))
"""


def move_a_gigabyte(lab, cluster=MESHED):
    """From one worker to the other, which is on the other node."""
    workers = lab.pods(cluster, "worker")
    assert len({p["spec"]["nodeName"] for p in workers}) == len(workers) == 2
    said = lab.python(lab.pod(cluster, "head"), MOVE_A_GIGABYTE, *[p["status"]["podIP"] for p in workers]).stdout
    asked, node, size, last = said.split()
    assert node == asked and int(size) == 2**30 and int(last) == 128 * 2**20 - 1, said


def speak(lab, pod, targets) -> dict:
    return dict(zip(targets, json.loads(lab.python(pod, SPEAK, json.dumps(targets)).stdout)))


def all_alive(lab, cluster=MESHED):
    """The head and both workers are Ready, and Ray says that they are alive."""
    def ready():
        pods = [p for p in lab.pods(cluster) if not p["metadata"].get("deletionTimestamp")]
        states = [{c["type"]: c["status"] for c in p["status"].get("conditions", [])}.get("Ready") for p in pods]
        return states == ["True"] * 3

    until("three pods are Ready", ready, patience=240, every=1)
    until("three Ray nodes are alive", lambda: lab.alive_nodes(lab.pod(cluster, "head")) == 3, patience=120)
