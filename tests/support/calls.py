"""Constant load on a Serve application, from a pod that the Site lets in; every request is accounted for."""
import contextlib
import json
import time

from lab import until

CALLER = """
apiVersion: v1
kind: Pod
metadata: {name: caller, labels: {app: caller}}
spec:
  nodeName: NODE
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  terminationGracePeriodSeconds: 0
  containers:
  - name: caller
    image: lab/ray:2.60.0
    command: [sleep, "7200"]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 1, memory: 256Mi}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: caller}
spec: {podSelector: {matchLabels: {app: caller}}, policyTypes: [Egress], egress: [{}]}
"""

# RATE requests a second in all, to the addresses in turn, each connection kept; what failed is told with its reason.
CALLS = r"""
import http.client, json, os, sys, threading, time
addresses, rate = sys.argv[2:], float(sys.argv[1])
tally = {"sent": 0, "failed": 0, "worst_ms": 0.0, "reasons": {}, "answered": dict.fromkeys(addresses, 0)}
lock = threading.Lock()

def call(address):
    pause, connection, due = len(addresses) / rate, None, time.monotonic()
    while True:
        began = time.monotonic()
        try:
            if connection is None:
                connection = http.client.HTTPConnection(address, 8000, timeout=10)
            connection.request("GET", "/")
            answer = connection.getresponse()
            body = answer.read()
            reason = "" if answer.status == 200 and body.startswith(b"served") else f"{answer.status} {body[:80]}"
        except Exception as problem:
            reason, connection = f"{type(problem).__name__}: {problem}", None
        with lock:
            tally["sent"] += 1
            tally["worst_ms"] = max(tally["worst_ms"], (time.monotonic() - began) * 1000)
            tally["answered"][address] += not reason
            if reason:
                tally["failed"] += 1
                reason = f"{address}: {reason}"
                tally["reasons"][reason] = tally["reasons"].get(reason, 0) + 1
        due = max(due + pause, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))

for address in addresses:
    threading.Thread(target=call, args=(address,), daemon=True).start()
while True:
    time.sleep(0.5)
    with lock:
        text = json.dumps(tally)
    open("/tmp/tally.new", "w").write(text)
    os.rename("/tmp/tally.new", "/tmp/tally")
"""


class Calls:
    def __init__(self, lab):
        self.lab = lab

    def tally(self) -> dict:
        return json.loads(self.lab.kubectl("exec", "caller", "--", "cat", "/tmp/tally").stdout)

    def quiet(self) -> bool:
        """Whether for three seconds no request fails and every address answers."""
        before = self.tally()
        time.sleep(3)
        now = self.since(before)
        return now["sent"] > 0 and now["failed"] == 0 and not now["mute"]

    def since(self, before: dict) -> dict:
        """What happened since an earlier tally."""
        now = self.tally()
        reasons = {k: n - before["reasons"].get(k, 0) for k, n in now["reasons"].items() if n != before["reasons"].get(k, 0)}
        mute = [a for a, n in now["answered"].items() if n == before["answered"][a]]
        return {"sent": now["sent"] - before["sent"], "failed": now["failed"] - before["failed"], "reasons": reasons, "mute": mute}


@contextlib.contextmanager
def calls(lab, addresses, node, rate=50):
    lab.kubectl("delete", "pod", "caller", "--ignore-not-found")
    lab.kubectl("apply", "-f", "-", stdin=CALLER.replace("NODE", node))
    try:
        lab.kubectl("wait", "--for=condition=Ready", "pod/caller", "--timeout=60s")
        lab.kubectl("exec", "-i", "caller", "--", "sh", "-c", "cat >/tmp/calls.py", stdin=CALLS)
        lab.kubectl("exec", "caller", "--", "sh", "-c",
                    f"nohup python3 /tmp/calls.py {rate} {' '.join(addresses)} >/tmp/log 2>&1 & sleep 1")
        made = Calls(lab)
        until("calls are answered", lambda: (t := made.tally())["sent"] - t["failed"] > 100, patience=30)
        yield made
    finally:
        lab.kubectl("delete", "pod/caller", "networkpolicy/caller", "--wait=false", "--ignore-not-found")
