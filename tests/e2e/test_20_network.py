"""The policies: each flow of the table passes, nothing else does, and no rule is one too many."""
import copy
import json

import pytest
from lab import until
from probe import arrives, probe, stranger

# Every port that Ray listens on anywhere (measured on 2.60), two of the worker range, and two that nobody uses.
PORTS = [6379, 8000, 8076, 8077, 8080, 8265, 10001, 10002, 10033, 44217, 44227, 52365, 52366, 52367, 52370,
         10034, 9999]
NODES = [8076, 8077, 10002, 10033]
ALLOWED = {
    ("worker", "head"): {6379, 8265, *NODES},
    ("head", "worker"): {52365, 52366, *NODES},
    ("worker", "worker2"): set(NODES),
    ("controller", "head"): {52370},
}
CONTROLLER = {"app.kubernetes.io/managed-by": "raykeep", "app.kubernetes.io/name": "raykeep-controller"}


@pytest.fixture(scope="module")
def addresses(lab, cluster):
    """Role -> (pod, address). A second worker is there while this file runs, and a pod that the policies take for
    Raykeep's controller."""
    lab.kubectl("scale", "deployment", f"{cluster}-worker-workergroup", "--replicas=2")

    def two():
        found = [p for p in lab.pods(cluster, "worker") if p["status"].get("podIP")
                 and p["status"].get("phase") == "Running" and not p["metadata"].get("deletionTimestamp")]
        return found if len(found) == 2 else None

    workers = sorted(until("two workers", two), key=lambda p: p["metadata"]["creationTimestamp"])
    pods = {"head": lab.pods(cluster, "head")[0], "worker": workers[0], "worker2": workers[1]}
    with stranger(lab, name="controller-stranger", labels=CONTROLLER) as name:
        pods["controller"] = lab.get("pod", name)
        yield {role: (p["metadata"]["name"], p["status"]["podIP"]) for role, p in pods.items()}
    lab.kubectl("scale", "deployment", f"{cluster}-worker-workergroup", "--replicas=1")
    until("the second worker has drained and is gone", lambda: len(lab.pods(cluster, "worker")) == 1)


@pytest.mark.parametrize("pair", ALLOWED, ids=lambda p: "->".join(p))
def test_exactly_the_tables_ports_are_open(lab, addresses, pair):
    source, target = pair
    fates = probe(lab, addresses[source][0], [(addresses[target][1], port, "TCP") for port in PORTS])
    through = {port for port, fate in zip(PORTS, fates) if arrives(fate)}
    assert through == ALLOWED[pair], dict(zip(PORTS, fates))


@pytest.mark.parametrize("namespace", ["ray", "other"])
def test_no_other_pod_reaches_any_ray_port(lab, addresses, namespace):
    targets = [(address, port, "TCP") for role, (_, address) in addresses.items() if role != "controller"
               for port in PORTS]
    with stranger(lab, namespace) as name:
        fates = probe(lab, name, targets, namespace)
    assert set(fates) == {"dropped"}, [t for t, f in zip(targets, fates) if f != "dropped"]


def rules(policy):
    """(direction, rule index, port index) of every single hole in a policy."""
    for direction in ("ingress", "egress"):
        for i, rule in enumerate(policy["spec"].get(direction, [])):
            for j in range(len(rule["ports"])):
                yield direction, i, j


def without(policy, direction, i, j):
    changed = copy.deepcopy(policy)
    rule = changed["spec"][direction][i]
    del rule["ports"][j]
    if not rule["ports"]:
        del changed["spec"][direction][i]
    return changed


def role_of(selector):
    labels = selector.get("matchLabels", {})
    if labels.get("app.kubernetes.io/name") == "raykeep-controller":
        return "controller"
    return labels.get("ray.io/node-type")


def flow_of(policy, direction, i, j, addresses):
    """The one probe that needs this hole: (name, from pod, address, port, protocol)."""
    here = role_of(policy["spec"]["podSelector"])
    rule = policy["spec"][direction][i]
    peer = rule["from" if direction == "ingress" else "to"][0]
    there = "dns" if "namespaceSelector" in peer else role_of(peer["podSelector"])
    source, target = (there, here) if direction == "ingress" else (here, there)
    if source == target == "worker":
        target = "worker2"
    port = rule["ports"][j]
    number = port["port"] + (1 if "endPort" in port else 0)
    address = "dns" if target == "dns" else addresses[target][1]
    return f"{source}->{target}:{number}/{port['protocol']}", addresses[source][0], address, number, port["protocol"]


@pytest.mark.soak
def test_removing_any_single_rule_closes_the_flow_it_is_for(lab, cluster, addresses):
    """The mutation check: every port of every rule is taken out once, and the probe of its flow must notice."""
    dns = lab.desk("kubectl", "-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o",
                   "jsonpath={.items[0].status.podIP}", identity="admin").stdout
    superfluous, tried = [], 0
    for policy in lab.get("networkpolicies", "-l", f"raykeep.io/cluster={cluster}")["items"]:
        name = policy["metadata"]["name"]
        for direction, i, j in rules(policy):
            flow, pod, address, port, protocol = flow_of(policy, direction, i, j, addresses)
            target = [(dns if address == "dns" else address, port, protocol)]
            assert arrives(probe(lab, pod, target)[0]), f"{flow} is closed before anything is taken out"
            body = without(policy, direction, i, j)["spec"]
            patch = json.dumps([{"op": "replace", "path": "/spec", "value": body}])
            lab.kubectl("patch", "networkpolicy", name, "--type=json", "-p", patch)
            try:
                until("the flow is closed", lambda: not arrives(probe(lab, pod, target, patience=0.5)[0]),
                      patience=10, every=0.2)
            except AssertionError:
                superfluous.append(f"{name} {direction}[{i}].ports[{j}] ({flow})")
            finally:
                patch = json.dumps([{"op": "replace", "path": "/spec", "value": policy["spec"]}])
                lab.kubectl("patch", "networkpolicy", name, "--type=json", "-p", patch)
            until("the flow is open again", lambda: arrives(probe(lab, pod, target)[0]), patience=15, every=0.2)
            tried += 1
    assert tried >= 20 and not superfluous, superfluous
