"""What goes wrong is said in words: what, why, and what to do next. Nothing is left half done."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from conftest import DEMO
from lab import RAYKEEP, ROOT, run, until

SITE = ("--site", DEMO / "site.yaml", "-n", "ray")


def document(tmp_path, name, **changes) -> pathlib.Path:
    """The demo's document under another name, with texts replaced."""
    text = (DEMO / "ray-cluster.yaml").read_text().replace("name: raycluster-kuberay", f"name: {name}", 1)
    for old, new in changes.get("replace", {}).items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / f"{name}.yaml"
    path.write_text(text)
    return path


# A document whose worker fits on no node: it is within the quota, and waiting for it ends only with the patience.
WAITS = {"memory: 5Gi": "memory: 2Gi", "cpu: 500m": "cpu: 100m",
         "        containers:\n        - name: ray-worker":
             "        nodeSelector: {no: such}\n        containers:\n        - name: ray-worker"}


def kubeconfig(lab, tmp_path, **replace) -> pathlib.Path:
    """The tenant's kubeconfig with texts replaced."""
    text = lab.desk("sh", "-c", "cat $KUBECONFIG").stdout
    for old, new in replace.get("replace", {}).items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    return path


def ours(lab, name):
    return lab.kubectl("get", "all,cm,secret,netpol,pdb", "-l", f"raykeep.io/cluster={name}", "-o", "name").stdout


@pytest.fixture
def away(lab):
    """Removes what a test brought up."""
    names = []
    yield names.append
    for name in names:
        lab.raykeep("down", name, "-n", "ray", check=False)


def test_a_foreign_object_with_our_name_is_refused_and_left_alone(lab, tmp_path):
    lab.kubectl("create", "service", "clusterip", "taken-head-svc", "--clusterip=None")
    try:
        before = lab.get("service", "taken-head-svc")
        done = lab.raykeep("up", "-f", document(tmp_path, "taken"), *SITE, check=False)
        assert done.returncode == 1 and "Service taken-head-svc" in done.stderr and "nothing was touched" in done.stderr, str(done)
        assert ours(lab, "taken") == ""
        assert lab.raykeep("down", "taken", "-n", "ray", check=False).returncode in (0, 1)
        assert lab.get("service", "taken-head-svc")["metadata"]["uid"] == before["metadata"]["uid"]
    finally:
        lab.kubectl("delete", "service", "taken-head-svc")


@pytest.mark.soak
def test_a_missing_image_is_named(lab, tmp_path, away):
    away("absent")
    path = document(tmp_path, "absent", replace={"lab/ray:2.60.0": "10.240.0.1:5000/no/such:1", "memory: 5Gi": "memory: 2Gi"})
    done = lab.raykeep("up", "-f", path, *SITE, "--timeout", "25s", check=False)
    assert done.returncode == 1, str(done)
    assert "10.240.0.1:5000/no/such:1" in done.stdout + done.stderr, str(done)


def owner_allows(lab, processors, memory):
    """The namespace's owner sets the quota."""
    patch = json.dumps({"spec": {"hard": {"requests.cpu": processors, "limits.memory": memory}}})
    lab.desk("kubectl", "patch", "resourcequota", "quota", "-n", "ray", "--type=merge", "-p", patch, identity="admin")


def test_an_exceeded_quota_is_named(lab, tmp_path, away):
    away("greedy")
    path = document(tmp_path, "greedy", replace={"cpu: 500m": "cpu: 3", "cpu: 2": "cpu: 3"})
    done = lab.raykeep("up", "-f", path, *SITE, "--timeout", "20s", check=False)
    assert done.returncode == 1 and "quota" in done.stdout + done.stderr, str(done)
    # Again, as nothing was changed; then with room, which Kubernetes alone would see after minutes.
    began = time.monotonic()
    done = lab.raykeep("up", "-f", path, *SITE, "--timeout", "60s", check=False)
    assert done.returncode == 1 and "waiting will not help" in done.stdout + done.stderr, str(done)
    assert time.monotonic() - began < 45, str(done)
    owner_allows(lab, "8", "64Gi")
    try:
        asked = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        done = lab.raykeep("up", "-f", path, *SITE, "--timeout", "15s", check=False)
        pods = lab.pods("greedy")
        assert len(pods) == 2, str(done)
        # Unless Kubernetes' own next try came in between.
        assert "try again" in done.stdout or all(p["metadata"]["creationTimestamp"] <= asked for p in pods), str(done)
    finally:
        owner_allows(lab, "4", "16Gi")


def test_a_pod_that_fits_on_no_node_is_explained(lab, tmp_path, away):
    away("wide")
    path = document(tmp_path, "wide", replace=WAITS)
    done = lab.raykeep("up", "-f", path, *SITE, "--timeout", "20s", check=False)
    assert done.returncode == 1, str(done)
    assert "selector" in done.stdout + done.stderr or "affinity" in done.stdout + done.stderr, str(done)


def test_an_api_server_that_is_not_there_is_named(lab, tmp_path):
    config = kubeconfig(lab, tmp_path, replace={"10.240.0.1:6443": "10.240.0.1:6444"})
    done = lab.raykeep("status", "--kubeconfig", config, check=False)
    assert done.returncode == 1 and "10.240.0.1:6444" in done.stderr and "refused" in done.stderr, str(done)


def test_a_refused_token_is_named(lab, tmp_path):
    token = lab.desk("kubectl", "config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}").stdout
    config = kubeconfig(lab, tmp_path, replace={token: "nonsense"})
    done = lab.raykeep("status", "--kubeconfig", config, check=False)
    assert done.returncode == 1 and "token" in done.stderr and "nonsense" not in done.stderr, str(done)


def test_an_expired_certificate_is_named_with_its_date(lab, tmp_path):
    ca = pathlib.Path(lab.told("tenant-kubeconfig")).parent
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key", "-out", tmp_path / "csr", "-subj", "/CN=late")
    run("openssl", "x509", "-req", "-in", tmp_path / "csr", "-CA", ca / "ca.crt", "-CAkey", ca / "ca.key", "-out", tmp_path / "crt",
        "-days", "-1", "-set_serial", "7")
    text = lab.desk("sh", "-c", "cat $KUBECONFIG").stdout
    token = lab.desk("kubectl", "config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}").stdout
    data = {n: base64.b64encode((tmp_path / n).read_bytes()).decode() for n in ("crt", "key")}
    assert f'"token": "{token}"' in text
    text = text.replace(f'"token": "{token}"', f'"client-certificate-data": "{data["crt"]}", "client-key-data": "{data["key"]}"')
    (tmp_path / "kubeconfig").write_text(text)
    done = lab.raykeep("status", "--kubeconfig", tmp_path / "kubeconfig", check=False)
    assert done.returncode == 1 and "expired" in done.stderr, str(done)


def test_a_missing_right_is_named_with_verb_and_object(lab, tmp_path):
    """An account that may do everything but touch NetworkPolicies."""
    lab.admin("-n", "ray", "create", "serviceaccount", "half")
    role = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: half, namespace: ray}
rules:
- {apiGroups: ["", apps, policy], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: half, namespace: ray}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: half}
subjects: [{kind: ServiceAccount, name: half, namespace: ray}]
"""
    lab.desk("kubectl", "apply", "-f", "-", identity="admin", stdin=role)
    try:
        fresh = lab.admin("-n", "ray", "create", "token", "half").stdout.strip()
        token = lab.desk("kubectl", "config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}").stdout
        config = kubeconfig(lab, tmp_path, replace={token: fresh})
        done = lab.raykeep("up", "-f", document(tmp_path, "rightless"), *SITE, "--kubeconfig", config, check=False)
        assert done.returncode == 1, str(done)
        assert "networkpolicies" in done.stderr.lower() and "system:serviceaccount:ray:half" in done.stderr, str(done)
        assert ours(lab, "rightless") == ""
    finally:
        lab.admin("-n", "ray", "delete", "role/half", "rolebinding/half", "serviceaccount/half")


def test_an_interrupted_up_goes_on(lab, tmp_path, cluster, away):
    """Ctrl-C while waiting: exit 130, a sentence how to go on, and the next up finishes."""
    away("paused")
    path = document(tmp_path, "paused", replace=WAITS)
    process = subprocess.Popen([ROOT / "lab/exec", "--name", lab.name, RAYKEEP, "up", "-f", path, *map(str, SITE)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until("a pod is there", lambda: lab.pods("paused"))
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "raykeep up" in err, (process.returncode, out, err)
    done = lab.raykeep("up", "-f", path, *SITE, "--no-wait")
    assert "created" in done.stdout or "unchanged" in done.stdout, str(done)
    assert len([n for n in ours(lab, "paused").split() if "networkpolicy" in n]) == 2
