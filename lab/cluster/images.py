"""Images: the parts' archives and the user's, into the nodes and into the registry."""
from __future__ import annotations

import json
import pathlib
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor

from . import site
from .site import NODES, Lab, Node, Problem, run, say


def _oci_contents(archive: pathlib.Path) -> set[tuple[str, str]] | None:
    """Names and digests in an archive that holds an OCI layout; None for docker's own format."""
    try:
        with tarfile.open(archive) as tar:
            first = tar.next()
            while first and first.name != "index.json":
                if first.name == "manifest.json" or first.name.endswith(".tar"):
                    return None
                first = tar.next()
            if not first:
                return None
            index = json.load(tar.extractfile(first))
    except (OSError, tarfile.TarError) as error:
        raise Problem(f"{archive} is no image archive: {error}") from None
    return {(m.get("annotations", {}).get("io.containerd.image.name", ""), m["digest"])
            for m in index["manifests"]}


def _ctr(lab: Lab, node: Node, *words: str) -> list[str]:
    return ["ctr", "-a", f"{lab.node(node)}/run/containerd.sock", "-n", "k8s.io", "images", *words]


def _load(lab: Lab, node: Node, archives: list[pathlib.Path]) -> None:
    listed = [line.split() for line in run(_ctr(lab, node, "list")).splitlines()[1:]]
    present = {(words[0], words[2]) for words in listed}
    for archive in archives:
        contents = _oci_contents(archive)
        if contents is None or not contents <= present:
            run(_ctr(lab, node, "import", str(archive)))


def load(lab: Lab, archives: list[pathlib.Path], nodes: tuple[Node, ...] = NODES) -> None:
    """Imports archives into the nodes' containerd, all nodes at once; skips what is there."""
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: _load(lab, node, archives), nodes))
    say(f"loaded {', '.join(a.name for a in archives)} in {time.monotonic() - began:.1f} s")


def push(lab: Lab, archive: pathlib.Path, reference: str) -> str:
    """Copies an archive into the lab's registry; answers the reference that a pod would name."""
    kind = "docker-archive" if _oci_contents(archive) is None else "oci-archive"
    target = f"{site.REGISTRY}/{reference.removeprefix(site.REGISTRY + '/')}"
    run(lab.inside("desk", "skopeo", "copy", "--quiet",
                   f"--dest-cert-dir={lab.state}/certs.d/{site.REGISTRY}",
                   f"{kind}:{archive}", f"docker://{target}"))
    return target


def trust_registry(lab: Lab) -> None:
    """The folder that containerd, skopeo and docker read a registry's certificates from."""
    folder = lab.state / "certs.d" / site.REGISTRY
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.crt").write_bytes((lab.pki / "ca.crt").read_bytes())
    (folder / "hosts.toml").write_text(
        # The first ca is for the server itself, which is asked when the host has no such image: without it
        # a missing image is told as an untrusted certificate.
        f'server = "https://{site.REGISTRY}"\nca = "{folder}/ca.crt"\n'
        f'[host."https://{site.REGISTRY}"]\n  ca = "{folder}/ca.crt"\n')
