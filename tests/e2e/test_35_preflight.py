"""Preflight names everything that stands in the way in one run, asks for nothing beyond its rights and leaves nothing."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from closed_registry import ClosedRegistry
from conftest import DEMO, E2E
from lab import RAYKEEP, ROOT, run, until

BANK = E2E / "bank"
KINDS = "pods,jobs,networkpolicies,persistentvolumeclaims,services,configmaps,secrets,deployments,statefulsets,serviceaccounts,poddisruptionbudgets"

# What bank/ injects: code, and what the obstacle is about. What several pods meet is named once.
INJECTED = [
    ("RK6001", "rights to run clusters"), ("RK6001", "rights to look at them"),
    ("RK6005", "ResourceQuota objects: services"), ("RK6005", "ResourceQuota objects: configmaps"),
    ("RK6005", "ResourceQuota objects: count/deployments.apps"), ("RK6005", "ResourceQuota critical: limits.memory"),
    ("RK6006", "LimitRange limits: StatefulSet loans-head, container ray-head: max memory"),
    ("RK6006", "LimitRange limits: Deployment loans-worker-safe, container ray-worker: min cpu"),
    ("RK6006", "LimitRange limits: Deployment loans-worker-far, container ray-worker: maxLimitRequestRatio cpu"),
    ("RK6007", "policy bank-headless-needs-ticket: Service notes-head-svc"),
    ("RK6007", "policy bank-deployments-have-an-owner: Deployment loans-worker-cpu"),
    ("RK6007", "policy bank-stateful-sets-have-a-cost-center: StatefulSet loans-head"),
    ("RK6007", "policy bank-network-policies-are-reviewed: NetworkPolicy loans-head"),
    ("RK6007", "policy bank-groups-have-short-names: pods of Deployment loans-worker-far"),
    ("RK6008", "webhook away.bank.example"),
    ("RK6010", "Service loans-head-svc"), ("RK6010", "Secret loans"),
    ("RK6011", "ServiceAccount loans-runner"), ("RK6012", "Secret bank-pull"), ("RK6013", "Secret loans-db"),
    ("RK6013", "ConfigMap loans-files"), ("RK6014", "ConfigMap loans-settings, key mode"),
    ("RK6015", "PersistentVolumeClaim loans-data"), ("RK6016", "PriorityClass bank-critical"),
    ("RK6017", "RuntimeClass gvisor"), ("RK6018", "StorageClass fast-ssd"),
    ("RK6022", "the credential of this kubeconfig"),
    ("RK6023", "image 10.240.0.1:5000/bank/ray:no-such-tag"), ("RK6023", "image 10.240.0.1:5000/bank/ray@sha256:0123456789"),
    ("RK6024", "image 10.240.0.100:5001/secret/ray:1"), ("RK6025", "image 10.240.0.1:5999/ray:1"),
    ("RK6027", "pods of Deployment loans-worker-cpu"), ("RK6027", "pods of Deployment loans-worker-big"),
    ("RK6028", "DNS"), ("RK6029", "Redis 10.240.0.100:6399"), ("RK6029", "Redis 10.240.0.77:6379"),
    ("RK6029", "egress models 10.240.0.100:9443"),
]


# What the API server says once each admission policy and the webhook of bank/ are in force.
IN_FORCE = ["a headless Service needs a ticket", "say who owns it", "which cost center pays?", "policies of loans are reviewed by hand",
            "no group is called far", "away.bank.example"]


def objects(lab, namespace):
    return set(lab.desk("kubectl", "get", KINDS, "-n", namespace, "-o", "name", identity="admin").stdout.split())


def asked(lab, user, since):
    """The requests of raykeep as that user since a moment, from the audit log."""
    out = []
    for line in pathlib.Path(lab.told("audit-log")).read_text().splitlines():
        entry = json.loads(line)
        if (entry.get("userAgent", "").startswith("raykeep/") and entry["user"].get("username") == user
                and entry["requestReceivedTimestamp"] >= since):
            out.append(entry)
    return out


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())


def preflight(lab, *args, **more):
    done = lab.raykeep("site", "preflight", "-o", "json", *args, check=False, timeout=120, **more)
    assert done.returncode in (0, 3), str(done)
    answer = json.loads(done.stdout)["namespaces"]
    assert len(answer) == 1, str(done)
    return done.returncode, answer[0]


def in_force(lab):
    refused = lab.desk("kubectl", "create", "--dry-run=server", "-f", BANK / "refused.yaml", identity="admin", check=False)
    return all(words in refused.stderr for words in IN_FORCE)


@pytest.fixture
def bank(lab, tmp_path):
    """The namespace, and the kubeconfig of its tenant, good for ten minutes."""
    try:
        lab.desk("kubectl", "apply", "-f", BANK / "objects.yaml", identity="admin")
        until("the bank's admission policies are in force", lambda: in_force(lab))
        fresh = lab.desk("kubectl", "-n", "bank", "create", "token", "tenant", "--duration=10m", identity="admin").stdout.strip()
        token = lab.desk("kubectl", "config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}").stdout
        path = tmp_path / "kubeconfig"
        path.write_text(lab.desk("sh", "-c", "cat $KUBECONFIG").stdout.replace(token, fresh))
        yield path
    finally:
        lab.desk("kubectl", "delete", "--ignore-not-found", "-f", BANK / "objects.yaml", identity="admin", timeout=120)


@pytest.fixture
def closed_registry(lab):
    registry = ClosedRegistry(lab)
    yield registry
    registry.close()


def test_preflight_names_every_injected_obstacle_in_one_run(lab, bank, closed_registry):
    assert len(INJECTED) >= 25
    before, since, began = objects(lab, "bank"), now(), time.monotonic()
    code, answer = preflight(lab, "-f", BANK / "documents.yaml", "--site", BANK / "site.yaml", "-n", "bank", "--kubeconfig", bank)
    took = time.monotonic() - began
    found = {(o["code"], o["about"]) for o in answer["obstacles"] if o["weight"] in ("blocks", "may block")}
    missed = [(c, a) for c, a in INJECTED if not any(fc == c and fa.startswith(a) for fc, fa in found)]
    said = "\n".join(f"{o['code']} {o['weight']} {o['about']}: {o['what']}: {o['why']}" for o in answer["obstacles"])
    assert not missed, f"{missed}\n{said}"
    assert code == 3
    for obstacle in answer["obstacles"]:
        if obstacle["weight"] == "blocks":
            assert obstacle["send"] and obstacle["who"], obstacle
    assert "of-another-application" not in said
    assert objects(lab, "bank") == before
    assert took <= 30, f"{took:.1f} s"
    # Forbidden was only what the tenant's role lacks, and was told.
    requests = asked(lab, "system:serviceaccount:bank:tenant", since)
    assert len(requests) > 100
    forbidden = {e["objectRef"]["resource"] for e in requests
                 if e.get("responseStatus", {}).get("code") == 403 and "cannot" in e["responseStatus"].get("message", "")}
    assert forbidden <= {"poddisruptionbudgets"}, forbidden


def test_the_text_has_a_block_for_each_person(lab, bank, tmp_path):
    done = lab.raykeep("site", "preflight", "--no-pods", "-f", BANK / "documents.yaml", "--site", BANK / "site.yaml", "-n", "bank",
                       "--kubeconfig", bank, check=False)
    assert done.returncode == 3, str(done)
    for words in ("For you to change:", "To send to the namespace's administrator:", "To send to who keeps the admission policies:",
                  "To send to the cluster's administrator:", "kind: RoleBinding"):
        assert words in done.stdout, f"{words}\n{done}"


def test_nothing_stands_in_the_way_where_nothing_does(lab):
    before, since = objects(lab, "ray"), now()
    code, answer = preflight(lab, "-f", DEMO / "ray-cluster.yaml", "--site", DEMO / "site.yaml", "-n", "ray")
    # Where the demo's cluster runs already, the quota has no room for a second one of its size to be tried.
    assert code == 0 and all(o["code"] == "RK6033" and "exceeded quota" in o["why"] for o in answer["obstacles"]), answer
    assert answer["seconds"] <= 30, answer
    assert objects(lab, "ray") == before
    requests = asked(lab, "system:serviceaccount:ray:tenant", since)
    assert len(requests) > 50
    assert not [e["requestURI"] for e in requests if e.get("responseStatus", {}).get("code") == 403]
    outside = {e["requestURI"] for e in requests if e.get("objectRef", {}).get("namespace") not in (None, "ray")}
    assert not outside


def test_site_init_writes_a_site_that_check_takes(lab, tmp_path):
    path = tmp_path / "site.yaml"
    lab.raykeep("site", "init", "-n", "ray", "-o", path)
    text = path.read_text()
    for words in ("Pod Security: restricted", "Default deny: ingress yes, egress yes", "ResourceQuota quota", "LimitRange limits", "TODO(you)"):
        assert words in text, text
    done = run(RAYKEEP, "check", DEMO / "ray-cluster.yaml", "--site", path, check=False)
    assert done.returncode == 0, str(done)
    again = lab.raykeep("site", "init", "-n", "ray", "-o", path, check=False)
    assert again.returncode == 1 and path.read_text() == text, str(again)


def test_an_interrupted_preflight_leaves_nothing(lab):
    before = objects(lab, "ray")
    process = subprocess.Popen([ROOT / "lab/exec", "--name", lab.name, RAYKEEP, "site", "preflight", "-f", DEMO / "ray-cluster.yaml",
                                "--site", DEMO / "site.yaml", "-n", "ray"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    until("its pods are there", lambda: lab.get("jobs")["items"] and lab.get("pods")["items"], every=0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "removed" in err, (process.returncode, out, err)
    assert objects(lab, "ray") == before
