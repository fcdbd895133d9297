"""The lab's processes: how they start, whether they live, and how all of them end.

Every process of a lab is in the lab's cgroup of the freezer hierarchy: daemons because they start
there, pods because the kubelet's cgroup root lies below. So "all of the lab's processes" is a
question the kernel answers, whatever was killed, forked or re-parented meanwhile; nothing is ever
ended by name. Written for cgroup v1, which is what we have to run on.
"""
from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import time

from .site import Lab, Problem

ROOT = pathlib.Path("/sys/fs/cgroup")
# A small environment: no proxy settings, no credentials of whoever starts the lab.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "LANG": "C.UTF-8"}


def hierarchies() -> list[pathlib.Path]:
    return [folder for folder in sorted(ROOT.iterdir()) if os.path.ismount(folder)]


def create_cgroups(lab: Lab, below: list[str]) -> None:
    """Makes the lab's cgroup and those below it in every hierarchy."""
    if not (ROOT / "freezer").is_dir():
        raise Problem("the lab needs cgroup v1 with the freezer hierarchy")
    for root in hierarchies():
        for name in ["", *below]:
            folder = root / lab.cgroup / name
            folder.mkdir(exist_ok=True)
            # A new cpuset is empty, and no process can join it before it has processors.
            for setting in ("cpuset.cpus", "cpuset.mems"):
                if (folder / setting).exists():
                    (folder / setting).write_text((folder.parent / setting).read_text())


def _born(pid: int) -> str | None:
    """When the process started, in the kernel's ticks: with the id, it names one process ever."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state == "Z" else rest[18]


def start(lab: Lab, name: str, argv: list[str], env: dict[str, str] | None = None) -> int:
    """Starts a daemon: its output in the logs, its identity in the lab's daemons."""
    group = ROOT / "freezer" / lab.cgroup / "daemons" / "cgroup.procs"

    def join() -> None:
        group.write_text(str(os.getpid()))

    with open(lab.logs / f"{name}.log", "ab") as log:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            env=ENVIRONMENT | (env or {}), start_new_session=True, preexec_fn=join)
    record = {"pid": process.pid, "born": _born(process.pid), "argv": argv, "env": env or {}}
    (lab.daemons / f"{name}.json").write_text(json.dumps(record))
    return process.pid


def daemons(lab: Lab) -> dict[str, bool]:
    """Every daemon that was started, and whether it still runs."""
    found = {}
    for file in sorted(lab.daemons.glob("*.json")):
        try:
            record = json.loads(file.read_text())
            found[file.stem] = record["born"] is not None and _born(record["pid"]) == record["born"]
        except (ValueError, KeyError):
            found[file.stem] = False  # half written: whoever wrote it died
    return found


def expect_alive(lab: Lab) -> None:
    dead = [name for name, alive in daemons(lab).items() if not alive]
    if dead:
        raise Problem(f"{', '.join(dead)} ended; see {lab.logs}")


def record(lab: Lab, name: str) -> dict:
    return json.loads((lab.daemons / f"{name}.json").read_text())


def restart(lab: Lab, name: str) -> None:
    """Kills a daemon, if it lives, and starts it with the same command line: a crash and its cure."""
    if name.startswith("keeper-") or name not in daemons(lab):
        known = [d for d in daemons(lab) if not d.startswith("keeper-")]
        raise Problem(f"no daemon {name!r} to restart; there are {', '.join(known)}")
    was = record(lab, name)
    if daemons(lab)[name]:
        os.kill(was["pid"], signal.SIGKILL)
        while not _gone(was["pid"]):
            time.sleep(0.02)
    start(lab, name, was["argv"], was["env"])


def _gone(pid: int) -> bool:
    """A process whose first thread is dead may still hold its ports: its other threads end later."""
    try:
        return _born(pid) is None and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except OSError:
        return True


def members(lab: Lab) -> set[int]:
    """All processes of the lab but our own ancestors (a command may be run from its desk)."""
    found: set[int] = set()
    top = ROOT / "freezer" / lab.cgroup
    for folder, _, _ in os.walk(top):
        try:
            found |= {int(line) for line in (pathlib.Path(folder) / "cgroup.procs").read_text().split()}
        except OSError:
            pass  # the group went away under us
    return found - _ancestors()


def _ancestors() -> set[int]:
    found, pid = set(), os.getpid()
    while pid > 1:
        found.add(pid)
        pid = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


def end_all(lab: Lab, patience: float = 20) -> None:
    """Ends every process of the lab: nothing of a lab's run is worth a graceful stop."""
    until = time.monotonic() + patience
    while pids := members(lab):
        if time.monotonic() > until:
            raise Problem(f"processes that do not end: {sorted(pids)}")
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        _thaw(ROOT / "freezer" / lab.cgroup)  # a frozen process does not die
        time.sleep(0.05)


def _thaw(top: pathlib.Path) -> None:
    for folder, _, _ in os.walk(top):
        try:
            (pathlib.Path(folder) / "freezer.state").write_text("THAWED")
        except OSError:
            pass


def remove_cgroups(lab: Lab, patience: float = 10) -> None:
    until = time.monotonic() + patience
    for root in hierarchies():
        top = root / lab.cgroup
        while top.exists():
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass  # busy for a moment after its last process
            if top.exists():
                if time.monotonic() > until:
                    raise Problem(f"cannot remove {top}")
                time.sleep(0.05)
