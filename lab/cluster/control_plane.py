"""etcd, the API server, controller manager, scheduler and registry, in the namespace cp."""
from __future__ import annotations

import subprocess
import time

from . import processes, site
from .site import Lab, Problem

AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


def _program(lab: Lab, name: str, *argv: str) -> None:
    processes.start(lab, name, lab.inside("cp", *argv))


def start(lab: Lab) -> None:
    """etcd, the API server and the registry."""
    pki = lab.pki
    (lab.run / "audit.yaml").write_text(AUDIT_POLICY)
    # etcd lives on loopback of the namespace; its data lasts one run, so it need not sync.
    _program(lab, "etcd", "etcd", f"--data-dir={lab.state}/etcd", "--unsafe-no-fsync",
            "--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
            "--listen-peer-urls=http://127.0.0.1:2380")
    _program(lab, "apiserver", lab.program("kube-apiserver"),
            "--etcd-servers=http://127.0.0.1:2379", f"--advertise-address={site.CONTROL_PLANE}",
            "--bind-address=0.0.0.0", f"--service-cluster-ip-range={site.SERVICES}",
            f"--client-ca-file={pki}/ca.crt", f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
            f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
            # Nodes are known by address: nobody resolves their names.
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-key-file={pki}/sa.pub", f"--service-account-signing-key-file={pki}/sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true", "--profiling=false",
            f"--audit-policy-file={lab.run}/audit.yaml", f"--audit-log-path={lab.audit}",
            "--audit-log-maxsize=2000")
    _registry(lab)


def start_controllers(lab: Lab) -> None:
    """Requires: the API server is ready. They give up on one that is not within ten seconds."""
    pki = lab.pki
    _program(lab, "controller-manager", lab.program("kube-controller-manager"),
            f"--kubeconfig={lab.kubeconfig('controller-manager')}", "--leader-elect=false",
            "--use-service-account-credentials", f"--root-ca-file={pki}/ca.crt",
            f"--service-account-private-key-file={pki}/sa.key",
            f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key",
            # Nodes are given their pod ranges by the lab: their routes must be known beforehand.
            "--allocate-node-cidrs=false")
    _program(lab, "scheduler", lab.program("kube-scheduler"),
            f"--kubeconfig={lab.kubeconfig('scheduler')}", "--leader-elect=false")


def _registry(lab: Lab) -> None:
    (lab.run / "registry.yaml").write_text(f"""\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {lab.state}/registry}}, delete: {{enabled: true}}}}
http:
  addr: {site.REGISTRY}
  tls: {{certificate: {lab.pki}/registry.crt, key: {lab.pki}/registry.key}}
""")
    processes.start(lab, "registry", lab.inside("cp", "docker-registry", "serve", f"{lab.run}/registry.yaml"))


def ready(lab: Lab, path: str = "/readyz") -> bool:
    return subprocess.run(lab.kubectl("get", "--raw", path, "--request-timeout=3s"),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def wait_ready(lab: Lab, patience: float = 120) -> None:
    until = time.monotonic() + patience
    while not ready(lab):
        if time.monotonic() > until:
            raise Problem(f"the API server does not become ready; see {lab.logs}/apiserver.log")
        processes.expect_alive(lab)
        time.sleep(0.2)
