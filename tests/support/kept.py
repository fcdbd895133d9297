"""A cluster whose GCS keeps its state in a Redis outside, with a Serve application and a detached actor on its workers, and load
on it: what drills begin with. tests/e2e/conftest.py has them as fixtures of the whole run."""
import contextlib

import pytest
from calls import calls
from lab import ROOT
from redis_at_the_desk import PASSWORD, Redis

KEPT = "kept"
SITE = ROOT / "tests/e2e/ft/site.yaml"
DOCUMENT = ROOT / "tests/e2e/ft/ray-cluster.yaml"

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
COUNTER = """
import ray
ray.init(logging_level="ERROR", namespace="drill")

@ray.remote(num_cpus=0, max_restarts=0)
class Counter:
    def __init__(self): self.count = 0
    def up(self): self.count += 1; return self.count

Counter.options(name="counter", lifetime="detached", resources={"worker": 0.1}).remote()
print("count", ray.get(ray.get_actor("counter", namespace="drill").up.remote()))
"""
COUNT = """
import ray
ray.init(logging_level="ERROR", namespace="drill")
print("count", ray.get(ray.get_actor("counter", namespace="drill").up.remote(), timeout=60))
"""


@contextlib.contextmanager
def redis_for(lab):
    """The Redis at the desk, with what the kept cluster's Site names."""
    acl = lab.raykeep("site", "redis-acl", "--site", SITE, "-f", DOCUMENT, "-n", "ray").stdout.strip()
    made = Redis(lab, acl)
    made.start()
    lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={PASSWORD}")
    lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={made.ca}")
    yield made
    made.close()
    lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca")


@pytest.fixture(scope="module")
def redis(lab):
    """For whoever imports it: of its own, not the whole run's."""
    with redis_for(lab) as made:
        yield made


@contextlib.contextmanager
def kept_cluster(lab):
    lab.raykeep("up", "-f", DOCUMENT, "--site", SITE, "-n", "ray", "--timeout", "5m", timeout=400)
    lab.python(lab.pod(KEPT, "head"), DEPLOY)
    yield KEPT
    lab.raykeep("down", KEPT, "-n", "ray", "--timeout", "3m")


def load_on(lab, cluster):
    """Calls to the workers that there are now."""
    workers = lab.pods(cluster, "worker")
    head = lab.pods(cluster, "head")[0]["spec"]["nodeName"]
    # Who calls must outlive the head's node.
    node = next(p["spec"]["nodeName"] for p in workers if p["spec"]["nodeName"] != head)
    return calls(lab, [pod["status"]["podIP"] for pod in workers], node)
