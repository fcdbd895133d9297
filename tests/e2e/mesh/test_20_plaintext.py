"""No port of Ray's takes plaintext from a pod that the policies let in and the mesh does not know."""
import pytest
from lab import until
from meshed import speak
from probe import probe, stranger

# The proxy's own: health, metrics and probes, which are plaintext in every Istio. The others only lead into the mesh.
PROXYS_OWN = range(15000, 15100)
LISTENING = """
import socket
for line in open("/proc/net/tcp").read().splitlines()[1:] + open("/proc/net/tcp6").read().splitlines()[1:]:
    local, state = line.split()[1], line.split()[3]
    if state == "0A" and not local.startswith(("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")):
        print(int(local.split(":")[1], 16))
"""
OPENED = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: opened}
spec:
  podSelector: {matchLabels: {ray.io/cluster: meshed}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: unmeshed}}}]}]
"""


@pytest.fixture(scope="module")
def targets(lab, cluster):
    """In each pod, every port that the mesh was told of and every other that somebody listens on."""
    declared = {p["port"] for p in lab.get("service", f"{cluster}-nodes")["spec"]["ports"]}
    found = []
    for pod in lab.pods(cluster):
        listening = {int(port) for port in lab.python(pod["metadata"]["name"], LISTENING).stdout.split()}
        assert {8076, 8077} <= listening, listening
        found += [(pod["status"]["podIP"], port) for port in sorted(declared | listening) if port not in PROXYS_OWN]
    return found


def test_every_port_refuses_plaintext(lab, cluster, targets):
    lab.kubectl("apply", "-f", "-", stdin=OPENED)
    try:
        with stranger(lab, name="unmeshed", labels={"sidecar.istio.io/inject": "false"}) as pod:
            until("the policies let it in", lambda: set(probe(lab, pod, [(*t, "TCP") for t in targets])) == {"open"}, patience=30)
            fates = speak(lab, pod, targets)
    finally:
        lab.kubectl("delete", "networkpolicy", "opened")
    assert len(fates) > 100
    assert set(fates.values()) <= {"reset", "closed"}, {t: f for t, f in fates.items() if f not in ("reset", "closed")}


def test_a_pod_of_the_mesh_is_answered_where_the_stranger_is_not(lab, cluster):
    """The control of the test above: the same words through a sidecar are answered, so it is the mesh that refuses."""
    head = lab.pods(cluster, "head")[0]["status"]["podIP"]
    one, other = lab.pods(cluster, "worker")
    fates = speak(lab, one["metadata"]["name"], [(head, 6379), (head, 8076), (head, 8265), (other["status"]["podIP"], 8076)])
    assert set(fates.values()) == {"answered"}, fates


def test_all_that_passes_between_the_pods_is_known_to_their_proxies(lab, cluster):
    """What a proxy knows no peer for leaves through "PassthroughCluster", in the clear. That may happen to a pod that asks for one
    that its proxy has not heard of yet, and STRICT resets it; of a cluster that runs there must be no more."""
    own = {p["status"]["podIP"] for p in lab.pods(cluster)}

    def passed(pod):
        said = lab.kubectl("exec", pod, "-c", "istio-proxy", "--", "pilot-agent", "request", "GET", "clusters").stdout
        fields = [line.split("::") for line in said.splitlines()]
        return {(f[0], f[1]): int(f[3]) for f in fields if len(f) == 4 and f[2] == "cx_active" and f[1].split(":")[0] in own}

    for pod in lab.pods(cluster):
        active = passed(pod["metadata"]["name"])
        assert sum(n for (way, _), n in active.items() if way.startswith("outbound|")) > 0, active
        assert sum(n for (way, _), n in active.items() if way == "PassthroughCluster") == 0, active
