"""NetworkPolicy cases that Kubernetes' own suite lacks: port ranges, DNS alone, live connections."""
from __future__ import annotations

import subprocess
import sys
import time

from cluster import site

from .handover import pod
from .runner import Bench, check, eventually, expect

SERVER = pod("server", command='["/agnhost", "porter"]', container=(
    "env: [{name: SERVE_PORT_8000, value: a}, {name: SERVE_PORT_8001, value: b},"
    " {name: SERVE_PORT_8002, value: c}, {name: SERVE_PORT_8003, value: d}]"))


def policy(name: str, spec: str) -> str:
    return (f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
            f"metadata: {{name: {name}}}\nspec: {spec}\n")


def _start(bench: Bench, ns: str, *manifests: str) -> dict[str, str]:
    """Creates pods and waits for them; their addresses by name."""
    for manifest in manifests:
        bench.do("-n", ns, "create", "-f", "-", input=manifest)
    bench.do("-n", ns, "wait", "--for=condition=Ready", "pods", "--all", "--timeout=60s")
    listed = bench.do("-n", ns, "get", "pods", "-o",
                      r'jsonpath={range .items[*]}{.metadata.name}={.status.podIP}{"\n"}{end}')
    return dict(line.split("=") for line in listed.split())


@check("a policy with endPort opens just its range of ports, in either direction")
def port_range(bench: Bench) -> None:
    with bench.namespace("selftest-range") as ns:
        address = _start(bench, ns, SERVER, pod("client"))["server"]
        eventually(lambda: all(bench.connects(ns, "client", f"{address}:{port}")
                               for port in (8000, 8003)), "connect without policies")
        ports = "ports: [{port: 8000, endPort: 8002}]"
        for direction, who in (("Ingress", "server"), ("Egress", "client")):
            bench.do("-n", ns, "create", "-f", "-", input=policy("range", (
                f"{{podSelector: {{matchLabels: {{app: {who}}}}}, policyTypes: [{direction}],"
                f" {direction.lower()}: [{{{ports}}}]}}")))
            eventually(lambda: not bench.connects(ns, "client", f"{address}:8003"),
                       f"{direction}: 8003 closed")
            for port in (8000, 8001, 8002):
                expect(bench.connects(ns, "client", f"{address}:{port}"), f"{direction}: {port} is closed")
            bench.do("-n", ns, "delete", "networkpolicy", "range")
            eventually(lambda: bench.connects(ns, "client", f"{address}:8003"),
                       f"{direction}: 8003 open again")


@check("egress to DNS only: names resolve, and nothing else is reached")
def dns_only(bench: Bench) -> None:
    with bench.namespace("selftest-dnsonly") as ns:
        address = _start(bench, ns, SERVER, pod("client"))["server"]
        eventually(lambda: bench.connects(ns, "client", f"{address}:8000"), "connect without policies")
        bench.do("-n", ns, "create", "-f", "-", input=policy("dns", """
  podSelector: {matchLabels: {app: client}}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: kube-dns}}
    ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""))
        eventually(lambda: not bench.connects(ns, "client", f"{address}:8000"), "the server closed")
        expect(not bench.connects(ns, "client", "10.96.0.1:443"), "the API server is reached")

        def resolves() -> bool:
            return "10.96.0.1" in bench.sh(
                ns, "client", "nslookup kubernetes.default.svc.cluster.local 10.96.0.10").stdout
        eventually(resolves, "a name resolved", 10)


@check("an ipBlock opens its range but for its exceptions, to addresses outside the cluster")
def ip_block(bench: Bench) -> None:
    """Not upstream's case, whose blocks hold pods: Cilium knows pods by labels alone, and says so."""
    inside, outside = site.DESK, "10.240.0.101"
    bench.lab_ip("addr", "replace", f"{outside}/24", "dev", "eth0")
    servers = [subprocess.Popen(bench.lab.inside(
        "desk", sys.executable, "-m", "http.server", "--bind", a, "--directory", "/var/empty", "9100"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for a in (inside, outside)]
    try:
        with bench.namespace("selftest-block") as ns:
            pod_address = _start(bench, ns, SERVER, pod("client"))["server"]

            def reached(address: str, port: int = 9100) -> bool:
                return bench.connects(ns, "client", f"{address}:{port}")
            eventually(lambda: reached(inside) and reached(outside), "connect without policies")
            bench.do("-n", ns, "create", "-f", "-", input=policy("block", (
                "{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{to: ["
                f"{{ipBlock: {{cidr: 10.240.0.0/24, except: [{outside}/32]}}}},"
                " {ipBlock: {cidr: 10.244.0.0/16}}]}]}")))
            eventually(lambda: not reached(outside), "the exception closed")
            expect(reached(inside), "the block is closed")
            # Not what Kubernetes' text says, but what Cilium does: what we write must not need it.
            expect(not reached(pod_address, 8000), "an ipBlock selects pods: README is out of date")
    finally:
        for server in servers:
            server.kill()
            server.wait()
        bench.lab_ip("addr", "del", f"{outside}/24", "dev", "eth0")


# Writes a line to the server every half second, over one connection: nothing reconnects. The
# listener's input stays open, or its nc would close the connection.
TALKER = '["sh", "-c", "while :; do date +%s; sleep 0.5; done | nc listener 9000; sleep 1000000"]'
LISTENER = '["sh", "-c", "tail -f /dev/null | nc -l -p 9000 >/tmp/heard; echo closed >>/tmp/heard; sleep 1000000"]'


@check("a live connection goes on under a policy that allows it and is cut by one that does not")
def live_connection(bench: Bench) -> None:
    with bench.namespace("selftest-live") as ns:
        address = _start(bench, ns, pod("listener", command=LISTENER))["listener"]
        _start(bench, ns, pod("talker", command=TALKER.replace("listener", address)))

        def heard() -> list[str]:
            return bench.sh(ns, "listener", "cat /tmp/heard").stdout.split()

        def goes_on(what: str) -> None:
            before = len(heard())
            eventually(lambda: len(heard()) > before + 2, f"hear on: {what}", 10)
            expect("closed" not in heard(), f"the connection was closed: {what}")

        goes_on("without policies")
        target = "podSelector: {matchLabels: {app: listener}}, policyTypes: [Ingress]"
        bench.do("-n", ns, "create", "-f", "-", input=policy("allow", (
            f"{{{target}, ingress: [{{from: [{{podSelector: {{matchLabels: {{app: talker}}}}}}],"
            f" ports: [{{port: 9000}}]}}]}}")))
        # Kubernetes has no "enforced now" to wait for; a second pod's probe is refused when it is.
        _start(bench, ns, pod("stranger"))
        eventually(lambda: not bench.connects(ns, "stranger", f"{address}:9000"), "strangers refused")
        goes_on("under a policy that allows it")

        bench.do("-n", ns, "create", "-f", "-", input=policy("other", f"{{{target}}}"))
        bench.do("-n", ns, "delete", "networkpolicy", "allow")

        def silent() -> bool:
            before = len(heard())
            time.sleep(2)  # four lines' worth of silence
            return len(heard()) == before
        eventually(silent, "the connection cut", 30)
