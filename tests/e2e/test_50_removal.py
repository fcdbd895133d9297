"""`down` removes all and nothing else; files rendered for kubectl give the same cluster with nothing of ours running."""
import pytest
from conftest import CLUSTER, DEMO
from lab import until

SITE = ("--site", DEMO / "site.yaml", "-n", "ray")
KINDS = "pods,services,configmaps,secrets,statefulsets,deployments,replicasets,networkpolicies,poddisruptionbudgets,controllerrevisions,serviceaccounts"


def everything(lab):
    return set(lab.kubectl("get", KINDS, "-o", "name").stdout.split())


def belongs(name):
    return CLUSTER in name


def test_down_removes_all_and_nothing_else(lab, cluster):
    lab.kubectl("create", "configmap", "bystander", "--from-literal=a=b")
    others = {n for n in everything(lab) if not belongs(n)}
    try:
        lab.raykeep("down", cluster, "-n", "ray", "--timeout", "2m")
        left = everything(lab)
        assert not {n for n in left if belongs(n) and not n.startswith(("controllerrevision", "replicaset"))}, left
        assert others <= left
        until("the garbage collector has been", lambda: not {n for n in everything(lab) if belongs(n)}, patience=60)
    finally:
        lab.kubectl("delete", "configmap", "bystander")


def test_down_of_nothing_says_so(lab):
    done = lab.raykeep("down", CLUSTER, "-n", "ray", check=False)
    assert done.returncode == 0, str(done)


@pytest.mark.soak
def test_rendered_files_work_with_kubectl_alone(lab, tmp_path):
    token = tmp_path / "token"
    token.write_text("a-token-of-the-users-own-0123456789")
    objects = lab.raykeep("render", "-f", DEMO / "ray-cluster.yaml", *SITE, "--token-file", token).stdout
    lab.kubectl("apply", "--server-side", "-f", "-", stdin=objects)
    lab.kubectl("rollout", "status", f"statefulset/{CLUSTER}-head", "--timeout=4m")
    lab.kubectl("rollout", "status", f"deployment/{CLUSTER}-worker-workergroup", "--timeout=4m")
    head = lab.pod(CLUSTER, "head")
    until("two Ray nodes are alive", lambda: lab.alive_nodes(head) == 2)
    lab.raykeep("down", CLUSTER, "-n", "ray", "--timeout", "2m")
    assert not {n for n in everything(lab) if belongs(n) and n.startswith(("pod/", "secret/", "configmap/", "service/"))}
