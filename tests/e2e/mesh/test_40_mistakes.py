"""What goes wrong with meshes, and who names it: `check` in documents and Sites, `verify --tls` in what runs."""
import copy
import json

import pytest
import yaml
from lab import until
from meshed import DOCUMENT, MESHED, SITE


def worker(cluster, site):
    return cluster["spec"]["workerGroupSpecs"][0]["template"]


def annotated(**pairs):
    """Annotations of the workers' pods; "_" stands for what no name may hold."""
    def change(cluster, site):
        template = worker(cluster, site)
        template["metadata"] = {"annotations": {f"{PREFIXES[key]}/{key}": value for key, value in pairs.items()}}
    return change


PREFIXES = {"config": "proxy.istio.io", "excludeInboundPorts": "traffic.sidecar.istio.io", "inject": "linkerd.io",
            "excludeOutboundPorts": "traffic.sidecar.istio.io", "includeInboundPorts": "traffic.sidecar.istio.io",
            "interceptionMode": "sidecar.istio.io", "rewriteAppHTTPProbers": "sidecar.istio.io"}


def out_of_the_mesh(cluster, site):
    worker(cluster, site).setdefault("metadata", {})["labels"] = {"sidecar.istio.io/inject": "false"}


def as_the_proxys_user(cluster, site):
    worker(cluster, site)["spec"]["containers"][0]["securityContext"] = {"runAsUser": 1337}


def encrypted_twice(cluster, site):
    worker(cluster, site)["spec"]["containers"][0]["env"] = [{"name": "RAY_USE_TLS", "value": "1"}]


def on_the_proxys_port(cluster, site):
    cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"]["node-manager-port"] = "15010"


def a_port_for_each_process_there_may_ever_be(cluster, site):
    cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"].update({"min-worker-port": "10002", "max-worker-port": "19999"})


def said_to_be_http(cluster, site):
    cluster["spec"]["headGroupSpec"]["headService"] = {"spec": {"ports": [{"name": "dashboard", "port": 8265, "appProtocol": "http"}]}}


def redis_in_the_clear(cluster, site):
    site["spec"]["redis"]["tls"] = {"enabled": False}


def redis_through_the_proxy(cluster, site):
    head = cluster["spec"]["headGroupSpec"]["template"]
    head["metadata"] = {"annotations": {"traffic.sidecar.istio.io/excludeOutboundPorts": "9"}}


def mesh_not_named(cluster, site):
    site["spec"]["tls"] = {"mode": "mesh"}


def udp(cluster, site):
    site["spec"]["workerPorts"] = [{"name": "rdma", "reason": "fast", "ports": ["4791/UDP"]}]


MISTAKES = {
    "a proxy that starts late": (annotated(config="terminationDrainDuration: 60s"), "RK4202"),
    "a proxy that ends early": (annotated(config="holdApplicationUntilProxyStarts: true"), "RK4203"),
    "an excluded port of Ray's": (annotated(excludeInboundPorts="8076"), "RK4204"),
    "an excluded call of Ray's": (annotated(excludeOutboundPorts="6379"), "RK4204"),
    "a list of ports that lacks one": (annotated(includeInboundPorts="8077"), "RK4204"),
    "no interception": (annotated(interceptionMode="NONE"), "RK4205"),
    "a pod left out": (out_of_the_mesh, "RK4206"),
    "Redis without TLS outside of the mesh": (redis_in_the_clear, "RK4207"),
    "Redis' TLS through the proxy": (redis_through_the_proxy, "RK4208"),
    "encryption in encryption": (encrypted_twice, "RK4209"),
    "a port of the proxy's": (on_the_proxys_port, "RK4210"),
    "the proxy's user": (as_the_proxys_user, "RK4211"),
    "a port said to be HTTP": (said_to_be_http, "RK4212"),
    "probes in the clear": (annotated(rewriteAppHTTPProbers="false"), "RK4213"),
    "another mesh's label": (annotated(inject="enabled"), "RK4215"),
    "a listener for each port there is": (a_port_for_each_process_there_may_ever_be, "RK4201"),
    "UDP": (udp, "RK4218"),
    "no mesh named": (mesh_not_named, "RK3046"),
}


def check(lab, tmp_path, cluster, site):
    for name, value in (("cluster", cluster), ("site", site)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(value))
    done = lab.raykeep("check", "-f", tmp_path / "cluster.yaml", "--site", tmp_path / "site.yaml", "-n", "ray", "-o", "json", check=False)
    return {f["code"] for f in json.loads(done.stdout)}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_names(lab, tmp_path, mistake):
    change, code = MISTAKES[mistake]
    cluster, site = yaml.safe_load(DOCUMENT.read_text()), yaml.safe_load(SITE.read_text())
    assert code not in check(lab, tmp_path, cluster, site)
    changed = copy.deepcopy(cluster), copy.deepcopy(site)
    change(*changed)
    assert code in check(lab, tmp_path, *changed)


RULE = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: NAME, namespace: ray}
spec: SPEC
"""
# What an administrator of the mesh may do to it under a running cluster.
OPENINGS = {
    "the namespace takes plaintext": ("default", "{mtls: {mode: PERMISSIVE}}"),
    "one port takes plaintext": ("opened", "{selector: {matchLabels: {ray.io/cluster: meshed}}, mtls: {mode: STRICT},"
                                           " portLevelMtls: {'6379': {mode: DISABLE}}}"),
}


def verify(lab) -> dict:
    return json.loads(lab.raykeep("verify", MESHED, "-n", "ray", "--tls", "-o", "json", check=False, timeout=400).stdout)


def errors(said) -> list:
    return [f for f in said["findings"] if f["severity"] == "error"]


def test_verify_finds_nothing_in_a_strict_mesh(lab, cluster):
    said = verify(lab)
    assert said["good"] and not errors(said), said["findings"]


@pytest.mark.parametrize("opening", OPENINGS)
def test_verify_finds_plaintext(lab, cluster, opening):
    name, spec = OPENINGS[opening]
    rule = RULE.replace("NAME", name).replace("SPEC", spec)
    lab.admin("apply", "-f", "-", stdin=rule)
    try:
        until("verify finds it", lambda: "RK7010" in {f["code"] for f in errors(verify(lab))}, patience=120)
    finally:
        lab.admin("delete", "-f", "-", stdin=rule)
    until("verify finds nothing any more", lambda: not errors(verify(lab)), patience=120)
