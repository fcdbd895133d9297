"""Kubernetes' own NetworkPolicy cases, run by the program that the part netpol builds."""
from __future__ import annotations

import json
import re
import subprocess

from cluster import images, parts, site
from cluster.site import Lab

from .runner import Bench, Failed, check

# Each case starts nine pods in three namespaces and probes every pair of them: about half a
# minute on two cores. These cover what our policies use; --all runs the whole suite.
CHOSEN = [
    "should support a 'default-deny-all' policy",
    "should enforce policy based on PodSelector and NamespaceSelector",
    "should allow egress access on one named port",
]
# Cilium knows pods by their labels and never selects one by an ipBlock, as its documentation says.
# These three cases put pods into blocks; policies.py has an ipBlock case that does not.
NOT_FOR_CILIUM = "CIDR block|IPBlock.CIDR"




def _run(lab: Lab, focus: str) -> list[dict]:
    """One run of the suite; its report of each case, skipped ones left out."""
    archive = parts.ensure("agnhost")["agnhost"] / "agnhost.tar"
    program = str(parts.ensure("netpol")["netpol"] / "netpol")
    registries = lab.run / "registries.yaml"
    registries.write_text(f"promoterE2eRegistry: {site.REGISTRY}/lab\n")
    inside = lab.inside("cp", "env", f"KUBE_TEST_REPO_LIST={registries}", program)
    # The cases' pods pull their image from the lab's registry, like any tenant's.
    images.push(lab, archive, site.run([*inside, "--print-image"]).strip())
    report = lab.run / "netpol.json"
    report.unlink(missing_ok=True)
    with open(lab.logs / "netpol.log", "wb") as log:
        subprocess.run([
            *inside, f"--kubeconfig={lab.kubeconfig('admin')}", "--provider=local",
            f"--ginkgo.focus={focus}", f"--ginkgo.skip=SCTPConnectivity|{NOT_FOR_CILIUM}",
            f"--ginkgo.json-report={report}", "--ginkgo.timeout=2h", "--ginkgo.no-color",
            "--ginkgo.v"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if not report.exists():
        raise Failed(f"the suite reports nothing; see {lab.logs}/netpol.log")
    specs = json.loads(report.read_text())[0]["SpecReports"]
    return [spec for spec in specs if spec["LeafNodeType"] == "It" and spec["State"] != "skipped"]


def _verdict(spec: dict, lab: Lab) -> None:
    if spec["State"] != "passed":
        message = spec.get("Failure", {}).get("Message", "")[:300]
        raise Failed(f"{spec['State']}: {message}; see {lab.logs}/netpol.log")


def register(everything: bool) -> None:
    """Adds the chosen cases as a check each, or the whole suite as one."""
    if everything:
        @check("Kubernetes' whole NetworkPolicy suite passes")
        def whole(bench: Bench) -> None:
            specs = _run(bench.lab, "Netpol")
            bad = [spec["LeafNodeText"] for spec in specs if spec["State"] != "passed"]
            if bad or len(specs) < 40:
                raise Failed(f"{len(specs)} ran, these failed: {bad}; see {bench.lab.logs}/netpol.log")
        return
    for text in CHOSEN:
        @check(f"upstream: {text}")
        def one(bench: Bench, text: str = text) -> None:
            # The text is followed by the case's labels; some texts occur under another heading too.
            specs = _run(bench.lab, f"Netpol NetworkPolicy between server and client {re.escape(text)} ")
            if len(specs) != 1:
                raise Failed(f"{len(specs)} cases have this text")
            _verdict(specs[0], bench.lab)
