"""What `raykeep site mesh` prints, applied by whoever may: the cluster works with it, and after it is gone."""
import json
import signal

import pytest
from lab import until
from meshed import DOCUMENT, SITE, all_alive, move_a_gigabyte
from probe import stranger
from processes import Process

CALL = """
import urllib.request
try:
    print(urllib.request.urlopen("http://meshed-serve-svc.ray:8000/", timeout=10).read().decode())
except OSError as refusal:
    print("refused:", refusal)
"""
NEW_WORK = """
import ray
ray.init(logging_level="ERROR")

@ray.remote(num_cpus=0)
class Adder:
    def add(self, a, b): return a + b

print(sum(ray.get([Adder.options(resources={"worker": 0.01}).remote().add.remote(i, 0) for i in range(10)])))
"""
LET_IN = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: let-in}
spec:
  podSelector: {matchLabels: {ray.io/cluster: meshed}}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]
"""


@pytest.fixture(scope="module")
def file(lab):
    return lab.raykeep("site", "mesh", "-f", DOCUMENT, "--site", SITE, "-n", "ray").stdout


@pytest.fixture(scope="module")
def tightened(lab, cluster, file):
    lab.admin("-n", "ray", "apply", "-f", "-", stdin=file)
    yield
    lab.admin("-n", "ray", "delete", "--ignore-not-found", "-f", "-", stdin=file)


def works(lab, cluster, load):
    """Objects, a restart of the GCS, new workers' processes and Serve."""
    before, head = load.tally(), lab.pod(cluster, "head")
    move_a_gigabyte(lab, cluster)
    gcs = Process(lab, head, "gcs_server")
    old = gcs.signal(signal.SIGKILL)
    until("another GCS runs", lambda: [p for p in gcs.pids() if p != old], patience=20, every=0.05)
    all_alive(lab)
    assert lab.python(head, NEW_WORK).stdout.strip() == "45"
    during = load.since(before)
    assert during["sent"] > 0 and during["failed"] == 0, during


@pytest.fixture(scope="module")
def neighbour(lab, cluster):
    """A pod of the mesh in another namespace, with an identity of its own, whom the policies let in."""
    lab.kubectl("apply", "-f", "-", stdin=LET_IN)
    with stranger(lab, "other", "neighbour", {"sidecar.istio.io/inject": "true"}) as pod:
        yield pod
    lab.kubectl("delete", "networkpolicy", "let-in")


def answer(lab, pod):
    return lab.python(pod, CALL, namespace="other").stdout


def test_without_it_every_identity_of_the_mesh_may_call(lab, neighbour):
    """The control of what comes below."""
    until("the neighbour is served", lambda: answer(lab, neighbour).startswith("served"))


def test_a_tenant_may_not_apply_it(lab, file):
    done = lab.kubectl("apply", "-f", "-", stdin=file, check=False)
    assert done.returncode != 0 and "forbidden" in done.stderr, done


def test_the_cluster_works_with_it(lab, cluster, load, tightened):
    kinds = {line.split("/")[0] for line in lab.admin(
        "-n", "ray", "get", "peerauthentication,authorizationpolicy,destinationrule,sidecar", "-o", "name").stdout.split()}
    assert {kind.split(".")[0] for kind in kinds} == {"peerauthentication", "authorizationpolicy", "destinationrule", "sidecar"}
    works(lab, cluster, load)


def test_istio_finds_nothing_wrong_with_it(lab, cluster, tightened):
    said = lab.desk("istioctl", "analyze", "-n", "ray", "-o", "json", identity="admin", check=False).stdout
    found = json.loads(said or "[]") or []
    assert not [each for each in found if each["level"] in ("Error", "Warning")], said


def test_an_identity_that_the_site_does_not_name_is_refused(lab, neighbour, tightened):
    until("the neighbour is refused", lambda: answer(lab, neighbour).startswith("refused:"), patience=30)


def test_the_cluster_works_when_it_is_gone(lab, cluster, load, file, tightened):
    lab.admin("-n", "ray", "delete", "-f", "-", stdin=file)
    left = lab.admin("-n", "ray", "get", "peerauthentication,authorizationpolicy,destinationrule,sidecar", "-o", "name").stdout
    assert not left.strip(), left
    works(lab, cluster, load)
