"""A service mesh, as a platform team would have installed it before it handed out a namespace.

Istio with sidecars: istiod in istio-system, mutual TLS STRICT for the whole mesh, and the CNI plug-in
in place of the init container that would need NET_ADMIN, so that namespaces stay "restricted". The
plug-in is chained after Cilium's: it asks the API server whether a new pod has a sidecar, and writes
the pod's redirections. Istio's node agent, which would install it, is only needed for ambient.
"""
from __future__ import annotations

import pathlib

from . import pki, site
from .site import Lab, Node, run

NAMES = ("istio",)
OBJECTS = site.HERE / "objects" / "istio.yaml"
READER = "istio-cni"  # the plug-in's identity


def running(lab: Lab) -> str | None:
    """The mesh that the lab was started with."""
    file = lab.run / "mesh"
    return file.read_text() if file.exists() else None


def archives(built: dict[str, pathlib.Path]) -> list[pathlib.Path]:
    return [built["istio"] / f"{image}.tar" for image in ("pilot", "proxyv2")]


def prepare(lab: Lab, mesh: str, built: dict[str, pathlib.Path]) -> None:
    """What the nodes and the desk need of it. Requires: the lab's certificates and links."""
    (lab.run / "mesh").write_text(mesh)
    (lab.bin / "istioctl").symlink_to(built["istio"] / "bin" / "istioctl")
    pki.ensure_client(lab, READER, f"/CN={READER}")


def plugin(lab: Lab, node: Node, built: dict[str, pathlib.Path]) -> dict:
    """The plug-in's place in a node's list of CNI plug-ins."""
    home = lab.node(node)
    folder = home / "run" / "istio-cni"
    folder.mkdir()
    (folder / "istio-cni-kubeconfig").symlink_to(lab.kubeconfig(READER))
    link = home / "cni-bin" / "istio-cni"
    link.symlink_to(built["istio"] / "bin" / "istio-cni")
    return {"type": "istio-cni", "plugin_log_level": "info", "cni_agent_run_dir": str(folder),
            "exclude_namespaces": ["istio-system", "kube-system"]}


def install(lab: Lab, built: dict[str, pathlib.Path]) -> None:
    """istiod and its definitions, then the mesh's rule: STRICT. Requires: Ready nodes."""
    # "apply": the manifest names some objects twice.
    run(lab.kubectl("apply", "--server-side", "--filename", str(built["istio"] / "istio.yaml")))
    run(lab.kubectl("-n", "istio-system", "rollout", "status", "deployment/istiod", "--timeout=180s"))
    run(lab.kubectl("wait", "--for=condition=Established", "--timeout=60s",
                    "crd/peerauthentications.security.istio.io"))
    run(lab.kubectl("apply", "--filename", "-"), input=STRICT)
    run(lab.kubectl("-n", "ray", "patch", "resourcequota", "quota", "--type=merge", "--patch", QUOTA))


# Sidecars count: a quota that was enough needs two processors and a gigabyte more for each pod.
QUOTA = '{"spec": {"hard": {"limits.cpu": "28", "limits.memory": "24Gi"}}}'
STRICT = """\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
"""
