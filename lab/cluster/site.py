"""Where a lab keeps its files, what it is called everywhere, and its addresses.

The same addresses serve every lab: each has network namespaces of its own, and no packet leaves
them. Everything that is visible outside (namespaces, cgroups, the state folder) carries its name.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent

CONTROL_PLANE = "10.240.0.1"  # also gateway and registry
DESK = "10.240.0.100"
HOSTS = "10.240.0.0/24"
PODS = "10.244.0.0/16"
SERVICES = "10.96.0.0/16"
DNS = "10.96.0.10"
REGISTRY = f"{CONTROL_PLANE}:5000"
SERVER = f"https://{CONTROL_PLANE}:6443"


class Problem(Exception):
    """Said to the user in one line; the lab is left as it is."""


@dataclasses.dataclass(frozen=True)
class Node:
    name: str
    address: str
    pods: str


NODES = (
    Node("n1", "10.240.0.11", "10.244.1.0/24"),
    Node("n2", "10.240.0.12", "10.244.2.0/24"),
)


@dataclasses.dataclass(frozen=True)
class Lab:
    name: str
    state: pathlib.Path

    def netns(self, role: str) -> str:
        """role: cp, n1, n2 or desk."""
        return f"rk-{self.name}-{role}"

    @property
    def cgroup(self) -> str:
        """Below the root of every cgroup hierarchy; all processes of the lab are in it."""
        return f"rk-{self.name}"

    @property
    def pki(self) -> pathlib.Path:
        return self.state / "pki"

    @property
    def logs(self) -> pathlib.Path:
        return self.state / "log"

    @property
    def run(self) -> pathlib.Path:
        """Process ids and whatever else is true only until the lab goes down."""
        return self.state / "run"

    @property
    def daemons(self) -> pathlib.Path:
        """One file for each daemon that was started: what it is, and how to start it again."""
        return self.run / "daemons"

    @property
    def audit(self) -> pathlib.Path:
        return self.logs / "audit.log"

    @property
    def bin(self) -> pathlib.Path:
        """Links to the parts this lab was started with."""
        return self.state / "bin"

    def node(self, node: Node) -> pathlib.Path:
        return self.state / node.name

    def kubeconfig(self, identity: str) -> pathlib.Path:
        return self.pki / f"{identity}.kubeconfig"

    def program(self, name: str) -> str:
        return str(self.bin / name)

    def inside(self, role: str, *words: str) -> list[str]:
        # Not "ip netns exec": that mounts a new /sys and hides the cgroups.
        return ["nsenter", f"--net=/run/netns/{self.netns(role)}", *words]

    def kubectl(self, *words: str) -> list[str]:
        """The administrator's kubectl."""
        return self.inside("cp", self.program("kubectl"),
                           f"--kubeconfig={self.kubeconfig('admin')}", *words)

    @contextlib.contextmanager
    def locked(self):
        """One command at a time changes a lab; the lock ends with the process, however it ends."""
        self.state.parent.mkdir(parents=True, exist_ok=True)
        with open(self.state.parent / f".{self.name}.lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"waiting for another command on lab {self.name}")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


def lab(name: str) -> Lab:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?", name):
        raise Problem(f"{name!r} is no name for a lab: up to 20 of a-z, 0-9 and -")
    root = pathlib.Path(os.environ.get("RAYKEEP_LAB_STATE", "/var/lib/raykeep-lab"))
    return Lab(name, root / name)


def arguments(doc: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="default", help="which lab (default: default)")
    return parser


def run(argv: list[str], **options) -> str:
    """Runs a program and answers what it printed; its failure is a Problem that shows its errors."""
    done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise Problem(f"{' '.join(argv[:9])}: exit {done.returncode}: {said}")
    return done.stdout


def say(text: str) -> None:
    print(f"lab: {text}", file=sys.stderr, flush=True)


def main(command) -> None:
    """Runs a command's function; turns a Problem into one line and exit code 1."""
    try:
        sys.exit(command())
    except Problem as problem:
        sys.exit(f"lab: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
