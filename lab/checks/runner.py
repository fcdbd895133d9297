"""Runs checks in order and prints a line for each; what they share is a lab and two kubectls."""
from __future__ import annotations

import contextlib
import subprocess
import sys
import time

from cluster import site
from cluster.site import Lab

_checks: list[tuple[str, object]] = []


class Failed(Exception):
    """A check's verdict."""


def check(sentence: str):
    """Registers a function(bench) as a check; the sentence says what is true if it passes."""
    def register(function):
        _checks.append((sentence, function))
        return function
    return register


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


def eventually(condition, what: str, patience: float = 30) -> None:
    """Requires: condition gets true some time; it is asked again until then."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise Failed(f"not within {patience:.0f} s: {what}")
        time.sleep(0.2)


class Bench:
    """What a check works with."""

    def __init__(self, lab: Lab):
        self.lab = lab

    def kubectl(self, *words: str, input: str | None = None, as_tenant: bool = False):
        """The finished process; the check judges its exit code."""
        identity = "tenant" if as_tenant else "admin"
        argv = self.lab.inside("desk", self.lab.program("kubectl"),
                               f"--kubeconfig={self.lab.kubeconfig(identity)}", *words)
        return subprocess.run(argv, input=input, text=True, capture_output=True, timeout=180)

    def do(self, *words: str, input: str | None = None, as_tenant: bool = False) -> str:
        done = self.kubectl(*words, input=input, as_tenant=as_tenant)
        expect(done.returncode == 0, f"kubectl {' '.join(words[:6])}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def sh(self, namespace: str, pod: str, script: str):
        return self.kubectl("-n", namespace, "exec", pod, "--", "sh", "-c", script)

    def lab_ip(self, *words: str) -> None:
        """iproute2 at the desk."""
        site.run(["ip", "-n", self.lab.netns("desk"), *words])

    def connects(self, namespace: str, pod: str, target: str, protocol: str = "tcp") -> bool:
        """Kubernetes' own probe, from a pod; a second without an answer is a no."""
        return self.kubectl("-n", namespace, "exec", pod, "--", "/agnhost", "connect", target,
                            "--timeout=1s", f"--protocol={protocol}").returncode == 0

    @contextlib.contextmanager
    def namespace(self, name: str):
        self.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait")
        self.do("create", "namespace", name)
        self.do("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=30s")
        try:
            yield name
        finally:
            self.kubectl("delete", "namespace", name, "--wait=false")


def run_all(lab: Lab) -> int:
    bench, passed, failed = Bench(lab), 0, 0
    for sentence, function in _checks:
        began = time.monotonic()
        try:
            function(bench)
            passed += 1
            verdict, why = "ok    ", ""
        except (Failed, site.Problem, subprocess.TimeoutExpired) as reason:
            failed += 1
            verdict, why = "FAILED", f": {reason}"
        print(f"{verdict} {time.monotonic() - began:5.1f} s  {sentence}{why}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    return 1 if failed or not passed else 0
