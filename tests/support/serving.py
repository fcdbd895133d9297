"""A RayService in the lab, and constant load on its Service: unary and streaming requests, every answer checked to its end."""
import contextlib
import json
import pathlib
import time

import yaml
from calls import CALLER
from lab import ROOT, until
from redis_at_the_desk import PASSWORD, Redis

SERVING = ROOT / "tests/e2e/serving"
NAME = "hello"
SITE = SERVING / "site.yaml"
# The same for a GCS that keeps its state in memory.
WITHOUT_STORE = """apiVersion: raykeep.io/v1
kind: Site
metadata: {name: serving}
spec:
  tls: {mode: none}
  peers:
    ingress: [{name: callers, podLabels: {app: caller}}]
"""

# Unary requests at RATE a second in all and STREAMS streaming ones, one after the other each, all on connections of their own.
LOAD = r"""
import http.client, json, os, sys, threading, time
address, port, rate, streams, tokens = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
tally = {"unary": 0, "streams": 0, "failed": 0, "truncated": 0, "worst_ms": 0.0, "reasons": {}, "versions": {}, "at": []}
lock = threading.Lock()

def ask(path):
    connection = http.client.HTTPConnection(address, port, timeout=60)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    if answer.status != 200 or not body.startswith("served "):
        raise RuntimeError(f"{answer.status} {body[:100]!r}")
    return body

def check_stream(body):
    lines = body.split("\n")
    if lines[1:-1] != [f"token {n}" for n in range(tokens)] + ["end"] or lines[-1]:
        raise EOFError(f"truncated after {len(lines)} lines")

def call(path, kind, pause):
    due = time.monotonic()
    while True:
        began, reason, version = time.monotonic(), "", ""
        try:
            body = ask(path)
            version = body.split("\n")[0].split(" ")[1]
            if kind == "streams":
                check_stream(body)
        except Exception as problem:
            reason = f"{kind}: {type(problem).__name__}: {problem}"
            broken = isinstance(problem, (EOFError, http.client.IncompleteRead))
        with lock:
            tally[kind] += 1
            if kind == "unary":
                tally["worst_ms"] = max(tally["worst_ms"], (time.monotonic() - began) * 1000)
            if reason:
                tally["truncated" if broken else "failed"] += 1
                tally["reasons"][reason] = tally["reasons"].get(reason, 0) + 1
                tally["at"] = tally["at"][-20:] + [time.strftime("%H:%M:%S", time.gmtime())]
            else:
                tally["versions"][version] = tally["versions"].get(version, 0) + 1
        due = max(due + pause, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))

THREADS = 10
for number in range(THREADS):
    threading.Thread(target=call, args=("/", "unary", THREADS / rate), daemon=True).start()
for number in range(streams):
    threading.Thread(target=call, args=(f"/?tokens={tokens}&pause=0.1", "streams", 0.1), daemon=True).start()
while True:
    time.sleep(0.3)
    with lock:
        text = json.dumps(tally)
    open("/tmp/tally.new", "w").write(text)
    os.rename("/tmp/tally.new", "/tmp/tally")
"""


class Load:
    def __init__(self, kubectl):
        self.kubectl = kubectl

    def tally(self) -> dict:
        return json.loads(self.kubectl("exec", "caller", "--", "cat", "/tmp/tally").stdout)

    def since(self, before: dict) -> dict:
        now = self.tally()
        out = {k: now[k] - before[k] for k in ("unary", "streams", "failed", "truncated")}
        if out["failed"] or out["truncated"]:
            out["at"] = now["at"]
        for k in ("reasons", "versions"):
            out[k] = {r: n - before[k].get(r, 0) for r, n in now[k].items() if n != before[k].get(r, 0)}
        return out


def flawless(load, before):
    told = load.since(before)
    assert told["unary"] > 100 and told["streams"] > 2, told
    assert told["failed"] == 0 and told["truncated"] == 0, told
    return told


@contextlib.contextmanager
def caller(lab, node="n1", kubectl=None, memory="256Mi"):
    """A pod that the Site lets in, and kubectl in its namespace: the tenant's, or the one given."""
    kubectl = kubectl or lab.kubectl
    kubectl("delete", "pod", "caller", "--ignore-not-found")
    kubectl("apply", "-f", "-", stdin=CALLER.replace("256Mi", memory).replace("NODE", node).replace("LABELS", json.dumps({"app": "caller"})))
    try:
        kubectl("wait", "--for=condition=Ready", "pod/caller", "--timeout=60s")
        yield kubectl
    finally:
        kubectl("delete", "pod/caller", "networkpolicy/caller", "--wait=false", "--ignore-not-found")


@contextlib.contextmanager
def load_on(lab, address, port=8000, rate=50, streams=5, tokens=20, kubectl=None, memory="256Mi"):
    with caller(lab, kubectl=kubectl, memory=memory) as kubectl:
        kubectl("exec", "-i", "caller", "--", "sh", "-c", "cat >/tmp/load.py", stdin=LOAD)
        kubectl("exec", "caller", "--", "sh", "-c",
                f"nohup python3 /tmp/load.py {address} {port} {rate} {streams} {tokens} >/tmp/log 2>&1 & "
                "for i in $(seq 150); do test -e /tmp/tally && exit; sleep 0.2; done; cat /tmp/log; exit 1")
        made = Load(kubectl)
        until("requests are answered", lambda: sum(made.tally()["versions"].values()) > 50, patience=30)
        yield made


class Service:
    """The RayService of the tests: its document, changed as a test says, and what is told of it."""

    def __init__(self, lab, folder: pathlib.Path):
        self.lab, self.folder = lab, folder
        self.document = yaml.safe_load((SERVING / "service.yaml").read_text())

    def write(self) -> pathlib.Path:
        path = self.folder / "service.yaml"
        path.write_text(yaml.safe_dump(self.document))
        return path

    def up(self, timeout="6m", check=True, site=SITE, wait=True):
        return self.lab.raykeep("up", "-f", self.write(), "--site", site, "-n", "ray", "--timeout", timeout, *(() if wait else ("--no-wait",)),
                                check=check, timeout=900)

    def groups(self):
        config = self.document["spec"]["rayClusterConfig"]
        return [config["headGroupSpec"], *config["workerGroupSpecs"]]

    def set_pods(self, version):
        """Another version of what the pods are."""
        for group in self.groups():
            for variable in group["template"]["spec"]["containers"][0]["env"]:
                if variable["name"] == "POD_VERSION":
                    variable["value"] = str(version)

    def set_config(self, version):
        self.document["spec"]["serveConfigV2"] = self.document["spec"]["serveConfigV2"].replace(
            f'version: "{self.version()}"', f'version: "{version}"')

    def version(self):
        return yaml.safe_load(self.document["spec"]["serveConfigV2"])["applications"][0]["args"]["version"]

    def status(self) -> dict:
        return json.loads(self.lab.raykeep("serve", "status", NAME, "-n", "ray", "-o", "json").stdout)

    def conditions(self) -> dict:
        owner = self.lab.get("configmap", f"raykeep-rayservice-{NAME}")
        told = json.loads(owner["data"].get("status.json", "{}"))
        return {c["type"]: c for c in told.get("conditions", [])}

    def says(self, kind) -> str:
        return self.conditions().get(kind, {}).get("reason", "")

    def clusters(self) -> list:
        items = self.lab.get("configmaps", "-l", f"ray.io/originated-from-cr-name={NAME},raykeep.io/cluster")["items"]
        return sorted(i["metadata"]["labels"]["raykeep.io/cluster"] for i in items if i["metadata"]["name"].startswith("raykeep-raycluster-"))

    def active(self) -> str:
        return self.lab.get("service", f"{NAME}-head-svc")["spec"]["selector"]["ray.io/cluster"]

    def both_serve(self) -> bool:
        """In an upgrade: requests go to either cluster."""
        return "ray.io/cluster" not in self.lab.get("service", f"{NAME}-serve-svc")["spec"]["selector"]

    def address(self) -> str:
        return self.lab.get("service", f"{NAME}-serve-svc")["spec"]["clusterIP"]


@contextlib.contextmanager
def store(lab):
    """SITE's Redis, and what the namespace must know of it. Each of the RayService's clusters keeps its state under keys of its own: one
    rule lets all of them in."""
    made = Redis(lab, lab.raykeep("site", "redis-acl", "--site", SITE, "-f", SERVING / "service.yaml", "-n", "ray").stdout.strip())
    made.start()
    lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={PASSWORD}")
    lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={made.ca}")
    try:
        yield made
    finally:
        made.close()
        lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca")


@contextlib.contextmanager
def service(lab, folder, application="app.py"):
    """The ConfigMap with the application, and afterwards nothing."""
    text = (SERVING / application).read_text()
    lab.kubectl("create", "configmap", "serving-app", f"--from-literal={application}={text}")
    try:
        yield Service(lab, folder)
    finally:
        lab.raykeep("down", NAME, "-n", "ray", "--timeout", "4m", check=False, timeout=400)
        lab.kubectl("delete", "configmap", "serving-app", "--ignore-not-found")


def wait_for(seconds, what, condition):
    return until(what, condition, patience=seconds, every=1)


def now() -> float:
    return time.monotonic()
