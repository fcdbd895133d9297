"""The parts a lab is started with: built or found by parts/build, linked into the lab's bin."""
from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from . import site
from .site import Lab, Problem


def cache() -> pathlib.Path:
    """The same folder that parts/build uses."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "raykeep/lab")


def ensure(*names: str) -> dict[str, pathlib.Path]:
    """Builds what is missing; its progress goes to standard error."""
    done = subprocess.run([str(site.HERE / "parts" / "build"), *names], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Problem("a part cannot be built")
    return {name: pathlib.Path(folder)
            for name, folder in (line.split(" ", 1) for line in done.stdout.splitlines())}


def link(lab: Lab, parts: dict[str, pathlib.Path]) -> None:
    """Links are made anew by every start: the cache may hold newer parts than the last run's."""
    lab.bin.mkdir(parents=True, exist_ok=True)
    for old in lab.bin.iterdir():
        old.unlink()
    for folder in (parts["kube"], parts["cilium"] / "bin"):
        for program in folder.iterdir():
            os.symlink(program, lab.bin / program.name)
    # The agent calls plainly named tools; only it gets to see these.
    compiler = lab.run / "compiler"
    compiler.mkdir()
    os.symlink(site.HERE / "cluster" / "clang", compiler / "clang")
    os.symlink(shutil.which("llc-19") or "/usr/bin/llc-19", compiler / "llc")
    os.symlink(parts["cilium"] / "lib", lab.bin / "cilium-lib")
    os.symlink(parts["cilium"] / "crds", lab.bin / "cilium-crds")
