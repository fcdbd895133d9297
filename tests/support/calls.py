"""Constant load on a Serve application, from a pod that the Site lets in; every request is accounted for."""
import contextlib
import json
import time

from lab import until

CALLER = """
apiVersion: v1
kind: Pod
metadata: {name: caller, labels: LABELS}
spec:
  nodeName: NODE
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  terminationGracePeriodSeconds: 0
  volumes: [{name: authority, configMap: {name: raykeep-ca, optional: true}}]
  containers:
  - name: caller
    image: lab/ray:2.60.0
    command: [sleep, "7200"]
    volumeMounts: [{name: authority, mountPath: /authority}]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 1, memory: 256Mi}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: caller}
spec: {podSelector: {matchLabels: {app: caller}}, policyTypes: [Egress], egress: [{}]}
"""

# RATE requests a second in all, to the addresses in turn, each connection kept or made anew each time; what failed is told with its reason.
CALLS = r"""
import http.client, json, os, ssl, sys, threading, time
addresses, rate, kept, port = sys.argv[5:], float(sys.argv[1]), sys.argv[2] == "kept", int(sys.argv[3])
over_tls = sys.argv[4] == "https"
tally = {"sent": 0, "failed": 0, "worst_ms": 0.0, "reasons": {}, "answered": dict.fromkeys(addresses, 0)}
lock = threading.Lock()

def call(address):
    pause, connection, due = len(addresses) / rate, None, time.monotonic()
    while True:
        began = time.monotonic()
        try:
            if connection is None:
                # The authority is read anew: it changes.
                connection = (http.client.HTTPSConnection(address, port, timeout=10, context=ssl.create_default_context(cafile="/authority/ca.crt"))
                              if over_tls else http.client.HTTPConnection(address, port, timeout=10))
            connection.request("GET", "/", headers={} if kept else {"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            if not kept:
                connection.close()
                connection = None
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
def calls(lab, addresses, node, rate=50, kept=True, port=8000, tls=False, labels=None):
    """`tls`: with the servers' names looked at, and ConfigMap raykeep-ca trusted as the kubelet keeps it."""
    lab.kubectl("delete", "pod", "caller", "--ignore-not-found")
    text = CALLER.replace("NODE", node).replace("LABELS", json.dumps({"app": "caller", **(labels or {})}))
    lab.kubectl("apply", "-f", "-", stdin=text)
    try:
        lab.kubectl("wait", "--for=condition=Ready", "pod/caller", "--timeout=60s")
        lab.kubectl("exec", "-i", "caller", "--", "sh", "-c", "cat >/tmp/calls.py", stdin=CALLS)
        lab.kubectl("exec", "caller", "--", "sh", "-c",
                    f"nohup python3 /tmp/calls.py {rate} {'kept' if kept else 'new'} {port} {'https' if tls else 'http'} {' '.join(addresses)} >/tmp/log 2>&1 & "
                    "for i in $(seq 150); do test -e /tmp/tally && exit; sleep 0.2; done; cat /tmp/log; exit 1")
        made = Calls(lab)
        until("calls are answered", lambda: (t := made.tally())["sent"] - t["failed"] > 100, patience=30)
        yield made
    finally:
        lab.kubectl("delete", "pod/caller", "networkpolicy/caller", "--wait=false", "--ignore-not-found")
