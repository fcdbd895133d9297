"""Who reaches which port: a TCP connect or a DNS question, told apart as open, refused or dropped.

A reset or a refusal means that the packet arrived: the policy let it through even if nobody listens. Only silence
means that it was dropped.
"""
import contextlib
import json

from lab import until

PROBE = r"""
import concurrent.futures, json, socket, sys

def ask(target):
    address, port, protocol, patience = target
    if protocol == "UDP":                               # a DNS question: who is localhost.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(patience)
            try:
                s.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\11localhost\0\0\1\0\1", (address, port))
                s.recvfrom(512)
                return "open"
            except OSError:
                return "dropped"
    with socket.socket() as s:
        s.settimeout(patience)
        try:
            s.connect((address, port))
            return "open"
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "dropped"

targets = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    print(json.dumps(list(pool.map(ask, targets))))
"""


def probe(lab, pod, targets, namespace="ray", patience=1.0) -> list:
    """targets: (address, port, "TCP" or "UDP"). Their fates in the same order."""
    wanted = json.dumps([[a, p, proto, patience] for a, p, proto in targets])
    return json.loads(lab.python(pod, PROBE, wanted, namespace=namespace).stdout)


def arrives(fate) -> bool:
    return fate in ("open", "refused")


# A pod that is nobody's, and may send wherever it likes: what stops it must be the policies of those it calls.
STRANGER = """
apiVersion: v1
kind: Pod
metadata: {name: stranger, labels: {app: stranger}}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  terminationGracePeriodSeconds: 0
  containers:
  - name: stranger
    image: lab/ray:2.60.0
    command: [sleep, "3600"]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: 200m, memory: 128Mi}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: stranger}
spec: {podSelector: {matchLabels: {app: stranger}}, policyTypes: [Egress], egress: [{}]}
"""


@contextlib.contextmanager
def stranger(lab, namespace="ray"):
    """The name of such a pod, which reaches DNS: if it reached nothing, its silence would prove nothing."""
    identity = "tenant" if namespace == "ray" else "admin"

    def kubectl(*args, **more):
        return lab.desk("kubectl", "-n", namespace, *args, identity=identity, **more)

    kubectl("delete", "pod", "stranger", "--ignore-not-found")
    kubectl("apply", "-f", "-", stdin=STRANGER)
    try:
        kubectl("wait", "--for=condition=Ready", "pod/stranger", "--timeout=60s")
        until("the stranger reaches DNS",
              lambda: probe(lab, "stranger", [("10.96.0.10", 53, "TCP")], namespace) == ["open"])
        yield "stranger"
    finally:
        kubectl("delete", "pod/stranger", "networkpolicy/stranger", "--wait=false", "--ignore-not-found")
