"""Up, down and status of a lab.

Every start makes a new cluster: etcd's data, the kubelets' and the logs go, images and certificates
stay (down --purge removes those too). So a half-dead lab is repaired by taking it down and up, and
nothing has to be understood about how it died.
"""
from __future__ import annotations

import json
import pathlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from . import control_plane, images, mesh as meshes, network, node, parts, pki, processes, site, storage
from .site import NODES, Lab, Problem, run, say

PARTS = ("kube", "cilium", "pause", "coredns", "agnhost")
OBJECTS = site.HERE / "objects"
# The kinds an agent insists on, with the features that node.py leaves on: its own policies among them, as an
# administrator applies them. All 21 kinds, schemas of a megabyte, keep a starting API server busy for five seconds.
CILIUM_KINDS = ("nodes", "identities", "endpoints", "podippools", "loadbalancerippools",
                "l2announcementpolicies", "networkpolicies", "cidrgroups")
# What a start makes anew. What stays: pki, registry, certs.d, the nodes' containerd.
PER_RUN = ("etcd", "run", "bin")
PER_RUN_OF_NODE = ("run", "kubelet", "cni", "cni-bin", "cilium", "pod-logs", "kept", storage.FOLDER)


def up(lab: Lab, mesh: str | None = None) -> None:
    """Requires: `mesh` is one of mesh.NAMES, or none."""
    with lab.locked():
        if problems(lab) == []:
            if mesh not in (None, meshes.running(lab)):
                raise Problem(f"lab {lab.name} is up without {mesh}; take it down first")
            say(f"lab {lab.name} is up")
            return
        built = parts.ensure(*PARTS, *([mesh] if mesh else []))
        began = time.monotonic()

        def done(what: str) -> None:
            say(f"{time.monotonic() - began:5.1f} s  {what}")

        if leftovers(lab):
            say(f"lab {lab.name} is half there; taking it down first")
            _down(lab)
        _clear(lab)
        for folder in (lab.daemons, lab.logs):
            folder.mkdir(parents=True, exist_ok=True)
        # From here on there is something to take down, whatever becomes of this process.
        processes.create_cgroups(lab, ["daemons", "desk", *(n.name for n in NODES)])
        network.create(lab)
        pki.create(lab)
        images.trust_registry(lab)
        parts.link(lab, built)
        control_plane.start(lab)
        archives = [built[name] / f"{name}.tar" for name in ("pause", "coredns", "agnhost")]
        if mesh:
            meshes.prepare(lab, mesh, built)
            archives += meshes.archives(built)
        with ThreadPoolExecutor() as pool:
            runtimes = [pool.submit(_start_runtime, lab, n, archives) for n in NODES]
            control_plane.wait_ready(lab)
            done("API server ready")
            control_plane.start_controllers(lab)
            definitions = pool.submit(_create_definitions, lab)
            _create_nodes(lab)
            for n, runtime in zip(NODES, runtimes):
                runtime.result()
                node.start_agents(lab, n)
            done("agents started")
            volumes = lab.run / "volumes.yaml"
            volumes.write_text(storage.objects(lab))
            _create(lab, OBJECTS / "coredns.yaml", OBJECTS / "ray.yaml", volumes, *([meshes.OBJECTS] if mesh else []))
            definitions.result()
            done("objects created")
            chained = {n: [meshes.plugin(lab, n, built)] if mesh else [] for n in NODES}
            list(pool.map(lambda n: node.open_network(lab, n, chained[n]), NODES))
        done("Cilium healthy")
        _until(lab, "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=120s")
        done("both nodes Ready")
        _tenant(lab)
        _until(lab, "-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s")
        done("DNS answers")
        if mesh:
            meshes.install(lab, built)
            done(f"{mesh} answers")
        (lab.run / "up").touch()


def _start_runtime(lab: Lab, n: site.Node, archives: list[pathlib.Path]) -> None:
    node.start_runtime(lab, n)
    images.load(lab, archives, (n,))


def _create(lab: Lab, *files: object) -> None:
    # create, not apply: a new cluster, and Cilium's definitions are too long for apply's annotation.
    run(lab.kubectl("create", "--validate=false", *(f"--filename={file}" for file in files)))


def _create_definitions(lab: Lab) -> None:
    """Cilium's custom resources, which its operator would create. The agents wait for these."""
    crds = (lab.bin / "cilium-crds").resolve()
    _create(lab, *(crds / f"cilium{kind}.yaml" for kind in CILIUM_KINDS))


def _create_nodes(lab: Lab) -> None:
    """The Node objects before their kubelets: the pod ranges must match the routes."""
    nodes = [{"apiVersion": "v1", "kind": "Node",
              "metadata": {"name": n.name, "labels": {"kubernetes.io/hostname": n.name}},
              "spec": {"podCIDR": n.pods, "podCIDRs": [n.pods]}} for n in NODES]
    manifest = lab.run / "nodes.yaml"
    manifest.write_text("---\n".join(json.dumps(n) + "\n" for n in nodes))
    # kube-system is made by the API server shortly after it becomes ready.
    run(lab.kubectl("wait", "--for=create", "namespace/kube-system", "--timeout=30s"))
    _create(lab, manifest, OBJECTS / "cilium.yaml")


def _until(lab: Lab, *words: str) -> None:
    """Waits as kubectl does, but no longer than all daemons live."""
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(run, lab.kubectl(*words))
        while not waiting.done():
            processes.expect_alive(lab)
            time.sleep(0.1)
        waiting.result()


def _tenant(lab: Lab) -> None:
    """The kubeconfig of the account that the bank hands over: a token, valid for thirty days."""
    token = run(lab.kubectl("-n", "ray", "create", "token", "tenant", "--duration=720h")).strip()
    pki.write_kubeconfig(lab, "tenant", {"token": token}, namespace="ray")


def leftovers(lab: Lab) -> bool:
    return bool(network.exists(lab) or processes.members(lab)
                or any((root / lab.cgroup).exists() for root in processes.hierarchies()))


def problems(lab: Lab) -> list[str] | None:
    """What is wrong with a lab that should be up; None if it is down."""
    if not leftovers(lab):
        return None
    if not (lab.run / "up").exists():
        return ["it was not started to the end"]
    found = [f"{name} is dead" for name, alive in processes.daemons(lab).items() if not alive]
    if found:
        return found
    if not control_plane.ready(lab):
        return ["the API server is not ready"]
    states = run(lab.kubectl("get", "nodes", "--no-headers")).splitlines()
    return [f"node {line.split()[0]} is {line.split()[1]}" for line in states if line.split()[1] != "Ready"]


def down(lab: Lab, purge: bool = False) -> None:
    with lab.locked():
        _down(lab)
        if purge:
            shutil.rmtree(lab.state, ignore_errors=True)
            if lab.state.exists():
                raise Problem(f"cannot remove {lab.state}")


def _down(lab: Lab) -> None:
    (lab.run / "up").unlink(missing_ok=True)
    processes.end_all(lab)
    network.remove(lab)
    processes.remove_cgroups(lab)


def _clear(lab: Lab) -> None:
    for name in PER_RUN:
        shutil.rmtree(lab.state / name, ignore_errors=True)
    for n in NODES:
        for name in PER_RUN_OF_NODE:
            path = lab.node(n) / name
            path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)
    # The last run's logs stay for whoever asks why it died.
    before = lab.state / "log.before"
    shutil.rmtree(before, ignore_errors=True)
    if lab.logs.exists():
        lab.logs.rename(before)


def status(lab: Lab) -> int:
    """Prints what there is; 0 only if the lab is up and well."""
    wrong = problems(lab)
    print(f"lab: {lab.name}")
    print("state: " + ("down" if wrong is None else "broken" if wrong else "up"))
    for line in wrong or []:
        print(f"problem: {line}")
    if wrong is None:
        return 3
    alive = processes.daemons(lab)
    print(f"daemons: {sum(alive.values())} of {len(alive)} run: {', '.join(alive)}")
    print(f"processes: {len(processes.members(lab))}")
    print(f"mesh: {meshes.running(lab) or 'none'}")
    print(f"folder: {lab.state}")
    print(f"audit-log: {lab.audit}")
    print(f"tenant-kubeconfig: {lab.kubeconfig('tenant')}")
    print(f"admin-kubeconfig: {lab.kubeconfig('admin')}")
    print(f"api-server: {site.SERVER}")
    print(f"registry: {site.REGISTRY}")
    if not wrong:
        print(run(lab.kubectl("get", "nodes")), end="")
    return 1 if wrong else 0
