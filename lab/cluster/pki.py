"""The lab's certificates and the kubeconfigs made of them. Kept until the lab is purged."""
from __future__ import annotations

import base64
import json
import os
import pathlib

from . import site
from .site import NODES, Lab, run

# One identity per program, with the rights Kubernetes' own roles give it.
CLIENTS = {
    "admin": "/O=system:masters/CN=admin",
    "controller-manager": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
    "proxy": "/CN=system:kube-proxy",
    "cilium": "/CN=cilium",
    "apiserver-kubelet-client": "/O=system:masters/CN=kube-apiserver-kubelet-client",
}


def _key(folder: pathlib.Path, name: str) -> None:
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key"],
        cwd=folder)


def _certificate(folder: pathlib.Path, name: str, subject: str, alternatives: str = "") -> None:
    _key(folder, name)
    extensions = "extendedKeyUsage=clientAuth,serverAuth\n"
    if alternatives:
        extensions += f"subjectAltName={alternatives}\n"
    (folder / f"{name}.ext").write_text(extensions)
    run(["openssl", "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr"],
        cwd=folder)
    run(["openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
         "-CAcreateserial", "-days", "3650", "-extfile", f"{name}.ext", "-out", f"{name}.crt"],
        cwd=folder)
    for left in ("ext", "csr"):
        os.unlink(folder / f"{name}.{left}")


def write_kubeconfig(lab: Lab, identity: str, user: dict, namespace: str = "default") -> None:
    ca = base64.b64encode((lab.pki / "ca.crt").read_bytes()).decode()
    file = lab.kubeconfig(identity)
    file.touch(mode=0o600)
    file.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": {
            "server": site.SERVER, "certificate-authority-data": ca}}],
        "users": [{"name": identity, "user": user}],
        "contexts": [{"name": "lab", "context": {
            "cluster": "lab", "user": identity, "namespace": namespace}}],
    }, indent=1))


def _client(lab: Lab, identity: str, subject: str, alternatives: str = "") -> None:
    _certificate(lab.pki, identity, subject, alternatives)

    def read(kind: str) -> str:
        return base64.b64encode((lab.pki / f"{identity}.{kind}").read_bytes()).decode()

    write_kubeconfig(lab, identity, {
        "client-certificate-data": read("crt"), "client-key-data": read("key")})


def ensure_client(lab: Lab, identity: str, subject: str) -> None:
    """An identity that not every lab has: its certificate and its kubeconfig."""
    if not lab.kubeconfig(identity).exists():
        _client(lab, identity, subject)


def create(lab: Lab) -> None:
    """Idempotent: the last file written says that all of them are there."""
    folder = lab.pki
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _key(folder, "ca")
    run(["openssl", "req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=lab-ca",
         "-days", "3650", "-out", "ca.crt"], cwd=folder)
    run(["openssl", "genrsa", "-out", "sa.key", "2048"], cwd=folder)
    run(["openssl", "rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"], cwd=folder)
    names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc",
             "kubernetes.default.svc.cluster.local"]
    _certificate(folder, "apiserver", "/CN=kube-apiserver", ",".join(
        [f"DNS:{name}" for name in names]
        + ["IP:10.96.0.1", f"IP:{site.CONTROL_PLANE}", "IP:127.0.0.1"]))
    _certificate(folder, "registry", "/CN=registry", f"IP:{site.CONTROL_PLANE}")
    for identity, subject in CLIENTS.items():
        _client(lab, identity, subject)
    for node in NODES:
        _client(lab, node.name, f"/O=system:nodes/CN=system:node:{node.name}",
                f"DNS:{node.name},IP:{node.address}")
    (folder / "done").touch()
