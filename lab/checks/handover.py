"""The cluster and the namespace "ray" are what the lab says they are."""
from __future__ import annotations

import json
import subprocess

from cluster import egress, images, parts, site

from .runner import Bench, check, eventually, expect


def pod(name: str, image: str = "lab/agnhost:1", command: str = '["/agnhost", "netexec"]',
        extra: str = "", container: str = "") -> str:
    """A pod that the profile "restricted" accepts; extra goes into spec, container beside image."""
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  terminationGracePeriodSeconds: 0
  {extra}
  securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
  - name: main
    image: {image}
    command: {command}
    securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
    {container}
"""


@check("two nodes are Ready")
def nodes(bench: Bench) -> None:
    listed = json.loads(bench.do("get", "nodes", "-o", "json"))["items"]
    ready = [n["metadata"]["name"] for n in listed for c in n["status"]["conditions"]
             if c["type"] == "Ready" and c["status"] == "True"]
    expect(sorted(ready) == ["n1", "n2"], f"Ready are {ready}")


@check("a pod resolves the API server's name and reaches it")
def dns(bench: Bench) -> None:
    with bench.namespace("selftest-dns") as ns:
        bench.do("-n", ns, "create", "-f", "-", input=pod("probe"))
        bench.do("-n", ns, "wait", "--for=condition=Ready", "pod/probe", "--timeout=60s")
        eventually(lambda: bench.connects(ns, "probe", "kubernetes.default.svc.cluster.local:443"),
                   "connect to kubernetes.default.svc.cluster.local:443")


@check("the tenant has no rights but edit in ray")
def rights(bench: Bench) -> None:
    for words, wanted in [
        ("create pods -n ray", True), ("create networkpolicies.networking.k8s.io -n ray", True),
        ("list pods -n other", False), ("list namespaces -A", False), ("list nodes -A", False),
        ("list pods -A", False), ("create rolebindings -n ray", False),
        ("delete resourcequotas -n ray", False), ("create customresourcedefinitions", False),
    ]:
        answer = bench.kubectl("auth", "can-i", *words.split(), as_tenant=True).stdout.strip()
        expect(answer == ("yes" if wanted else "no"), f"can-i {words}: {answer!r}")


@check("Pod Security refuses the tenant a privileged pod")
def privileged(bench: Bench) -> None:
    text = pod("bad").replace("allowPrivilegeEscalation: false", "privileged: true")
    done = bench.kubectl("create", "-f", "-", input=text, as_tenant=True)
    expect(done.returncode != 0 and 'violates PodSecurity "restricted' in done.stderr,
           f"exit {done.returncode}: {done.stderr}")


@check("the quota of ray refuses what exceeds it, and its LimitRange fills in what is missing")
def quota(bench: Bench) -> None:
    big = pod("big", container='resources: {requests: {cpu: "7"}, limits: {cpu: "7"}}')
    done = bench.kubectl("create", "-f", "-", input=big, as_tenant=True)
    expect(done.returncode != 0 and "exceeded quota" in done.stderr, f"not refused: {done.stderr}")
    made = json.loads(bench.do("create", "--dry-run=server", "-o", "json", "-f", "-",
                               input=pod("small"), as_tenant=True))
    limits = made["spec"]["containers"][0]["resources"].get("limits")
    expect(limits == {"cpu": "1", "memory": "1Gi"}, f"limits are {limits}")


@check("in ray nothing is reached and nothing can be reached")
def default_deny(bench: Bench) -> None:
    bench.kubectl("delete", "pod", "selftest", "--ignore-not-found", as_tenant=True)
    with bench.namespace("selftest-outside") as ns:
        bench.do("create", "-f", "-", input=pod("selftest"), as_tenant=True)
        try:
            bench.do("-n", ns, "create", "-f", "-", input=pod("probe"))
            bench.do("wait", "--for=condition=Ready", "pod/selftest", "--timeout=60s", as_tenant=True)
            bench.do("-n", ns, "wait", "--for=condition=Ready", "pod/probe", "--timeout=60s")
            inner, outer = (bench.do("-n", n, "get", "pod", p, "-o", "jsonpath={.status.podIP}")
                            for n, p in (("ray", "selftest"), (ns, "probe")))
            expect(bench.connects(ns, "probe", f"{outer}:8080"), "the probe does not reach itself")
            expect(not bench.connects(ns, "probe", f"{inner}:8080"), "a pod outside reaches a pod in ray")
            for target in (f"{outer}:8080", f"{site.DNS}:53", "10.96.0.1:443"):
                expect(not bench.connects("ray", "selftest", target), f"a pod in ray reaches {target}")
        finally:
            bench.do("delete", "pod", "selftest", "--wait=false", as_tenant=True)


@check("a pod runs an image that its kubelet pulls from the lab's registry")
def registry(bench: Bench) -> None:
    archive = parts.ensure("agnhost")["agnhost"] / "agnhost.tar"
    image = images.push(bench.lab, archive, "selftest/agnhost:1")
    with bench.namespace("selftest-registry") as ns:
        bench.do("-n", ns, "create", "-f", "-",
                 input=pod("pulled", image=image, container="imagePullPolicy: Always"))
        bench.do("-n", ns, "wait", "--for=condition=Ready", "pod/pulled", "--timeout=60s")
        events = bench.do("-n", ns, "get", "events", "-o", "jsonpath={.items[*].message}")
        expect(f'Successfully pulled image "{image}"' in events, f"no pull among the events: {events}")


@check("nothing tried to leave the lab, and a packet that tries is counted")
def leaving(bench: Bench) -> None:
    lab = bench.lab
    expect(egress.packets(lab) == 0, "; ".join(egress.destinations(lab)))
    # 203.0.113.0/24 is reserved for documentation; the packet ends at the lab's own gateway.

    subprocess.run(lab.inside("desk", "timeout", "1", "bash", "-c", "echo x >/dev/udp/203.0.113.9/4242"),
                   capture_output=True)
    listed = egress.destinations(lab)
    expect(egress.packets(lab) == 1 and len(listed) == 1, f"counted: {listed}")
    expect("10.240.0.100 -> 203.0.113.9 udp 4242" in listed[0], f"listed: {listed}")
    egress.reset(lab)
    expect(egress.packets(lab) == 0, "the counter is not reset")


@check("the desk reaches no pod")
def desk(bench: Bench) -> None:

    address = bench.do("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns",
                       "-o", "jsonpath={.items[0].status.podIP}")
    done = subprocess.run(bench.lab.inside("desk", "timeout", "3", "bash", "-c",
                                           f"echo >/dev/tcp/{address}/53"), capture_output=True)
    expect(done.returncode != 0, f"the desk reaches {address}:53")


@check("the audit log names the tenant's requests")
def audit(bench: Bench) -> None:
    bench.do("get", "pods", "-l", "selftest=audit", as_tenant=True)

    def written() -> bool:
        with open(bench.lab.audit, encoding="utf-8") as file:
            entries = (json.loads(line) for line in file if "selftest%3Daudit" in line)
            return any(e["user"]["username"] == "system:serviceaccount:ray:tenant"
                       and e["verb"] == "list" and e["level"] == "Metadata" for e in entries)
    eventually(written, "the tenant's list of pods in the audit log", 5)
