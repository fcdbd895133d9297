"""From the outside into the enclave: one file is carried in, verified, pushed into a registry that asks for a login, and run by digest
from there, by nodes that have none of the images; no packet leaves."""
import json
import os
import pathlib
import shutil
import time

import pytest
from conftest import E2E
from lab import RAYKEEP, part, until
from registries import Registry, run

DESK, PORT = "10.240.0.100", 5443
DOCUMENT = E2E / "sealed/ray-cluster.yaml"
RAY = "lab/ray:2.60.0"
CLUSTER = "sealed"
KEY = {"COSIGN_PASSWORD": "open sesame", "PATH": os.environ["PATH"]}

SITE = """
apiVersion: raykeep.io/v1
kind: Site
metadata: {{name: enclave}}
spec:
  tls: {{mode: none}}
  airGapped: true
  images:
    registry: {registry}
    pullSecrets: [enclave-registry]
    pullPolicy: IfNotPresent
    mirrors: [{{registry: docker.io, mirrors: ["{outside}"]}}]
"""


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """The connected side: a registry on this machine, which the lab cannot reach."""
    made = Registry(tmp_path_factory.mktemp("outside"))
    run("skopeo", "copy", "-q", *("--dest-tls-verify=false",), f"oci-archive:{part('ray') / 'ray.tar'}", f"docker://{made.host}/{RAY}")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def inside(lab, tmp_path_factory):
    """The enclave's registry, at the desk; the nodes trust its certificate, as `bundle push` says they must."""
    made = Registry(tmp_path_factory.mktemp("inside"), guarded=True, address=DESK, port=PORT,
                    inside=(lab_exec := [pathlib.Path(__file__).parents[2] / "lab/exec", "--name", lab.name, "--as", "admin"]))
    until("the registry listens",
          lambda: run(*lab_exec, "python3", "-c", f"import socket; socket.create_connection(('{DESK}', {PORT}), 2)", check=False).returncode == 0,
          patience=20)
    trust = pathlib.Path(lab.told("folder")) / "certs.d" / made.host
    trust.mkdir(parents=True)
    (trust / "hosts.toml").write_text(f'server = "https://{made.host}"\n[host."https://{made.host}"]\n  ca = "{made.folder}/crt"\n')
    yield made
    shutil.rmtree(trust)
    made.stop()


def forget_images(lab):
    """Both nodes have neither Ray nor Raykeep any more, under any name, nor a layer of them."""
    for node in ("n1", "n2"):
        ctr = ["ctr", "-a", pathlib.Path(lab.told("folder")) / node / "run/containerd.sock", "-n", "k8s.io"]
        names = [line.split()[0] for line in run(*ctr, "images", "ls").stdout.splitlines()[1:]]
        mine = [name for name in names if "ray" in name]
        for name in mine:
            run(*ctr, "images", "rm", "--sync", name)
        left = run(*ctr, "images", "ls").stdout
        assert "lab/ray" not in left and "raykeep" not in left, left


@pytest.fixture(scope="module")
def carried(lab, outside, inside, tmp_path_factory):
    """What is carried in: a bundle, and, by another way, the public key."""
    folder = tmp_path_factory.mktemp("carried")
    (folder / "site.yaml").write_text(SITE.format(registry=f"{inside.host}/bank", outside=outside.host))
    run(RAYKEEP, "bundle", "keygen", "--to", folder, env=KEY)
    made = run(RAYKEEP, "bundle", "create", folder / "ray.bundle", "-f", DOCUMENT, "--site", folder / "site.yaml", "--plain-http",
               "--key", folder / "cosign.key", env=KEY)
    print(made)
    (folder / "cosign.key").unlink()
    outside.stop()
    lab.tool("egress", "--reset")
    return folder


@pytest.fixture(scope="module")
def lock(lab, inside, carried):
    """The bundle is verified and pushed by the tenant, at the desk, which has no way out."""
    key = carried / "cosign.pub"
    print(lab.raykeep("bundle", "verify", carried / "ray.bundle", "--key", key))
    began = time.monotonic()
    print(lab.raykeep("bundle", "push", carried / "ray.bundle", "--key", key, "--write-lock", carried / "images.lock", *inside.flags))
    print(f"pushed in {time.monotonic() - began:.1f} s")
    return carried / "images.lock"


@pytest.fixture(scope="module")
def cluster(lab, inside, carried, lock):
    lab.kubectl("create", "secret", "generic", "enclave-registry", "--type=kubernetes.io/dockerconfigjson",
                f"--from-file=.dockerconfigjson={inside.folder}/auth.json")
    forget_images(lab)
    began = time.monotonic()
    print(lab.raykeep("up", "-f", DOCUMENT, "--site", carried / "site.yaml", "--images-lock", lock, "-n", "ray", "--timeout", "8m", timeout=600))
    print(f"up in {time.monotonic() - began:.1f} s")
    yield CLUSTER
    lab.raykeep("down", CLUSTER, "-n", "ray", "--timeout", "3m")
    lab.kubectl("delete", "secret", "enclave-registry")
    lab.load_images()


def test_tags_are_refused_without_the_lock(lab, carried, lock):
    without = lab.raykeep("check", DOCUMENT, "--site", carried / "site.yaml", check=False)
    assert without.returncode == 3 and without.stdout.count("RK4301") == 2, without
    assert lab.raykeep("check", DOCUMENT, "--site", carried / "site.yaml", "--images-lock", lock).returncode == 0


def test_it_runs_by_digest_from_the_registry_inside(lab, inside, cluster, lock):
    digests = {line.split()[-1] for line in lock.read_text().splitlines() if "digest:" in line}
    pods = lab.pods(cluster)
    assert len(pods) == 2
    for pod in pods:
        spec = pod["spec"]
        for container in spec["initContainers"] + spec["containers"]:
            assert container["image"].startswith(f"{inside.host}/bank/") and container["imagePullPolicy"] == "IfNotPresent", container
            assert container["image"].split("@")[1] in digests
        for status in pod["status"]["containerStatuses"] + pod["status"]["initContainerStatuses"]:
            assert status["imageID"].split("@")[1] in digests, status
    pulled = [e["message"] for e in lab.get("events")["items"] if e["reason"] == "Pulled" and inside.host in e["message"]]
    # Each node pulled Ray's image and Raykeep's from there, and nothing was there before.
    assert sum("Successfully pulled" in message for message in pulled) >= 4, pulled
    done = lab.python(lab.pod(cluster, "head"), "import ray; ray.init(logging_level='ERROR')\n"
                      "print(sum(ray.get([ray.remote(lambda i=i: i).options(resources={'far': 0.01}).remote() for i in range(10)])))")
    assert "45" in done.stdout


def test_the_stored_site_has_the_digests(lab, cluster, lock):
    """So that whoever applies it later, as the controller does, means the same images."""
    stored = lab.get("configmap", f"raykeep-raycluster-{cluster}")["data"]
    assert any(digest in json.dumps(stored) for digest in lock.read_text().split() if digest.startswith("sha256:"))
    assert "sha256:" in json.dumps(stored)


def test_no_packet_has_left(lab, cluster):
    said = lab.tool("egress").stdout.splitlines()
    assert said[0] == "0", said
