"""Encryption: what goes over the wire between the nodes, read packet by packet; and `raykeep verify --tls`."""
import base64
import json

import pytest
from controller import SIGNER, installed
from false_server import Authority, authorities, false_server, free_port
from lab import ROOT, until
from marked import markers, speak
from wire import watched

SEALED = "sealed"
DOCUMENT = ROOT / "tests/e2e/sealed/ray-cluster.yaml"
SITE = """
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: lab}
spec:
  tls: {mode: MODE}
  peers:
    ingress: [{name: callers, podLabels: {app: caller}}]
    submitters: [{name: desks, podLabels: {app: desk}}]
"""


def begin(lab, folder, mode):
    site = folder / "site.yaml"
    site.write_text(SITE.replace("MODE", mode))
    lab.raykeep("up", "-f", DOCUMENT, "--site", site, "-n", "ray", "--timeout", "5m", timeout=400)
    until("both nodes are alive", lambda: lab.alive_nodes(lab.pod(SEALED, "head")) == 2)


def end(lab):
    lab.raykeep("down", SEALED, "-n", "ray", "--timeout", "3m")


@pytest.fixture
def clear(lab, tmp_path):
    begin(lab, tmp_path, "none")
    yield SEALED
    end(lab)


def spoken(lab) -> tuple:
    """The texts that the workload sent, and what was seen of them."""
    texts = markers()
    with watched(lab, *texts.values()) as said:
        speak(lab, lab.pod(SEALED, "head"), texts)
    print(f"{said['frames']} frames, {said['bytes'] / 1e6:.1f} MB, {said['dropped']} dropped")
    assert said["dropped"] == 0, "what was not looked at proves nothing"
    return texts, {channel: said["seen"][text] for channel, text in texts.items()}, said


@pytest.mark.soak
def test_without_encryption_every_text_is_read_on_the_wire(lab, clear):
    texts, seen, said = spoken(lab)
    for channel, where in seen.items():
        print(channel, where)
    assert all(seen.values()), {channel: where for channel, where in seen.items() if not where}
    assert said["bytes"] > 13_000_000, "the object alone is longer"


# --- with encryption

@pytest.fixture(scope="module")
def controller(lab, tmp_path_factory):
    """Who signs the nodes' certificates."""
    site = tmp_path_factory.mktemp("controller") / "site.yaml"
    site.write_text(SITE.replace("MODE", "native"))
    with installed(lab, site, patience=90, more=SIGNER):
        yield
        end(lab)


ACTORS = """
import ray
ray.init(logging_level="ERROR", namespace="sealed")

@ray.remote(num_cpus=0)
class Actor:
    def here(self): return ray.util.get_node_ip_address()

made = [Actor.options(name=f"{where}-{i}", lifetime="detached", resources=resources).remote()
        for i in range(2) for where, resources in (("far", {"far": 0.01}), ("anywhere", {}))]
print(len(ray.get([actor.here.remote() for actor in made])), "actors")
"""


@pytest.fixture(scope="module")
def sealed(lab, controller, tmp_path_factory):
    """With processes on both nodes that listen on ports of their own."""
    begin(lab, tmp_path_factory.mktemp("sealed"), "native")
    assert "4 actors" in lab.python(lab.pod(SEALED, "head"), ACTORS).stdout
    return SEALED


def test_with_native_encryption_no_text_is_read_on_the_wire(lab, sealed):
    _, seen, said = spoken(lab)
    assert not any(seen.values()), {channel: where for channel, where in seen.items() if where}
    assert said["bytes"] > 13_000_000, "the object alone is longer"


def verify(lab, *args) -> dict:
    done = lab.raykeep("verify", SEALED, "-n", "ray", "--tls", "-o", "json", *args, check=False, timeout=300)
    assert done.returncode in (0, 3), done
    said = json.loads(done.stdout)
    assert said["good"] == (done.returncode == 0), done
    return said


REFUSED = {"plaintext", "no certificate", "foreign certificate", "expired certificate", "TLS 1.0", "TLS 1.1"}


def test_every_port_of_ray_refuses_all_that_it_must(lab, sealed):
    said = verify(lab)
    assert said["good"], [f for f in said["findings"] if f["severity"] == "error"]
    tried = [row for row in said["tls"] if row["encryption"] == "mutual TLS (Ray)" and row["result"] != "untested"]
    names = {row["portName"] for row in tried}
    assert names >= {"gcs-server", "node-manager", "object-manager", "worker", "agent-grpc"}, names
    assert len([row for row in tried if row["portName"] == "worker"]) >= 4, tried
    for row in tried:
        refused = {offer for offer, response in row["offers"].items() if response == "refused"}
        assert refused == REFUSED and row["offers"]["own certificate"] == "taken", row
        assert row["certificate"].startswith("P-256"), row
    agents = {row["portName"]: row for row in said["tls"] if row["encryption"] == "TLS (agent)"}
    assert set(agents) == {"https-dashboard", "https-serve"}, said["tls"]
    for row in agents.values():
        refused = {offer for offer, response in row["offers"].items() if response == "refused"}
        assert row["result"] == "encrypted" and refused >= {"plaintext", "TLS 1.0", "TLS 1.1"}, row
    print(f"{len(tried)} ports, {len(tried) * len(REFUSED)} refusals, {said['seconds']:.1f} s")


def test_certificates_and_keys_are_nowhere_but_in_the_authoritys_secret(lab, sealed):
    secrets = lab.get("secrets")["items"]
    assert [s["metadata"]["name"] for s in secrets if "PRIVATE KEY" in keys_of(s)] == ["raykeep-ca"]


def keys_of(secret) -> str:
    return " ".join(base64.b64decode(value).decode(errors="replace") for value in secret.get("data", {}).values())


# --- faults: each is put on a worker's port, found and named

WORKER_PORTS = range(10002, 10034)
HUNG = "import socket, time; s = socket.create_server(('', PORT), backlog=99); time.sleep(999)"
PLAIN = ("python3", "-m", "http.server", "PORT")


@pytest.fixture(scope="module")
def worlds(lab, sealed):
    """The namespace's authority and another, and the worker with its address."""
    data = lab.get("secret", "raykeep-ca")["data"]
    pod = lab.pods(SEALED, "worker")[0]
    with authorities() as folder:
        for name in ("ours", "other"):
            (folder / name).mkdir()
        yield {"ours": Authority(folder / "ours", *(base64.b64decode(data[key]) for key in ("tls.crt", "tls.key"))),
               "other": Authority(folder / "other"), "pod": pod["metadata"]["name"], "me": f"IP:{pod['status']['podIP']}"}


FAULTS = {
    "plaintext": (lambda w: PLAIN, {"RK7010"}),
    "asks for no certificate": (lambda w: w["ours"].sign(w["me"]), {"RK7017"}),
    "takes whatever certificate": (lambda w: [*w["ours"].sign(w["me"]), "-Verify", "2"], {"RK7018", "RK7019"}),
    "TLS 1.1": (lambda w: [*w["ours"].sign(w["me"]), *w["ours"].demanded(), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                {"RK7020", "RK7026"}),
    "of a foreign authority": (lambda w: [*w["other"].sign(w["me"]), *w["ours"].demanded()], {"RK7021"}),
    "for another address": (lambda w: [*w["ours"].sign("IP:10.244.9.9"), *w["ours"].demanded()], {"RK7022"}),
    "over": (lambda w: [*w["ours"].sign(w["me"], days=-1), *w["ours"].demanded()], {"RK7023"}),
    "a short key": (lambda w: [*w["ours"].sign(w["me"], key=("rsa:1024",)), *w["ours"].demanded(),
                               "-cipher", "ALL:@SECLEVEL=0", "-no_tls1", "-no_tls1_1"], {"RK7025"}),
    "trusts another authority": (lambda w: [*w["ours"].sign(w["me"]), *w["other"].demanded()], {"RK7026"}),
    "hangs": (lambda w: ["python3", "-c", HUNG], {"RK7027"}),
}


IN_CI = ("of a foreign authority",)


@pytest.mark.parametrize("name", [pytest.param(f, marks=[] if f in IN_CI else pytest.mark.soak) for f in FAULTS])
def test_a_fault_is_named(lab, sealed, worlds, name):
    words, codes = FAULTS[name]
    port = free_port(lab, worlds["pod"], WORKER_PORTS)
    with false_server(lab, worlds["pod"], port, *words(worlds)):
        said = verify(lab)
    found = [f for f in said["findings"] if f["severity"] == "error"]
    assert {f["code"] for f in found} == codes, found
    assert all(f["object"] == f"{worlds['pod']}:{port} worker" for f in found), found
