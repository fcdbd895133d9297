"""What a NetworkPolicy cannot say, under the enforcer that the lab has. Cilium knows the API server as an entity: the
administrator's file opens the way to it for the controller and for nobody else, also where the API server is on a node
of the cluster, whose address an ipBlock never matches."""
import contextlib
import json

import pytest
from conftest import DEMO
from lab import until
from probe import STRANGER, arrives, probe

SITE = """
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: lab}
spec:
  tls: {mode: none}
  networkPolicy: {enforcer: cilium}
  apiServer: API_SERVER
"""
CONTROLLER = {"app.kubernetes.io/managed-by": "raykeep", "app.kubernetes.io/name": "raykeep-controller"}
ITSELF, SERVICE = ("10.240.0.1", 6443, "TCP"), ("10.96.0.1", 443, "TCP")
REGISTRY = ("10.240.0.1", 5000, "TCP")  # on the same machine
NODE = ("10.240.0.11", 10250, "TCP")
DNS = ("10.96.0.10", 53, "TCP")
# The node of that address has one of the API servers. kube-proxy passes it by: the port has another name.
ON_A_NODE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: api-server-on-a-node, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
addressType: IPv4
ports: [{name: on-a-node, port: 10250, protocol: TCP}]
endpoints: [{addresses: [10.240.0.11], conditions: {ready: true}}]
"""


@contextlib.contextmanager
def pod(lab, name, labels):
    """A pod with those labels and no policy of its own: only the namespace's speak of it."""
    text = STRANGER.split("---\n")[0].replace("LABELS", json.dumps(labels)).replace("NAME", name)
    lab.kubectl("apply", "-f", "-", stdin=text)
    try:
        lab.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")
        yield name
    finally:
        lab.kubectl("delete", "pod", name, "--wait=false", "--ignore-not-found")


@pytest.fixture(scope="module")
def pods(lab):
    with pod(lab, "dialect-controller", CONTROLLER) as controller, pod(lab, "dialect-nobody", {"app": "x"}) as nobody:
        yield controller, nobody


class Place:
    """A Site, with what the tenant and the administrator apply for it."""

    def __init__(self, lab, folder, api_server):
        self.lab, self.site = lab, folder / "site.yaml"
        self.site.write_text(SITE.replace("API_SERVER", api_server))

    @contextlib.contextmanager
    def controllers_policy(self, controller):
        printed = self.lab.raykeep("controller", "install", "-n", "ray", "--site", self.site, "-o", "yaml").stdout
        policy = next(text for text in printed.split("---\n") if "\nkind: NetworkPolicy\n" in text)
        self.lab.kubectl("apply", "-f", "-", stdin=policy)
        try:
            until("the policy opens DNS", lambda: self.reached(controller, DNS), patience=20, every=0.2)
            yield
        finally:
            self.lab.kubectl("delete", "-f", "-", "--ignore-not-found", stdin=policy)

    @contextlib.contextmanager
    def administrators_file(self):
        printed = self.lab.raykeep("site", "policies", "-f", DEMO / "ray-cluster.yaml", "--site", self.site, "-n",
                                   "ray").stdout
        assert "toEntities:" in printed
        refused = self.lab.kubectl("apply", "-f", "-", stdin=printed, check=False)
        assert refused.returncode != 0 and "forbidden" in refused.stderr  # or no file were needed
        try:
            self.lab.admin("apply", "--server-side", "-f", "-", stdin=printed)
            yield
        finally:
            self.lab.admin("delete", "--ignore-not-found", "-f", "-", stdin=printed)

    def reached(self, name, *targets):
        fates = {arrives(fate) for fate in probe(self.lab, name, list(targets), patience=0.5)}
        return fates == {True}

    def closed(self, name, *targets):
        return not any(arrives(fate) for fate in probe(self.lab, name, list(targets), patience=0.5))


def test_the_administrators_policy_alone_opens_the_api_server_and_only_to_the_controller(lab, pods, tmp_path):
    controller, nobody = pods
    place = Place(lab, tmp_path, "{administrator: true, port: 6443}")
    with place.controllers_policy(controller):
        assert place.closed(controller, ITSELF, SERVICE)
        with place.administrators_file():
            until("the controller reaches the API server", lambda: place.reached(controller, ITSELF, SERVICE),
                  patience=20, every=0.2)
            assert place.closed(controller, REGISTRY, NODE)
            assert place.closed(nobody, ITSELF, SERVICE, REGISTRY)
        until("the way is closed again", lambda: place.closed(controller, ITSELF, SERVICE), patience=20, every=0.2)


def test_an_address_opens_the_api_server_outside_of_the_cluster(lab, pods, tmp_path):
    controller, nobody = pods
    place = Place(lab, tmp_path, "{addresses: [10.240.0.1/32], port: 6443}")
    with place.controllers_policy(controller):
        until("the controller reaches the API server", lambda: place.reached(controller, ITSELF, SERVICE), patience=20,
              every=0.2)
        assert place.closed(controller, REGISTRY)
        assert place.closed(nobody, ITSELF, SERVICE)


def test_an_address_does_not_open_an_api_server_on_a_node_and_the_administrators_policy_does(lab, pods, tmp_path):
    controller, nobody = pods
    place = Place(lab, tmp_path, "{addresses: [10.240.0.11/32], port: 10250}")
    lab.admin("apply", "-f", "-", stdin=ON_A_NODE)
    try:
        with place.controllers_policy(controller):
            assert place.closed(controller, NODE), "an ipBlock with a node's address suffices after all"
            with place.administrators_file():
                until("the controller reaches the node's API server", lambda: place.reached(controller, NODE),
                      patience=20, every=0.2)
                assert place.closed(nobody, NODE)
    finally:
        lab.admin("delete", "-f", "-", "--ignore-not-found", stdin=ON_A_NODE)
