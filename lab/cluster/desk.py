"""The tenant's workstation: a network namespace, and a mount namespace per command.

The command's /etc/resolv.conf names no server (an unresolvable name fails at once rather than after
packets to nowhere), and the folders that skopeo and docker read certificates from hold the lab's.
"""
from __future__ import annotations

import os

from . import processes, site
from .site import Lab, Problem

# The mounts are private to the command; the folders must exist for them.
ENTER = r"""
for folder in /etc/containers/certs.d /etc/docker/certs.d; do
  mkdir -p "$folder" && mount --bind "$RAYKEEP_LAB_CERTS" "$folder"
done
: >"$RAYKEEP_LAB_CERTS/../resolv.conf" && mount --bind "$RAYKEEP_LAB_CERTS/../resolv.conf" /etc/resolv.conf
exec "$@"
"""


def run_there(lab: Lab, identity: str, command: list[str]) -> None:
    """Becomes the command; never returns."""
    kubeconfig = lab.kubeconfig(identity)
    group = processes.ROOT / "freezer" / lab.cgroup / "desk" / "cgroup.procs"
    if not group.exists() or not kubeconfig.exists():
        raise Problem(f"lab {lab.name} is not up")
    group.write_text(str(os.getpid()))  # so that it ends with the lab
    os.environ.update({
        "KUBECONFIG": str(kubeconfig),
        "PATH": f"{lab.bin}:{os.environ.get('PATH', processes.ENVIRONMENT['PATH'])}",
        "RAYKEEP_LAB_REGISTRY": site.REGISTRY,
        "RAYKEEP_LAB_CA": f"{lab.pki}/ca.crt",
        "RAYKEEP_LAB_CERTS": f"{lab.state}/certs.d",
    })
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        os.environ.pop(name, None)
    argv = lab.inside("desk", "unshare", "--mount", "--propagation=slave", "bash", "-c", ENTER, "desk",
                      *command)
    os.execvp(argv[0], argv)
